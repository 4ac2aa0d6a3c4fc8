import { describe, expect, it } from 'vitest';
import type { Edge } from '../../src/model/edge.ts';
import { type Decide, judgeEdges } from '../../src/report/check/judge.ts';
import { coverage } from '../../src/report/week/coverage.ts';
import { leastPrivilege, score } from '../../src/report/week/least-privilege.ts';
import { newEntries } from '../../src/report/week/new-edges.ts';
import { seenWorkloads } from '../../src/report/workloads.ts';
import { DENIED, edge, networkPolicy, outside, pod, seen, verdict } from './build.ts';

const EMPTY = { workloads: [], namespaces: new Map() };
const open = () => verdict();
const [web, cart, redis] = [pod('shop/web'), pod('shop/cart'), pod('shop/redis')];

describe('least-privilege score', () => {
  const scoreOf = (edges: readonly Edge[], decide: Decide) =>
    leastPrivilege(edges, seenWorkloads(edges, EMPTY), (traffic) => decide(traffic).decision);

  it('counts every workload pair on ports seen answering, a workload with itself left out', () => {
    const result = scoreOf([edge(web, cart), edge(cart, redis, { port: 6379 })], open);
    expect(result).toMatchObject({ grantable: 4, allowed: 4, used: 2, every: 1 });
    expect(score(result)).toBe(50);
  });

  it('is full when only what is used is allowed', () => {
    const used = [edge(web, cart), edge(cart, redis, { port: 6379 })];
    const only = used.map(({ client, server }) => `${client.workload}>${server.workload}`);
    const result = scoreOf(used, ({ client, server }) =>
      only.includes(`${client.workload}>${server.workload}`) ? verdict() : DENIED,
    );
    expect(score(result)).toBe(100);
  });

  it('does not flatter: what cannot be told counts as allowed', () => {
    const result = scoreOf([edge(web, cart)], () => verdict({}, { decision: 'uncertain' }));
    expect(result).toMatchObject({ allowed: 1, used: 1 });
  });

  it('is none when nothing is allowed, and takes no note of outside addresses', () => {
    expect(score(scoreOf([edge(web, cart)], () => DENIED))).toBeUndefined();
    expect(scoreOf([edge(outside('192.0.2.7'), cart)], open)).toMatchObject({ grantable: 0 });
  });

  it('asks once for workloads that carry the same labels, and counts each of them', () => {
    let asked = 0;
    const twins = ['a', 'b', 'c'].map((name) => ({ ...pod(`shop/${name}`), labels: web.labels }));
    const edges = twins.map((twin) => edge(twin, cart));
    const result = scoreOf(edges, () => {
      asked += 1;
      return verdict();
    });
    expect(result).toMatchObject({ grantable: 3, used: 3 });
    expect(asked).toBe(1);
  });
});

describe('coverage', () => {
  const selected = { because: 'ruleMatched', selectedBy: [networkPolicy('shop/cart')] } as const;

  it('needs a policy at every end that policies can select', () => {
    const both = judgeEdges([edge(web, cart)], () => verdict(selected, selected));
    const one = judgeEdges([edge(web, cart)], () => verdict({}, selected));
    expect(coverage([...both, ...one])).toEqual({ flows: 10, covered: 5, partly: 10 });
  });

  it('does not ask for policies where there can be none', () => {
    const entries = judgeEdges([edge(outside('192.0.2.7'), cart)], () => verdict({ because: 'notASubject' }, selected));
    expect(coverage(entries)).toEqual({ flows: 5, covered: 5, partly: 5 });
  });

  it('leaves out what was denied', () => {
    expect(coverage(judgeEdges([edge(web, cart, { denied: seen(4) })], () => DENIED))).toMatchObject({ flows: 0 });
  });
});

describe('edges new since the week before', () => {
  const fresh = (now: Edge, before: Edge) => newEntries(judgeEdges([now], open), [before]).length;

  it('are those with other workloads, protocol or port', () => {
    expect(fresh(edge(web, cart), edge(web, cart))).toBe(0);
    expect(fresh(edge(web, cart), edge(web, redis))).toBe(1);
    expect(fresh(edge(web, cart), edge(web, cart, { port: 9090 }))).toBe(1);
    expect(fresh(edge(web, cart), edge(web, cart, { protocol: 17 }))).toBe(1);
  });

  it('are not those whose labels changed', () => {
    expect(fresh(edge(pod('shop/web', { version: '2' }), cart), edge(web, cart))).toBe(0);
  });

  it('are not those from a further outside client, but those to a further outside server', () => {
    expect(fresh(edge(outside('192.0.2.1'), web), edge(outside('192.0.2.2'), web))).toBe(0);
    expect(fresh(edge(web, outside('192.0.2.1')), edge(web, outside('192.0.2.2')))).toBe(1);
  });
});
