import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { graphFromTruth, isTruth } from '../../src/simulate/graph-from-truth.ts';
import { readGraph } from '../../src/simulate/read-graph.ts';
import { runGraph } from './build.ts';

const truth = {
  name: 'tiny',
  workloads: [
    { namespace: 'a', name: 'web', kind: 'Deployment', labels: { app: 'web' }, replicas: 1, ports: [] },
    {
      namespace: 'a',
      name: 'db',
      kind: 'StatefulSet',
      labels: { app: 'db' },
      replicas: 1,
      ports: [{ port: 5432, protocol: 'TCP', name: null }],
    },
  ],
  services: [
    {
      namespace: 'a',
      name: 'db',
      type: 'ClusterIP',
      selector: { app: 'db' },
      ports: [{ port: 5432, targetPort: 5432, protocol: 'TCP' }],
    },
  ],
  serviceGraph: [['a/web', 'a/db', 'TCP/5432']],
};

describe('reading a graph', () => {
  it('lists every problem with its place', () => {
    const { problems } = readGraph({
      version: 1,
      name: 'X',
      workloads: [{ namespace: 'a', name: 'b', kind: 'Foo' }],
      calls: [{ from: 'b', to: 'a/b' }],
    });
    expect(problems.map((problem) => problem.split(':')[0])).toEqual(['name', 'workloads[0].kind', 'calls[0].from']);
  });

  it('finds references to nothing, doubles, and what is missing', () => {
    const web = { namespace: 'a', name: 'web' };
    const { problems } = readGraph({
      version: 1,
      name: 'x',
      workloads: [web, web, { namespace: 'a', name: 'job', kind: 'CronJob' }],
      calls: [
        { from: 'a/web', to: 'a/nobody', port: 1 },
        { from: 'a/web', to: 'entity:world' },
      ],
      attacks: [{ kind: 'lateral', from: 'a/web', day: 1, targets: ['a/none:1'] }],
      drifts: [{ kind: 'removed-call', from: 'a/web', to: 'a/job', day: 1 }],
    });
    expect(problems).toEqual([
      'workloads: "a/web" occurs twice',
      'calls[0].to: "a/nobody" is described nowhere in the graph',
      'calls[1].port: is missing',
      'workloads[2].schedule: a CronJob needs one',
      'attacks[0]: "a/none" is described nowhere in the graph',
      'drifts[0]: no call from a/web to a/job',
    ]);
  });
});

it('the example of the documentation is a valid graph', () => {
  const page = readFileSync(new URL('../../docs/graph-format.md', import.meta.url), 'utf8');
  const example = /```json\n(.*?)```/s.exec(page)?.[1] ?? '';
  expect(readGraph(JSON.parse(example)).problems).toEqual([]);
});

describe('a graph from ground truth', () => {
  it('needs exactly the tuples of the service graph', () => {
    expect(isTruth(truth)).toBe(true);
    const { graph } = readGraph(graphFromTruth(truth).graph);
    const calls = graph && runGraph({ ...graph, days: 1 }).tuples.filter((tuple) => tuple.kind === 'call');
    expect(calls).toMatchObject([{ client: 'a/web', server: 'a/db', protocol: 'TCP', port: 5432, hours: 24 }]);
  });

  it('copies the application into environments and mixes profiles', () => {
    const { graph } = graphFromTruth(truth, { environments: ['prod', 'stage'], mix: [0, 0, 100] });
    expect(graph?.workloads.map((workload) => `${workload.namespace} ${workload.labels?.env}`)).toEqual([
      'a-prod prod',
      'a-prod prod',
      'a-stage stage',
      'a-stage stage',
    ]);
    expect(graph?.calls?.map((call) => `${call.from} ${call.profile}`)).toEqual([
      'a-prod/web weekly',
      'a-stage/web weekly',
    ]);
  });

  it('refuses a document without calls', () => {
    expect(graphFromTruth({ ...truth, serviceGraph: [] }).problems).toHaveLength(1);
  });
});
