import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrange } from '../../src/dialects/profiles.ts';
import { compile, prepare } from '../../src/evaluate/compile/compile.ts';
import { decide, decision } from '../../src/evaluate/decide/decide.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { Policy, PolicyRule } from '../../src/model/policy.ts';
import { NAMESPACES, networkPolicies, packet, tieredSet } from './arbitrary.ts';
import { inventory, judge, networkPolicy, pod, policySet, traffic, trail } from './harness.ts';
import { naiveDecision } from './naive.ts';

const world = inventory({ namespaces: NAMESPACES });
const packets = fc.array(packet, { minLength: 1, maxLength: 8 });

describe('decide', () => {
  test('agrees with a plain evaluator on generated tiers, and never claims more than is known', {
    timeout: 240_000,
  }, () => {
    fc.assert(
      fc.property(tieredSet, packets, (set, traffic) => {
        const compiled = compile(set, world);
        for (const one of traffic) {
          const actual = decide(compiled, one).decision;
          const expected = naiveDecision(set, world, one);
          const known = [one.client, one.server].every(({ kind, labels }) => kind !== 'pod' || labels.id !== '0');
          if (known || actual !== 'uncertain') expect(actual).toBe(expected);
        }
      }),
      { numRuns: 800 },
    );
  });

  test('gives the same with and without its trail, and with endpoints known before or not', {
    timeout: 240_000,
  }, () => {
    fc.assert(
      fc.property(tieredSet, packets, (set, traffic) => {
        const [lazy, prepared] = [compile(set, world), compile(set, world)];
        prepare(
          prepared,
          traffic.flatMap(({ client, server }) => [client, server]),
        );
        for (const one of traffic) {
          const verdict = decide(lazy, one);
          expect(decision(prepared, one)).toBe(verdict.decision);
          expect(decide(prepared, one)).toEqual(verdict);
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('a pod whose labels changed meanwhile reaches itself, with and without the trail', () => {
  const compiled = compile(policySet(networkPolicy('{policyTypes: [Ingress, Egress]}')), inventory({}));
  const pods = { clientPods: ['cart-1'], serverPods: ['cart-1'] };
  const asked = traffic(pod('shop/cart', 'app=cart'), pod('shop/cart', 'app=cart,tier=db'), 'TCP/80', pods);
  expect([decide(compiled, asked).decision, decision(compiled, asked)]).toEqual(['allow', 'allow']);
  const others = { ...asked, serverPods: ['cart-2'] };
  expect([decide(compiled, others).decision, decision(compiled, others)]).toEqual(['deny', 'deny']);
});

test('an address of a pod settles the same with and without the trail', { timeout: 240_000 }, () => {
  const address = fc.subarray(['10.0.0.1', '10.1.0.1', '192.0.2.1']);
  const addressed = fc.tuple(packet, address, address).map(([one, clientAddresses, serverAddresses]) => ({
    ...one,
    clientAddresses,
    serverAddresses,
  }));
  fc.assert(
    fc.property(tieredSet, fc.array(addressed, { minLength: 1, maxLength: 8 }), (set, traffic) => {
      const holdingPods = JSON.parse(JSON.stringify(set).replaceAll('"pods":false', '"pods":true')) as typeof set;
      const compiled = compile(holdingPods, world);
      for (const one of traffic) expect(decision(compiled, one)).toBe(decide(compiled, one).decision);
    }),
    { numRuns: 300 },
  );
});

describe('NetworkPolicies', () => {
  const setOf = (policies: readonly Policy[]) => arrange('kubernetes', policies, []);
  const decisions = (policies: readonly Policy[], traffic: readonly Traffic[]) => {
    const compiled = compile(setOf(policies), world);
    return traffic.map((one) => decide(compiled, one));
  };

  test('their order changes nothing, not even the trail', () => {
    fc.assert(
      fc.property(networkPolicies, packets, (policies, traffic) => {
        expect(decisions([...policies].reverse(), traffic)).toEqual(decisions(policies, traffic));
      }),
    );
  });

  test('one more policy on an already isolated pod takes nothing away', () => {
    fc.assert(
      fc.property(networkPolicies, networkPolicies, packets, (policies, more, traffic) => {
        const added = more.map((policy) => ({ ...policy, ref: { ...policy.ref, name: `more-${policy.ref.name}` } }));
        const before = decisions(policies, traffic);
        const after = decisions([...policies, ...added], traffic);
        for (const [index, verdict] of before.entries()) {
          for (const side of ['egress', 'ingress'] as const) {
            const isolated = verdict[side].because === 'ruleMatched';
            if (isolated) expect(after[index]?.[side].decision).toBe('allow');
          }
        }
      }),
    );
  });

  test('splitting the peers and ports of a rule over several rules changes no decision', () => {
    fc.assert(
      fc.property(networkPolicies, packets, (policies, traffic) => {
        const split = policies.map((policy) => ({
          ...policy,
          ...(policy.ingress && { ingress: { ...policy.ingress, rules: policy.ingress.rules.flatMap(splitRule) } }),
          ...(policy.egress && { egress: { ...policy.egress, rules: policy.egress.rules.flatMap(splitRule) } }),
        }));
        const plain = (verdicts: ReturnType<typeof decisions>) => verdicts.map((verdict) => verdict.decision);
        expect(plain(decisions(split, traffic))).toEqual(plain(decisions(policies, traffic)));
      }),
    );
  });
});

function splitRule(rule: PolicyRule): PolicyRule[] {
  const { ports, ...rest } = rule;
  const peers = rule.peer.match === 'some' ? rule.peer.of : [rule.peer];
  return peers.flatMap((peer) =>
    (ports ?? [undefined]).map((port) => ({ ...rest, peer, ...(port && { ports: [port] }) })),
  );
}

describe('the trail', () => {
  const blocked = networkPolicy('{podSelector: {}, policyTypes: [Ingress]}');
  const admin = `apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: byblock}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress:
    - {name: block, action: Deny, to: [{networks: [10.1.0.0/16]}]}
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: last}
spec:
  tier: Baseline
  priority: 1
  subject: {namespaces: {}}
  egress:
    - {name: rest, action: Deny, to: [{namespaces: {}}]}
`;

  test('names the earlier rule that a pod meets by its address, though a later one denies anyway', () => {
    const ask = judge(`${admin}---\n${blocked}`);
    const inside = ask(pod('shop/web'), pod('shop/db'), 'TCP/80', { serverAddresses: ['10.1.2.3'] });
    expect(trail(inside.egress)).toMatchObject({ because: 'ruleMatched', stage: 'admin', policy: '/byblock' });
    const beside = ask(pod('shop/web'), pod('shop/db'), 'TCP/80', { serverAddresses: ['10.2.2.3'] });
    expect(trail(beside.egress)).toMatchObject({ because: 'ruleMatched', stage: 'baseline', policy: '/last' });
  });
});
