import { describe, expect, it } from 'vitest';
import { groundTruthDocument } from '../../src/simulate/ground-truth-document.ts';
import { simulate } from '../../src/simulate/simulate.ts';
import { makeProtocol } from '../bench/eval/protocol.ts';
import { answersOf } from '../bench/eval/tuples.ts';

const names = ['web', 'cart', 'orders', 'pay', 'mail', 'stock', 'price', 'user', 'log', 'cache', 'queue', 'db'];
const truth = {
  name: 'Shop',
  workloads: names.map((name, at) => ({
    ...{ namespace: 'shop', name, kind: 'Deployment', labels: { app: name }, replicas: 1 },
    ports: [{ port: 8000 + at, protocol: 'TCP', name: null }],
  })),
  services: [],
  serviceGraph: names.slice(1).map((name, at) => [`shop/${names[at]}`, `shop/${name}`, `TCP/${8001 + at}`]),
};

describe('the protocol', () => {
  const protocol = makeProtocol(truth, { seed: 3, days: 14 });
  const { graph } = protocol;

  it('is the same for the same seed and another one for the next', () => {
    expect(makeProtocol(truth, { seed: 3, days: 14 })).toEqual(protocol);
    expect(makeProtocol(truth, { seed: 4, days: 14 }).graph).not.toEqual(graph);
  });

  it('gives every attack an attacker of its own, of which no other is a copy', () => {
    const attackers = graph.attacks.map((attack) => (attack.kind === 'poisoned-service' ? attack.copies : attack.from));
    const templates = attackers.map((reference) => reference.split('/')[1]);
    expect(attackers).toHaveLength(9);
    expect(new Set(templates).size).toBe(9);
  });

  it('aims lateral attacks at ports that exist and that the attacker never calls', () => {
    const calls = new Set(graph.calls.map(({ from, to, port }) => `${from} ${to}:${port}`));
    for (const attack of graph.attacks) {
      if (attack.kind !== 'lateral') continue;
      expect(attack.targets).toHaveLength(5);
      for (const target of attack.targets as readonly string[]) {
        expect(calls.has(`${attack.from} ${target}`)).toBe(false);
        expect(protocol.late.has(target.split(':')[0] ?? '')).toBe(false);
      }
    }
  });

  it('keeps attacks inside the half that is learned from, and drifts inside the other', () => {
    const length = (attack: (typeof graph.attacks)[number]) => ('days' in attack ? attack.days : 1);
    for (const attack of graph.attacks) expect(attack.day + length(attack)).toBeLessThanOrEqual(7.01);
    expect(graph.drifts.map(({ kind }) => kind)).toEqual(['new-service', 'removed-call', 'canary', 'renamed-label']);
    for (const drift of graph.drifts) expect(drift.day).toBeGreaterThan(7);
  });

  it('has single pods where an attack needs the only one, and several where it needs one of several', () => {
    const replicas = new Map(
      graph.workloads.map(({ namespace, name, replicas: count }) => [`${namespace}/${name}`, count]),
    );
    for (const attack of graph.attacks) {
      const count = replicas.get(attack.kind === 'poisoned-service' ? attack.copies : attack.from) ?? 0;
      if (attack.id?.endsWith('-single')) expect(count).toBe(1);
      else expect(count).toBeGreaterThan(1);
    }
  });
});

describe('the answers', () => {
  const { graph, late } = makeProtocol(truth, { seed: 3, days: 14, environments: 1 });
  const simulation = simulate(graph, { compact: true });
  let records = 0;
  for (const piece of simulation.pieces) records += piece.records;
  const answers = answersOf(groundTruthDocument(simulation.world, simulation.tuples(), records), graph, late);

  it('count as needed what the application needs before anything drifts, as far as it can be granted', () => {
    const calls = [...answers.needed].filter((tuple) => tuple.includes('shop/') && !tuple.includes('UDP/53'));
    const [fresh] = [...late].filter((reference) => !reference.endsWith('-canary'));
    const expected = truth.serviceGraph.filter(([client, server]) => client !== fresh && server !== fresh).length;
    expect(calls.filter((tuple) => !tuple.includes('/job-'))).toHaveLength(expected);
    for (const tuple of answers.needed) expect(answers.grantable.has(tuple)).toBe(true);
  });

  it('never count as an attack what is needed', () => {
    expect([...answers.attacks.keys()].length).toBeGreaterThan(5);
    for (const tuples of answers.attacks.values())
      for (const tuple of tuples) expect(answers.needed.has(tuple)).toBe(false);
  });

  it('leave out DNS over TCP, which follows from DNS over UDP', () => {
    expect([...answers.grantable.keys()].some((tuple) => tuple.endsWith('kube-system/coredns TCP/53'))).toBe(false);
    expect([...answers.needed].some((tuple) => tuple.endsWith('kube-system/coredns UDP/53'))).toBe(true);
  });
});
