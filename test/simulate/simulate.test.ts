import { describe, expect, it } from 'vitest';
import { readGraph } from '../../src/simulate/read-graph.ts';
import { SHOP_GRAPH } from '../../src/simulate/shop-graph.ts';
import { graphOf, podsOf, QUIET, runGraph } from './build.ts';

const shop = (() => {
  const { graph, problems } = readGraph(SHOP_GRAPH);
  if (!graph) throw new Error(problems.join('\n'));
  return { ...graph, days: 1 };
})();

describe('a simulation', () => {
  it('gives the same bytes for the same graph and seed, others for another seed', () => {
    const first = runGraph(shop, { flows: 12_000 }).text;
    expect(runGraph(shop, { flows: 12_000 }).text).toBe(first);
    expect(runGraph({ ...shop, seed: 2 }, { flows: 12_000 }).text).not.toBe(first);
  });

  it('writes records in order of time, each of them whole JSON, and counts them', () => {
    const { lines, records } = runGraph(shop);
    expect(lines.length).toBe(records);
    for (let at = 1; at < lines.length; at++) {
      expect((lines[at]?.time ?? '') >= (lines[at - 1]?.time ?? '')).toBe(true);
    }
  });

  it('gives about as many records as asked for, and not fewer', () => {
    for (const flows of [30_000, 60_000]) {
      const { records } = runGraph(shop, { flows, compact: true });
      expect(records).toBeGreaterThanOrEqual(flows);
      expect(records).toBeLessThan(flows * 1.05);
    }
  });

  it('makes a rare call once a week on average, in some weeks never', () => {
    const clients = Array.from({ length: 60 }, (_, at) => ({ namespace: 'shop', name: `client-${at}` }));
    const base = graphOf();
    const graph = graphOf({
      days: 7,
      workloads: [...base.workloads, ...clients],
      calls: clients.map(({ name }) => ({ from: `shop/${name}`, to: 'shop/cart', port: 8080, profile: 'rare' })),
    });
    const { tuples } = runGraph(graph);
    const connections = tuples.map((tuple) => tuple.connections);
    const total = connections.reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThan(40);
    expect(total).toBeLessThan(85);
    expect(connections.filter((count) => count === 0).length).toBeGreaterThan(10);
    expect(connections.some((count) => count > 1)).toBe(true);
  });

  it('leaves all other traffic as it is when a call is added', () => {
    const before = runGraph(graphOf());
    const call = { from: 'shop/cart', to: 'shop/web', port: 80, rate: 4 };
    const after = runGraph(graphOf({ calls: [{ from: 'shop/web', to: 'shop/cart', port: 8080, rate: 4 }, call] }));
    const ports = (outcome: typeof before) =>
      outcome.lines.flatMap((line) =>
        line.flow?.l4.TCP?.destination_port === 8080 ? [line.flow.l4.TCP.source_port] : [],
      );
    expect(ports(after)).toEqual(ports(before));
  });

  it('uses every replica of a busy client and of its server', () => {
    const { lines, tuples } = runGraph(graphOf());
    const openings = lines.filter((line) => line.flow?.l4.TCP?.destination_port === 8080);
    expect(podsOf(openings, 'source').size).toBe(3);
    expect(podsOf(openings, 'destination').size).toBe(2);
    expect(tuples).toMatchObject([{ kind: 'call', needed: true, clients: 3, servers: 2, days: 2, hours: 48 }]);
  });

  it('reports an opening at both vantage points with pod ports and the Service', () => {
    const { lines } = runGraph(graphOf());
    const verdicts = lines.filter((line) => line.flow?.event_type.type === 5);
    const egress = verdicts.filter((line) => line.flow?.traffic_direction === 'EGRESS');
    expect(egress.length).toBe(verdicts.length / 2);
    expect(egress.every((line) => line.flow?.destination_service?.name === 'carts')).toBe(true);
    expect(verdicts.every((line) => line.flow?.l4.TCP?.destination_port === 8080)).toBe(true);
    const observedAt = new Set(verdicts.map((line) => `${line.flow?.traffic_direction} ${line.node_name}`));
    expect(observedAt.size).toBeGreaterThan(2);
  });

  it('writes replies in packet order', () => {
    const replies = runGraph(graphOf()).lines.filter((line) => line.flow?.is_reply === true);
    expect(replies.length).toBeGreaterThan(50);
    expect(replies.every((line) => line.flow?.l4.TCP?.source_port === 8080)).toBe(true);
  });

  it('keeps to one vantage point when told so', () => {
    const { lines } = runGraph(graphOf({ noise: { ...QUIET, vantages: 'source' } }));
    expect(new Set(lines.map((line) => line.flow?.traffic_direction))).toEqual(new Set(['EGRESS']));
  });

  it('loses what a blind node reports on its day', () => {
    const { lines } = runGraph(graphOf({ nodes: 1, noise: { ...QUIET, blind: [{ node: 0, day: 0 }] } }));
    expect(lines[0]?.time.slice(0, 10)).toBe('2026-01-06');
  });

  it('writes every denial as a verdict and as a drop, at the end that denies', () => {
    const call = { from: 'shop/web', to: 'shop/cart', port: 8080, outcome: 'denied-ingress' as const };
    const { lines, tuples } = runGraph(graphOf({ calls: [call] }));
    const dropped = lines.filter((line) => line.flow?.verdict === 'DROPPED');
    expect(new Set(dropped.map((line) => line.flow?.event_type.type))).toEqual(new Set([1, 5]));
    expect(dropped.every((line) => line.flow?.traffic_direction === 'INGRESS')).toBe(true);
    expect(dropped.every((line) => line.flow?.drop_reason_desc === 'POLICY_DENIED')).toBe(true);
    expect(lines.some((line) => line.flow?.verdict === 'FORWARDED' && line.flow.traffic_direction === 'EGRESS')).toBe(
      true,
    );
    expect(tuples[0]).toMatchObject({ needed: false, outcome: 'denied-ingress' });
  });

  it('lists calls that happened and calls that did not in the ground truth', () => {
    const { tuples } = runGraph(shop);
    const calls = tuples.filter((tuple) => tuple.kind === 'call');
    expect(calls.length).toBe(shop.calls.length);
    expect(calls.filter((tuple) => tuple.cause === 'busy').every((tuple) => tuple.connections >= 24)).toBe(true);
    expect(tuples.some((tuple) => tuple.kind === 'dns' && tuple.client === 'shop/web' && tuple.needed)).toBe(true);
  });
});
