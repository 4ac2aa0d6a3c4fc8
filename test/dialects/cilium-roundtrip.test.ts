import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCilium } from '../../src/dialects/cilium/write.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { yamlText } from '../../src/dialects/yaml-text.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide, decision } from '../../src/evaluate/decide/decide.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { networkPolicies, packet as tieredPacket } from '../evaluate/arbitrary.ts';
import { inventory } from '../evaluate/harness.ts';
import { ciliumDocuments, INVENTORY, packet } from './cilium-arbitrary.ts';

function read(documents: readonly object[]): PolicySet {
  const text = documents.map(yamlText).join('---\n');
  const { policySet, findings } = readPolicies([{ name: 'policies.yaml', text }], { profile: 'cilium' });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policySet;
}

/** Decisions on both sides of each packet. */
function decisions(set: PolicySet, packets: readonly Traffic[], world = INVENTORY): string[] {
  const compiled = compile(set, world);
  return packets.map((one) => {
    const { decision: both, egress, ingress } = decide(compiled, one);
    expect(decision(compiled, one)).toBe(both);
    return `${egress.decision} ${ingress.decision}`;
  });
}

/** Peers and subjects that no single selector of Cilium's can mean, though documents can be read into them. */
const REFUSALS = /decides nothing|selects nothing|proxies and these pods|"some" here|"kind"|"ownNode"|"undecidable"/;

test('what is read, written and read again decides alike', () => {
  const decided = new Set<string>();
  let [written, refused] = [0, 0];
  fc.assert(
    fc.property(ciliumDocuments, fc.array(packet, { minLength: 10, maxLength: 30 }), (documents, packets) => {
      const first = read(documents);
      const { documents: again, refusals } = writeCilium(first);
      for (const { reason } of refusals) expect(reason).toMatch(REFUSALS);
      written += again.length;
      refused += refusals.length;
      const names = new Set(refusals.map(({ policy }) => policy.name));
      const kept = { ...first, policies: first.policies.filter(({ ref }) => !names.has(ref.name)) };
      const before = decisions(kept, packets);
      expect(decisions(read(again), packets)).toEqual(before);
      for (const one of before) decided.add(one);
    }),
    { numRuns: 150 },
  );
  expect(refused).toBeLessThan(written / 2);
  expect(decided).toContain('allow allow');
  expect(decided).toContain('deny deny');
  expect(decided).toContain('uncertain allow');
}, 240_000);

test('NetworkPolicies written as Cilium decide as they do under Cilium', () => {
  const world = inventory({ namespaces: { one: 'a=1,b=1', two: 'a=2' } });
  fc.assert(
    fc.property(networkPolicies, fc.array(tieredPacket, { minLength: 10, maxLength: 30 }), (policies, packets) => {
      const wide = policies.map((policy) => ({ ...policy, ref: { ...policy.ref, namespace: '' } }));
      const set = arrange('cilium', wide, []);
      const { documents, refusals } = writeCilium(set);
      for (const { reason } of refusals) expect(reason).toMatch(/selects nothing|"cidr"/);
      fc.pre(refusals.length === 0);
      // Two selectors for one may be surer of an endpoint whose labels are not known, never less sure.
      const after = decisions(read(documents), packets, world);
      for (const [index, before] of decisions(set, packets, world).entries()) {
        if (!before.includes('uncertain')) expect(after[index]).toBe(before);
      }
    }),
    { numRuns: 150 },
  );
}, 240_000);
