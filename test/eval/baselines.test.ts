import { describe, expect, it } from 'vitest';
import type { Edge } from '../../src/model/edge.ts';
import { labelSet } from '../../src/model/labels.ts';
import { perWorkload, rememberEverything, seenTuples, twoReplicasTwoDays } from '../bench/eval/baselines.ts';

const end = (workload: string) => ({
  ...{ cluster: 'c', kind: 'pod' as const, namespace: 's', workload, workloadKind: 'Deployment' },
  ...{ labels: labelSet(new Map()), peer: '', address: '' },
});

function edge(client: string, days: readonly number[], clientPods: readonly string[], oriented = true): Edge {
  const seen = {
    flows: 1,
    connections: 1,
    firstSeen: 0,
    lastSeen: 0,
    serverPods: ['p'],
    reasons: [],
    sourcePolicies: [],
  };
  const activity = days.map((day) => ({ day, hours: 0b11 }));
  return {
    ...{ client: end(client), server: end('db'), protocol: 6, port: 5432, serverNames: [], oriented },
    passed: { ...seen, activity, clientPods, clientAddresses: [], serverAddresses: [] },
  };
}

describe('simple rules', () => {
  const seen = seenTuples([
    edge('web', [1], ['web-1']),
    edge('web', [2], ['web-2']),
    edge('job', [1, 2], ['job-1']),
    edge('burst', [1], ['burst-1', 'burst-2']),
    edge('reply', [1, 2], ['a', 'b'], false),
  ]);

  it('add up what was seen of a tuple', () => {
    expect(seen.get('s/web s/db TCP/5432')).toEqual({
      ...{ days: new Set([1, 2]), hours: new Set([24, 25, 48, 49]), clients: new Set(['web-1', 'web-2']) },
    });
  });

  it('remember everything whose initiator is known', () => {
    expect([...rememberEverything(seen)].map((text) => text.split(' ')[0])).toEqual(['s/web', 's/job', 's/burst']);
  });

  it('want two replicas and two days', () => {
    expect([...twoReplicasTwoDays(seen)]).toEqual(['s/web s/db TCP/5432']);
  });

  it('grant to all workloads with the same labels when they go by those', () => {
    const twins = (reference: string) => (reference === 's/web' ? ['s/web', 's/twin'] : [reference]);
    expect(perWorkload(seen, twins)).toContain('s/twin s/db TCP/5432');
  });
});
