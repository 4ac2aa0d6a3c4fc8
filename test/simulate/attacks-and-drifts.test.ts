import { describe, expect, it } from 'vitest';
import type { GraphInput } from '../../src/simulate/graph.ts';
import { graphOf, runGraph } from './build.ts';

const many = Array.from({ length: 12 }, (_, at) => ({
  namespace: 'shop',
  name: `server-${at}`,
  labels: { app: `server-${at}` },
  ports: [{ port: 9000 + at }],
}));
const workloads: GraphInput['workloads'] = [
  { namespace: 'shop', name: 'web', labels: { app: 'web' }, replicas: 3, ports: [{ port: 80 }] },
  { namespace: 'shop', name: 'cart', labels: { app: 'cart' }, replicas: 2, ports: [{ port: 8080 }] },
  ...many,
];
const attacked = (attack: NonNullable<GraphInput['attacks']>[number]) =>
  runGraph(graphOf({ days: 7, workloads, attacks: [attack] })).tuples.filter((tuple) => tuple.kind === 'attack');
const day = (iso: string | null) => Math.floor((Date.parse(iso ?? '') - Date.parse('2026-01-05T00:00:00Z')) / 864e5);

describe('attacks', () => {
  it('scans everything from one replica within six hours', () => {
    const tuples = attacked({ kind: 'scan', from: 'shop/web', day: 2, closedPorts: [22] });
    expect(tuples.length).toBe(13 + 13);
    expect(tuples.every((tuple) => tuple.connections === 1 && tuple.clients === 1)).toBe(true);
    const times = tuples.map((tuple) => Date.parse(tuple.firstSeen ?? ''));
    expect(Math.max(...times) - Math.min(...times)).toBeLessThan(6 * 36e5);
    expect(tuples.filter((tuple) => tuple.outcome === 'refused').length).toBe(13);
    expect(tuples.filter((tuple) => tuple.needed).map((tuple) => tuple.server)).toEqual(['shop/cart']);
  });

  it('scans slowly, one target an hour', () => {
    const tuples = attacked({ kind: 'slow-scan', from: 'shop/web', day: 1 });
    const hours = tuples.map((tuple) => Math.floor(Date.parse(tuple.firstSeen ?? '') / 36e5)).sort((a, b) => a - b);
    expect(new Set(hours).size).toBeGreaterThanOrEqual(tuples.length - 1);
    expect((hours.at(-1) ?? 0) - (hours[0] ?? 0)).toBe(tuples.length - 1);
  });

  it('moves laterally to five strange targets on three days, in bursts, from one replica or two', () => {
    for (const replicas of [1, 2]) {
      const tuples = attacked({ kind: 'lateral', from: 'shop/web', replicas, day: 1, connections: 200 });
      expect(tuples.length).toBe(5);
      expect(tuples.every((tuple) => !tuple.needed && tuple.days === 3 && tuple.connections === 600)).toBe(true);
      expect(tuples.every((tuple) => tuple.clients === replicas && tuple.hours <= 6)).toBe(true);
    }
  });

  it('brings a new service with copied labels', () => {
    const tuples = attacked({ kind: 'poisoned-service', name: 'helper', copies: 'shop/web', day: 3 });
    expect(tuples.length).toBe(5);
    expect(tuples.every((tuple) => tuple.client === 'shop/helper' && day(tuple.firstSeen) >= 3)).toBe(true);
  });
});

describe('drifts', () => {
  const drifted = (drifts: GraphInput['drifts']) => runGraph(graphOf({ days: 7, workloads, drifts }));

  it('lets a service begin and a call end', () => {
    const [begun] = drifted([{ kind: 'new-service', workload: 'shop/cart', day: 4 }]).tuples;
    expect(day(begun?.firstSeen ?? null)).toBe(4);
    const [ended] = drifted([{ kind: 'removed-call', from: 'shop/web', to: 'shop/cart', day: 4 }]).tuples;
    expect(day(ended?.lastSeen ?? null)).toBe(3);
  });

  it('adds a canary with the calls of its original and one more', () => {
    const call = { to: 'shop/server-0', port: 9000 };
    const { tuples } = drifted([{ kind: 'canary', workload: 'shop/web', day: 4, labels: { version: 'v2' }, call }]);
    const servers = tuples.filter((tuple) => tuple.client === 'shop/web-canary').map((tuple) => tuple.server);
    expect(servers).toEqual(['shop/cart', 'shop/server-0']);
  });

  it('renames a label from a day on', () => {
    const { lines } = drifted([{ kind: 'renamed-label', workload: 'shop/web', day: 4, labels: { app: 'webs' } }]);
    const first = lines.find((line) => line.flow?.source.labels?.includes('k8s:app=webs'));
    const last = lines.filter((line) => line.flow?.source.labels?.includes('k8s:app=web')).at(-1);
    expect(day(first?.time ?? null)).toBe(4);
    expect(Date.parse(last?.time ?? '') - Date.parse(first?.time ?? '')).toBeLessThan(5 * 60_000);
  });
});
