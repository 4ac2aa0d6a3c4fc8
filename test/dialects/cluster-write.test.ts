import { expect, test } from 'vitest';
import { writeAdmin } from '../../src/dialects/admin/write.ts';
import { writeAntrea } from '../../src/dialects/antrea/write.ts';
import { writeCluster } from '../../src/dialects/cluster/write.ts';
import type { ProfileName } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import type { PolicySet } from '../../src/model/policy.ts';

function read(text: string, profile?: ProfileName): PolicySet {
  const { policySet, findings } = readPolicies([{ name: 'p.yaml', text }], profile === undefined ? {} : { profile });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policySet;
}

const network = (spec: string): PolicySet =>
  read(
    `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: cart, namespace: shop}\nspec: ${spec}\n`,
  );
const cluster = (fields: string): PolicySet =>
  read(
    `apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\nspec: {tier: Admin, priority: 1, subject: {namespaces: {}}, ${fields}}\n`,
  );
const specs = ({ documents }: { readonly documents: readonly unknown[] }) =>
  (documents as readonly { readonly spec: Record<string, unknown> }[]).map(({ spec }) => spec);
const reasons = ({ refusals }: ReturnType<typeof writeCluster>): string[] => refusals.map(({ reason }) => reason);

test('exceptions of a block become what they leave', () => {
  const set = network(
    '{policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.1/32]}}]}]}',
  );
  const [allow, deny] = specs(writeCluster(set, { tier: 'Baseline' }));
  expect(allow).toMatchObject({
    tier: 'Baseline',
    egress: [{ action: 'Accept', to: [{ networks: ['10.0.0.0/32', '10.0.0.2/31'] }] }],
  });
  expect(deny).toMatchObject({
    egress: [{ action: 'Deny', to: [{ namespaces: {} }, { networks: ['0.0.0.0/0', '::/0'] }] }],
  });
  expect(Number(allow?.priority)).toBeLessThan(Number(deny?.priority));
});

test('a block that leaves more than 25 blocks is spread over peers', () => {
  const set = network(
    '{policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: "2001:db8::/32", except: ["2001:db8::1/128"]}}]}]}',
  );
  const [allow] = specs(writeCluster(set, { tier: 'Baseline' }));
  const [rule] = (allow?.egress ?? []) as { to: { networks: string[] }[] }[];
  expect(rule?.to.map(({ networks }) => networks.length)).toEqual([25, 25, 25, 21]);
});

test('rules beyond 25 go on in policies with the same subject and later priorities', () => {
  const rules = Array.from(
    { length: 20 },
    (_, port) =>
      `{action: ${port % 2 ? 'Deny' : 'Accept'}, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: ${port + 1}}}}]}`,
  );
  const set = cluster(`ingress: [${rules.join(', ')}]`);
  const [policy] = set.policies;
  const long = policy?.ingress
    ? { ...policy, ingress: { ...policy.ingress, rules: [...policy.ingress.rules, ...policy.ingress.rules] } }
    : undefined;
  const written = specs(writeCluster({ ...set, policies: long ? [long] : [] }));
  expect(written.map(({ ingress }) => (ingress as unknown[]).length)).toEqual([25, 15]);
  expect(new Set(written.map(({ subject }) => JSON.stringify(subject))).size).toBe(1);
  expect(Number(written[0]?.priority)).toBeLessThan(Number(written[1]?.priority));
});

test('a single port is a number, all ports of a protocol are a range', () => {
  const set = network(
    '{policyTypes: [Egress], egress: [{ports: [{port: 80}, {port: 90, endPort: 91}, {protocol: SCTP}]}]}',
  );
  expect(specs(writeCluster(set, { tier: 'Baseline' }))[0]).toMatchObject({
    egress: [
      {
        protocols: [
          { tcp: { destinationPort: { number: 80 } } },
          { tcp: { destinationPort: { range: { start: 90, end: 91 } } } },
          { sctp: { destinationPort: { range: { start: 1, end: 65_535 } } } },
        ],
      },
    ],
  });
});

test('priorities that fit are kept', () => {
  const [spec] = specs(writeCluster(cluster('ingress: [{action: Deny, from: [{namespaces: {}}]}]')));
  expect(spec).toMatchObject({ tier: 'Admin', priority: 1 });
});

