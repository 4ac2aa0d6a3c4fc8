import { describe, expect, it } from 'vitest';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { assignLabels } from '../../src/report/assign-labels.ts';
import { edge, pod } from './build.ts';

const EMPTY = { workloads: [], namespaces: new Map() };
const assign = (id: string) => new Map([[id, new Map([['log', 'service']])]]);

describe('labels that workloads do not carry yet', () => {
  it('are added to the ends they are meant for, beside the labels these have', () => {
    const edges = [edge(pod('shop/web'), pod('shop/log'))];
    const { edges: labelled, applied } = assignLabels(edges, EMPTY, assign('shop/Deployment/log'));
    expect(Object.fromEntries(labelled[0]?.server.labels.labels ?? [])).toEqual({ app: 'log', log: 'service' });
    expect(labelled[0]?.client).toBe(edges[0]?.client);
    expect(applied).toEqual(['shop/Deployment/log']);
  });

  it('leave unknown labels unknown: adding to them would claim to know the rest', () => {
    const server = { ...pod('shop/log'), labels: UNKNOWN_LABELS };
    const { edges } = assignLabels([edge(pod('shop/web'), server)], EMPTY, assign('shop/Deployment/log'));
    expect(edges[0]?.server.labels).toBe(UNKNOWN_LABELS);
  });

  it('name the workloads that nobody has seen', () => {
    expect(assignLabels([], EMPTY, assign('shop/Job/gone'))).toMatchObject({ applied: [], unknown: ['shop/Job/gone'] });
  });

  it('keep equal ends one object, as the reader of edges promises', () => {
    const log = pod('shop/log');
    const { edges } = assignLabels([edge(pod('a/b'), log), edge(log, log)], EMPTY, assign('shop/Deployment/log'));
    expect(edges[0]?.server).toBe(edges[1]?.server);
    expect(edges[0]?.server).toBe(edges[1]?.client);
  });
});
