import { describe, expect, it } from 'vitest';
import { reach, type Step, trafficGraph } from '../../src/graph/traffic-graph.ts';
import type { Edge, EdgeEndpoint, Observation } from '../../src/model/edge.ts';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';

const observation: Observation = {
  flows: 1,
  connections: 1,
  firstSeen: 0,
  lastSeen: 0,
  activity: [],
  clientPods: [],
  serverPods: [],
  clientAddresses: [],
  serverAddresses: [],
  reasons: [],
  sourcePolicies: [],
};

function end(name: string): EdgeEndpoint {
  const base = {
    cluster: 'c',
    namespace: '',
    workload: '',
    workloadKind: '',
    labels: UNKNOWN_LABELS,
    peer: '',
    address: '',
  };
  if (name === 'world') return { ...base, kind: 'external', address: '203.0.113.7' };
  return { ...base, kind: 'pod', namespace: 'shop', workload: name, workloadKind: 'Deployment' };
}

/** `web>cart` passed; `web!cart` was denied; `web?cart` passed, but nobody knows who opened it. */
function edge(text: string): Edge {
  const [, client = '', how, server = ''] = /^(\w+)([>!?])(\w+)$/.exec(text) ?? [];
  const ends = { client: end(client), server: end(server), protocol: 6, port: 80, serverNames: [] };
  return { ...ends, oriented: how !== '?', ...(how === '!' ? { denied: observation } : { passed: observation }) };
}

function reached(edges: readonly string[], from: string, more: { hops?: number; towards?: 'clients' } = {}): string[] {
  const steps = reach(trafficGraph(edges.map(edge)), ({ workload }) => workload === from, {
    towards: more.towards ?? 'servers',
    hops: more.hops ?? 9,
    passesOn: ({ kind }) => kind === 'pod',
  });
  return steps.map(({ hops, end: { workload, address } }: Step) => `${hops} ${workload || address}`);
}

describe('reach', () => {
  it('follows what passed, hop by hop, and names each endpoint at its shortest distance', () => {
    expect(reached(['web>cart', 'cart>redis', 'web>redis', 'redis>disk'], 'web')).toEqual([
      '1 cart',
      '1 redis',
      '2 disk',
    ]);
  });

  it('follows neither denied connections nor those of unknown direction', () => {
    expect(reached(['web!cart', 'web?redis', 'web>logs'], 'web')).toEqual(['1 logs']);
  });

  it('ends in loops, at the given number of hops, and outside the cluster', () => {
    expect(reached(['a>b', 'b>a'], 'a')).toEqual(['1 b']);
    expect(reached(['a>b', 'b>c', 'c>d'], 'a', { hops: 2 })).toEqual(['1 b', '2 c']);
    expect(reached(['a>world', 'world>b'], 'a')).toEqual(['1 203.0.113.7']);
  });

  it('goes backwards to who can reach the endpoint', () => {
    expect(reached(['web>cart', 'cart>redis', 'admin>redis'], 'redis', { towards: 'clients' })).toEqual([
      '1 admin',
      '1 cart',
      '2 web',
    ]);
  });
});
