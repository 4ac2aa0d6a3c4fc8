import { describe, expect, test } from 'vitest';
import { writeCalico } from '../../src/dialects/calico/write.ts';
import type { PlainObject } from '../../src/dialects/kubernetes/write.ts';
import { arrange } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { yamlText } from '../../src/dialects/yaml-text.ts';
import type { Policy, PolicyRule, PolicySet } from '../../src/model/policy.ts';
import { networkPolicy } from '../evaluate/harness.ts';

function read(text: string): PolicySet {
  const { policySet, findings } = readPolicies([{ name: 'policies.yaml', text }], { profile: 'calico' });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return policySet;
}

function yamlOf(documents: readonly PlainObject[]): string {
  return documents.map(yamlText).join('---\n');
}

/** What Calico would be given for these policies. */
function written(text: string): PlainObject[] {
  const { documents, refusals } = writeCalico(read(text));
  expect(refusals).toEqual([]);
  return [...documents];
}

function calico(kind: string, name: string, spec: string): string {
  const place = kind.includes('Global') || kind === 'Tier' ? '' : ', namespace: shop';
  return `---\napiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: ${name}${place}}\nspec: ${spec}\n`;
}

describe('documents', () => {
  test('a NetworkPolicy becomes a policy of the default tier at order 1000', () => {
    const spec =
      '{podSelector: {matchLabels: {app: cart}, matchExpressions: [{key: tier, operator: NotIn, values: [a, b]}]}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {team: a}}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 80}, {port: 90, endPort: 92}, {port: 53, protocol: UDP}]}]}';
    expect(written(networkPolicy(spec))).toEqual([
      {
        apiVersion: 'projectcalico.org/v3',
        kind: 'NetworkPolicy',
        metadata: { name: 'policy', namespace: 'shop' },
        spec: {
          tier: 'default',
          order: 1000,
          selector: 'app == "cart" && tier not in {"a", "b"}',
          types: ['Ingress', 'Egress'],
          ingress: [
            { selector: 'app == "web"' },
            { namespaceSelector: 'team == "a"' },
            { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] },
          ].flatMap((source) => [
            { action: 'Allow', protocol: 'TCP', source, destination: { ports: [80, '90:92'] } },
            { action: 'Allow', protocol: 'UDP', source, destination: { ports: [53] } },
          ]),
          egress: [],
        },
      },
    ]);
  });

  test('the staged option writes every policy as its staged kind', () => {
    const set = read(networkPolicy('{}') + calico('GlobalNetworkPolicy', 'all', '{ingress: [{action: Deny}]}'));
    const { documents } = writeCalico(set, { staged: true });
    expect(documents).toMatchObject([
      { kind: 'StagedNetworkPolicy', spec: { stagedAction: 'Set' } },
      { kind: 'StagedGlobalNetworkPolicy', spec: { stagedAction: 'Set', ingress: [{ action: 'Deny' }] } },
    ]);
    expect(read(yamlOf(documents)).policies.every(({ staged }) => staged)).toBe(true);
  });

  test('staged policies stay staged', () => {
    const kinds = ['StagedNetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedKubernetesNetworkPolicy'];
    const documents = written(kinds.map((kind) => calico(kind, kind.toLowerCase(), '{}')).join(''));
    expect(documents.map(({ kind }) => kind).sort()).toEqual([
      'StagedGlobalNetworkPolicy',
      'StagedNetworkPolicy',
      'StagedNetworkPolicy',
    ]);
  });

  test('tiers of one’s own are written first, and policies in them carry their name in front', () => {
    const documents = written(
      calico('Tier', 'team', '{order: 5, defaultAction: Pass}') +
        calico('GlobalNetworkPolicy', 'a', '{tier: team, order: 1.5, ingress: [{action: Pass}]}'),
    );
    expect(documents).toMatchObject([
      { kind: 'Tier', metadata: { name: 'team' }, spec: { order: 5, defaultAction: 'Pass' } },
      { kind: 'GlobalNetworkPolicy', metadata: { name: 'team.a' }, spec: { tier: 'team', order: 1.5 } },
    ]);
  });

  test('families and protocols stand in separate rules', () => {
    const rules =
      '[{action: Allow, source: {nets: [10.0.0.0/8, "fd00::/8"], notNets: [10.1.0.0/16]}}, {action: Deny, notICMP: {type: 8}}]';
    const [document] = written(calico('GlobalNetworkPolicy', 'a', `{ingress: ${rules}}`));
    expect(document?.spec).toHaveProperty('ingress', [
      { action: 'Allow', source: { nets: ['10.0.0.0/8'], notNets: ['10.1.0.0/16'] } },
      { action: 'Deny', protocol: 'ICMP', notICMP: { type: 8 } },
      { action: 'Deny', protocol: 'ICMPv6', notICMP: { type: 8 } },
    ]);
  });

  test('pods anywhere are namespaceSelector all(), and those of the own namespace need none', () => {
    const [document] = written(
      networkPolicy('{ingress: [{from: [{namespaceSelector: {}}, {podSelector: {}}]}], egress: [{}]}'),
    );
    expect(document?.spec).toMatchObject({
      ingress: [
        { action: 'Allow', source: { namespaceSelector: 'all()' } },
        { action: 'Allow', source: { selector: 'all()' } },
      ],
      egress: [{ action: 'Allow' }],
    });
  });

  test('a name of a rule is kept in an annotation', () => {
    const annotated = '[{action: Deny, metadata: {annotations: {microwall.io/rule: no-telnet}}}]';
    const text = calico('GlobalNetworkPolicy', 'a', `{ingress: ${annotated}}`);
    expect(read(text).policies[0]?.ingress?.rules[0]?.name).toBe('no-telnet');
    expect(written(text)[0]?.spec).toMatchObject({
      ingress: [{ metadata: { annotations: { 'microwall.io/rule': 'no-telnet' } } }],
    });
  });
});

