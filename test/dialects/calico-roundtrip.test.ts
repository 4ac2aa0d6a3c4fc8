import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeCalico } from '../../src/dialects/calico/write.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { yamlText } from '../../src/dialects/yaml-text.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { networkPolicies, packet as tieredPacket } from '../evaluate/arbitrary.ts';
import { inventory } from '../evaluate/harness.ts';
import { calicoDocuments, INVENTORY, packet } from './calico-arbitrary.ts';

function read(documents: readonly object[]): PolicySet {
  const text = documents.map(yamlText).join('---\n');
  const { policySet, findings } = readPolicies([{ name: 'policies.yaml', text }], { profile: 'calico' });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policySet;
}

/** Decisions on both sides of each packet. */
function decisions(set: PolicySet, packets: readonly Traffic[], world = INVENTORY): string[] {
  const compiled = compile(set, world);
  return packets.map((one) => {
    const { egress, ingress } = decide(compiled, one);
    return `${egress.decision} ${ingress.decision}`;
  });
}

test('what is read, written and read again decides alike', { timeout: 240_000 }, () => {
  const decided = new Set<string>();
  fc.assert(
    fc.property(calicoDocuments, fc.array(packet, { minLength: 10, maxLength: 30 }), (documents, packets) => {
      const first = read(documents);
      const { documents: written, refusals } = writeCalico(first);
      // Network sets are written as their addresses, and then a namespaced notSelector cannot be said any more.
      for (const { reason } of refusals) expect(reason).toContain('notSelector');
      fc.pre(refusals.length === 0);
      const before = decisions(first, packets);
      expect(decisions(read(written), packets)).toEqual(before);
      for (const one of before) decided.add(one);
    }),
    { numRuns: 200 },
  );
  expect([...decided].sort()).toEqual(['allow allow', 'allow deny', 'deny allow', 'deny deny']);
});

test('NetworkPolicies decide under Calico as they do in Kubernetes', { timeout: 240_000 }, () => {
  const world = inventory({ namespaces: { one: 'a=1,b=1', two: 'a=2' } });
  fc.assert(
    fc.property(networkPolicies, fc.array(tieredPacket, { minLength: 10, maxLength: 30 }), (policies, packets) => {
      const expected = decisions(arrange('kubernetes', policies, []), packets, world);
      expect(decisions(arrange('calico', policies, []), packets, world)).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

const labelsOf = fc.constantFrom({}, { a: '1' }, { b: '2' }, { a: '2', b: '1' });
const podSelector = fc.oneof(
  labelsOf.map((matchLabels) => ({ matchLabels })),
  fc.constantFrom('Exists', 'DoesNotExist').map((operator) => ({ matchExpressions: [{ key: 'b', operator }] })),
  fc
    .constantFrom('In', 'NotIn')
    .map((operator) => ({ matchExpressions: [{ key: 'a', operator, values: ['1', '3'] }] })),
);
const peer = fc.oneof(
  podSelector.map((own) => ({ podSelector: own })),
  podSelector.map((own) => ({ namespaceSelector: own })),
  fc.record({ podSelector, namespaceSelector: podSelector }),
  fc.constantFrom([], ['10.1.0.0/16']).map((except) => ({ ipBlock: { cidr: '10.0.0.0/8', except } })),
  fc.constantFrom('::/0', '0.0.0.0/0').map((cidr) => ({ ipBlock: { cidr } })),
);
const peers = fc.array(peer, { maxLength: 2 });
const ports = fc.subarray([
  { port: 80 },
  { port: 81, endPort: 90 },
  { port: 'web' },
  { protocol: 'UDP' },
  { protocol: 'UDP', port: 91 },
]);
const kubernetesPolicy = fc.record({
  podSelector,
  policyTypes: fc.subarray(['Ingress', 'Egress'], { minLength: 1 }),
  ingress: fc.array(fc.record({ from: peers, ports }), { maxLength: 2 }),
  egress: fc.array(fc.record({ to: peers, ports }), { maxLength: 2 }),
});

test('NetworkPolicies written as Calico decide as before', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(
      fc.array(kubernetesPolicy, { minLength: 1, maxLength: 3 }),
      fc.array(packet, { minLength: 10, maxLength: 30 }),
      (specs, packets) => {
        const documents = specs.map((spec, index) => {
          const metadata = { name: `policy-${index}`, namespace: index === 1 ? 'two' : 'one' };
          return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec };
        });
        const text = documents.map(yamlText).join('---\n');
        const { policySet } = readPolicies([{ name: 'policies.yaml', text }]);
        const { documents: written, refusals } = writeCalico(policySet);
        expect(refusals).toEqual([]);
        expect(decisions(read(written), packets)).toEqual(decisions(policySet, packets));
      },
    ),
    { numRuns: 200 },
  );
});