test.each([
  ['{ingress: []}', 'ingress rules can name pods only, not sources outside the cluster'],
  [
    '{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}',
    'ingress rules can name pods only, not sources outside the cluster',
  ],
  ['{policyTypes: [Egress], egress: [{ports: [{port: web}]}]}', 'a port name cannot be limited to one protocol'],
])('%s is refused', (spec, reason) => {
  expect(reasons(writeCluster(network(spec), { tier: 'Baseline' }))).toEqual([reason]);
  expect(reasons(writeAdmin(network(spec), { tier: 'Baseline' }))).toEqual([reason]);
});

test('what lives in another tier is refused unless a tier is chosen for it', () => {
  expect(reasons(writeCluster(network('{policyTypes: [Egress]}')))).toEqual([
    'there is no tier for what lives in "networkpolicy"',
  ]);
});

test('ingress against pods only is written when it is asked for', () => {
  const set = network('{ingress: [{from: [{podSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8}}]}]}');
  const { documents, refusals } = writeCluster(set, { tier: 'Baseline', podsOnlyIngress: true });
  expect(refusals).toEqual([]);
  expect(specs({ documents }).map(({ ingress }) => ingress)).toMatchObject([
    [{ action: 'Accept', from: [{ namespaces: { matchLabels: { 'kubernetes.io/metadata.name': 'shop' } } }] }],
    [{ action: 'Deny', from: [{ namespaces: {} }] }],
  ]);
});

test('a refused policy leaves nothing behind, and the others are written', () => {
  const spec = (fields: string): string => `{podSelector: {}, ${fields}}`;
  const text = ['{policyTypes: [Egress], egress: [{ports: [{port: web}]}]}', spec('policyTypes: [Egress]')]
    .map(
      (one, index) =>
        `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p${index}, namespace: shop}\nspec: ${one}\n`,
    )
    .join('---\n');
  const { documents, refusals } = writeCluster(read(text), { tier: 'Baseline' });
  expect([documents.length, refusals.map(({ policy }) => policy.name)]).toEqual([1, ['p0']]);
});

test('the baseline of the older version is one policy, called default', () => {
  const one = read(
    'apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\nspec: {subject: {namespaces: {}}, egress: [{action: Deny, to: [{namespaces: {}}]}]}\n',
  );
  expect(writeAdmin(one).documents).toMatchObject([
    { kind: 'BaselineAdminNetworkPolicy', metadata: { name: 'default' } },
  ]);
  const open = network('{policyTypes: [Egress], egress: [{}]}');
  expect(reasons(writeAdmin(open, { tier: 'Baseline' }))).toEqual([
    'a cluster has one BaselineAdminNetworkPolicy, and this would take 2',
  ]);
});

const ANTREA = 'apiVersion: crd.antrea.io/v1beta1\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\n';

test('Antrea ends an isolation with a Drop of everything, in its namespace', () => {
  const { documents, refusals } = writeAntrea(
    network('{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}]}'),
  );
  expect(refusals).toEqual([]);
  expect(documents).toMatchObject([
    {
      kind: 'NetworkPolicy',
      metadata: { name: 'cart', namespace: 'shop' },
      spec: {
        tier: 'application',
        appliedTo: [{ podSelector: {} }],
        ingress: [{ action: 'Allow', from: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] } }] }],
      },
    },
    {
      metadata: { name: 'cart-default-deny', namespace: 'shop' },
      spec: { ingress: [{ name: 'default-deny', action: 'Drop' }] },
    },
  ]);
});

test('Antrea keeps tiers of its own with their numbers', () => {
  const tier = 'apiVersion: crd.antrea.io/v1beta1\nkind: Tier\nmetadata: {name: mine}\nspec: {priority: 33}\n---\n';
  const set = read(
    `${tier}${ANTREA}spec: {tier: mine, priority: 2.5, appliedTo: [{podSelector: {}}], egress: [{action: Pass}]}\n`,
  );
  expect(writeAntrea(set).documents).toMatchObject([
    { kind: 'Tier', metadata: { name: 'mine' }, spec: { priority: 33 } },
    { spec: { tier: 'mine', priority: 2.5, egress: [{ action: 'Pass' }] } },
  ]);
});

test.each([
  [
    'egress: [{action: Drop, toServices: [{name: s, namespace: n}]}]',
    '"addresses and ports behind service n/s" cannot be written',
  ],
  ['ingress: [{action: Allow, l7Protocols: [{http: {}}]}]', 'its rules cannot ask for "HTTP request"'],
])('Antrea: %s cannot be written again', (rules, reason) => {
  const set = read(`${ANTREA}spec: {priority: 2, appliedTo: [{podSelector: {}}], ${rules}}\n`);
  expect(writeAntrea(set).refusals.map((refusal) => refusal.reason)).toEqual([reason]);
});