describe('refusals', () => {
  const base = read(networkPolicy('{ingress: [{}]}')).policies[0] as Policy;

  /** The reason for which one changed policy is refused. */
  function refusal(change: Partial<Policy>, rule: Partial<PolicyRule> = {}): string | undefined {
    const [first] = base.ingress?.rules ?? [];
    const ingress = { isolates: true, rules: [{ ...(first as PolicyRule), ...rule }] };
    const { documents, refusals } = writeCalico(arrange('calico', [{ ...base, ingress, ...change }], []));
    expect(documents).toHaveLength(refusals.length === 0 ? 1 : 0);
    return refusals[0]?.reason;
  }

  test('say what Calico cannot express', () => {
    expect(refusal({})).toBeUndefined();
    expect(refusal({}, { peer: { match: 'dnsName', patterns: ['a.io'] } })).toContain('"dnsName"');
    expect(refusal({}, { peer: { match: 'kind', kinds: ['host'] } })).toContain('"kind"');
    expect(refusal({}, { peer: { match: 'sameNamespaceLabels', keys: ['a'] } })).toContain('"sameNamespaceLabels"');
    expect(refusal({}, { peer: { match: 'cidr', cidrs: ['10.0.0.0/8'], except: [], pods: false } })).toContain(
      'match pods',
    );
    expect(refusal({}, { peer: { match: 'not', of: { match: 'pod' } } })).toContain('notSelector');
    expect(refusal({}, { conditions: ['HTTP GET'] })).toContain('HTTP GET');
    expect(refusal({}, { conditions: [], otherwise: 'deny' })).toContain('condition');
    expect(refusal({}, { ports: [{ protocol: 136, ports: [{ from: 1, to: 1 }] }] })).toContain('TCP, UDP and SCTP');
    expect(refusal({ subject: { match: 'pod' } })).toContain('own namespace');
    expect(refusal({ subject: { match: 'kind', kinds: ['host'] } })).toContain('"kind"');
    expect(refusal({ ingress: { isolates: false, rules: [] } })).toContain('leaves open');
    const both = { kind: 'in' as const, key: 'a', values: [`"'`] };
    expect(refusal({}, { peer: { match: 'labels', selector: both } })).toContain('quotes');
  });

  test('two policies cannot share a name', () => {
    const set = read(networkPolicy('{}') + calico('NetworkPolicy', 'policy', '{}'));
    expect(writeCalico(set).refusals.map(({ reason }) => reason)).toEqual([
      'two policies would both be NetworkPolicy shop/policy',
    ]);
  });
});
