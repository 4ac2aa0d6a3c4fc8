import { describe, expect, it } from 'vitest';
import type { Edge } from '../../src/model/edge.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { countClasses } from '../../src/report/check/classify.ts';
import { judgeEdges } from '../../src/report/check/judge.ts';
import { DENIED, edge, pod, seen, verdict } from './build.ts';

const client = pod('shop/frontend');
const server = pod('shop/cart');
const ALLOWED = verdict();
const UNCERTAIN = verdict({}, { decision: 'uncertain', missing: ['labels of the client'] });
const classify = (observed: Edge, answer: Verdict) => judgeEdges([observed], () => answer);
const classesOf = (observed: Edge, answer: Verdict) => classify(observed, answer).map((entry) => entry.class);

describe('classes of observed edges', () => {
  it.each([
    ['passed and allowed', edge(client, server), ALLOWED, ['permitted']],
    ['passed though denied by policy', edge(client, server), DENIED, ['escaped']],
    ['denied and denied by policy', edge(client, server, { denied: seen(2) }), DENIED, ['rejected']],
    ['denied though allowed by policy', edge(client, server, { denied: seen(2) }), ALLOWED, ['misdropped']],
    ['not decidable', edge(client, server), UNCERTAIN, ['uncertain']],
  ])('%s', (_, observed, answer, expected) => {
    expect(classesOf(observed, answer)).toEqual(expected);
  });

  it('gives one entry for what passed and one for what was denied, each with its own counts', () => {
    const both = edge(client, server, { passed: seen(7), denied: seen(3) });
    const entries = classify(both, DENIED);
    expect(entries.map((entry) => [entry.class, entry.observation.flows])).toEqual([
      ['escaped', 7],
      ['rejected', 3],
    ]);
  });

  it('takes no lost or unknown outcome as evidence about policies', () => {
    expect(classify(edge(client, server, { unclear: seen(9) }), DENIED)).toEqual([]);
  });

  it('does not judge an edge of which nobody knows who opened it', () => {
    const [entry] = classify(edge(client, server, { oriented: false }), DENIED);
    expect(entry).toMatchObject({ class: 'uncertain', note: 'who opened it is not known' });
  });

  it('does not call a denial by content misdropped, because port policies do not decide content', () => {
    const above = edge(client, server, { denied: seen(2, { reasons: ['l7_deny'] }) });
    expect(classesOf(above, ALLOWED)).toEqual(['uncertain']);
    expect(classesOf(above, DENIED)).toEqual(['rejected']);
    const mixed = edge(client, server, { denied: seen(2, { reasons: ['default_deny', 'l7_deny'] }) });
    expect(classesOf(mixed, ALLOWED)).toEqual(['misdropped']);
  });

  it('counts every class, also those that do not occur', () => {
    expect(countClasses(classify(edge(client, server), DENIED))).toEqual({
      permitted: 0,
      escaped: 1,
      rejected: 0,
      misdropped: 0,
      uncertain: 0,
    });
  });
});
