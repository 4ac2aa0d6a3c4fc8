import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { writeIstio } from '../../src/dialects/istio/write.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { yamlText } from '../../src/dialects/yaml-text.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide, decision } from '../../src/evaluate/decide/decide.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { PolicySet } from '../../src/model/policy.ts';
import { inventory, networkPolicy, outside, pod, workload } from '../evaluate/harness.ts';

const few = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 2 });
/** One or more of these fields. */
const some = (fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields, { requiredKeys: [] }).filter((one) => Object.keys(one).length > 0);

const names = few('cluster.local/ns/one/sa/x', 'cluster.local/ns/one/*', '*/sa/y', '*');
const spaces = few('one', 'tw*', '*');
const blocks = few('10.0.0.0/8', '10.1.0.1', '192.0.2.0/24');
const accounts = few('one/x', 'y');
const ports = few('80', '81');
const source = fc.oneof(
  some({
    principals: names,
    notPrincipals: names,
    namespaces: spaces,
    notNamespaces: spaces,
    ipBlocks: blocks,
    notIpBlocks: blocks,
  }),
  some({ serviceAccounts: accounts, notServiceAccounts: accounts }),
);
const condition = fc.oneof(
  fc.record({ key: fc.constant('source.namespace'), notValues: spaces }),
  fc.record({ key: fc.constant('destination.ip'), values: blocks }),
  fc.record({ key: fc.constant('destination.port'), values: ports, notValues: ports }),
);
const rule = fc.record(
  {
    from: fc.array(
      source.map((one) => ({ source: one })),
      { minLength: 1, maxLength: 2 },
    ),
    to: fc.array(
      some({ ports, notPorts: ports }).map((operation) => ({ operation })),
      { minLength: 1, maxLength: 2 },
    ),
    when: fc.array(condition, { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const policy = fc.record({
  namespace: fc.constantFrom('one', 'two', 'istio-system'),
  dry: fc.boolean(),
  spec: fc.record(
    {
      action: fc.constantFrom('ALLOW', 'DENY', 'AUDIT'),
      selector: fc.constantFrom({ matchLabels: { a: '1' } }, { matchLabels: { a: '1', b: '1' } }, {}),
      rules: fc.array(rule, { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
});

const documentsOf = fc.array(policy, { minLength: 1, maxLength: 3 }).map((all) =>
  all.map(({ namespace, dry, spec }, index) => ({
    apiVersion: 'security.istio.io/v1',
    kind: 'AuthorizationPolicy',
    metadata: { name: `policy-${index}`, namespace, ...(dry && { annotations: { 'istio.io/dry-run': 'true' } }) },
    spec,
  })),
);

const PODS: readonly EdgeEndpoint[] = ['', 'a=1', 'a=1,b=1', '?'].flatMap((text) =>
  ['one', 'two'].map((namespace) => pod(`${namespace}/w${text}`, text)),
);
const INVENTORY = inventory({
  workloads: PODS.map((one, index) => ({ ...workload(one, ''), serviceAccount: ['x', 'y', ''][index % 3] ?? '' })),
});
const client = fc.oneof(
  fc.constantFrom(...PODS),
  fc.constantFrom(outside('external', '10.1.0.1'), outside('external', '8.8.8.8')),
);
const packet: fc.Arbitrary<Traffic> = fc
  .record({
    client,
    server: fc.constantFrom(...PODS),
    protocol: fc.constantFrom(6, 6, 6, 17, 0),
    port: fc.constantFrom(80, 81, 82),
    address: fc.constantFrom([], ['10.1.0.1'], ['192.0.2.1', '10.2.0.1']),
    principal: fc.constantFrom(undefined, undefined, '', 'spiffe://cluster.local/ns/one/sa/x'),
  })
  .map(({ address, principal, ...rest }) => ({
    ...rest,
    clientAddresses: address,
    serverAddresses: address,
    ...(principal !== undefined && { clientPrincipal: principal }),
  }));

function read(text: string): PolicySet {
  const { policySet, findings } = readPolicies([{ name: 'mesh.yaml', text }], { profile: 'istio' });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policySet;
}

const yamlOf = (documents: readonly object[]): string => documents.map(yamlText).join('---\n');

function decisions(set: PolicySet, packets: readonly Traffic[]): string[] {
  const compiled = compile(set, INVENTORY);
  return packets.map((one) => {
    const verdict = decide(compiled, one);
    expect(decision(compiled, one)).toBe(verdict.decision);
    return verdict.ingress.decision;
  });
}

test('what is read, written and read again decides alike', () => {
  const decided = new Set<string>();
  fc.assert(
    fc.property(documentsOf, fc.array(packet, { minLength: 10, maxLength: 30 }), (documents, packets) => {
      const first = read(yamlOf(documents));
      const { documents: written, refusals } = writeIstio(first);
      for (const { reason } of refusals) expect(reason).toMatch(/once in a source/);
      fc.pre(refusals.length === 0);
      const before = decisions(first, packets);
      expect(decisions(read(yamlOf(written)), packets)).toEqual(before);
      for (const one of before) decided.add(one);
    }),
    { numRuns: 150 },
  );
  expect([...decided].sort()).toEqual(['allow', 'deny', 'uncertain']);
}, 240_000);

describe('what Istio cannot say is refused', () => {
  const istio = (spec: string, kind = 'AuthorizationPolicy') =>
    `apiVersion: security.istio.io/v1\nkind: ${kind}\nmetadata: {name: policy, namespace: shop}\nspec: ${spec}\n`;

  test.each([
    [networkPolicy('{ingress: [{}]}'), 'beside the network plugin'],
    [istio('{rules: [{to: [{operation: {methods: [GET]}}]}]}'), 'what a proxy decides'],
    [istio('{action: CUSTOM, provider: {name: opa}, rules: [{}]}'), 'what a proxy decides'],
  ])('%#', (yaml, reason) => {
    expect(writeIstio(read(yaml)).refusals).toEqual([
      { policy: expect.anything(), reason: expect.stringContaining(reason) },
    ]);
  });

  test('label selectors of peers, port ranges too long to list, actions in one policy', () => {
    const [policy] = read(istio('{rules: [{}]}')).policies;
    if (policy === undefined) throw new Error('one policy');
    const withRule = (more: object, isolates = true) => {
      const rules = [{ index: 0, name: '', action: 'allow' as const, peer: { match: 'anything' as const }, ...more }];
      return writeIstio({ policies: [{ ...policy, ingress: { isolates, rules } }] }).refusals[0]?.reason;
    };
    expect(withRule({ peer: { match: 'pod' } })).toContain('not by "pod"');
    expect(withRule({ ports: [{ protocol: 6, ports: [{ from: 1, to: 1000 }] }] })).toContain('too many');
    expect(withRule({ ports: [{ protocol: 17, ports: [{ from: 1, to: 1 }] }] })).toContain('TCP ports');
    expect(withRule({}, false)).toContain('ALLOW policies isolate');
    expect(writeIstio({ policies: [{ ...policy, egress: { isolates: true, rules: [] } }] }).refusals).toHaveLength(1);
  });

  test('mutual TLS is written as the denial it amounts to', () => {
    const { documents } = writeIstio(read(istio('{mtls: {mode: STRICT}}', 'PeerAuthentication')));
    expect(documents).toEqual([
      {
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: { name: 'policy', namespace: 'shop' },
        spec: { action: 'DENY', rules: [{ from: [{ source: { notPrincipals: ['*'] } }] }] },
      },
    ]);
  });
});
