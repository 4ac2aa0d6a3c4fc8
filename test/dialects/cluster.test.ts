import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';

const CLUSTER = 'policy.networking.k8s.io/v1alpha2';

function document(kind: string, spec: string, { version = CLUSTER, name = 'p', more = '' } = {}): string {
  return `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: ${name}${more}}\nspec: ${spec}\n`;
}

function findings(text: string): string[] {
  return readPolicies([{ name: 'p.yaml', text }]).findings.map(({ rule, location }) => `${rule}:${location.line}`);
}

const cluster = (fields: string): string[] =>
  findings(document('ClusterNetworkPolicy', `{tier: Admin, priority: 1, subject: {namespaces: {}}, ${fields}}`));
const admin = (fields: string): string[] =>
  findings(
    document('AdminNetworkPolicy', `{priority: 1, subject: {namespaces: {}}, ${fields}}`, {
      version: 'policy.networking.k8s.io/v1alpha1',
    }),
  );

const many = (count: number, item: string): string => Array.from({ length: count }, () => item).join(', ');
const rule = '{action: Deny, from: [{namespaces: {}}]}';

describe('ClusterNetworkPolicy', () => {
  test('is told from the one of Antrea by its apiVersion', () => {
    const { policySet } = readPolicies([
      {
        name: 'a.yaml',
        text: document('ClusterNetworkPolicy', `{tier: Admin, priority: 1, subject: {namespaces: {}}}`),
      },
      {
        name: 'b.yaml',
        text: document('ClusterNetworkPolicy', '{priority: 1, appliedTo: [{podSelector: {}}]}', {
          version: 'crd.antrea.io/v1beta1',
        }),
      },
    ]);
    expect(policySet.policies.map(({ ref }) => ref.dialect)).toEqual(['cluster', 'antrea']);
    expect(findings(document('ClusterNetworkPolicy', '{}', { version: 'example.org/v1' }))).toEqual([
      'unknown-api-version:1',
    ]);
  });

  test.each([
    ['{tier: Middle, priority: 1, subject: {namespaces: {}}}', 'unknown-value:4'],
    ['{tier: Admin, priority: 1001, subject: {namespaces: {}}}', 'out-of-range:4'],
    ['{tier: Admin, subject: {namespaces: {}}}', 'missing-field:4'],
    ['{tier: Admin, priority: 1}', 'missing-field:4'],
    ['{tier: Admin, priority: 1, subject: {}}', 'bad-peer:4'],
    ['{tier: Admin, priority: 1, subject: {namespaces: {}, pods: {podSelector: {}}}}', 'bad-peer:4'],
    ['{tier: Admin, priority: 1, subject: {namespaces: {}}, policyTypes: []}', 'unknown-field:4'],
  ])('C1, C2, C11: %s is refused', (spec, finding) => {
    expect(findings(document('ClusterNetworkPolicy', spec))).toEqual([finding]);
  });

  test('is not of a namespace', () => {
    const text = document('ClusterNetworkPolicy', '{tier: Admin, priority: 1, subject: {namespaces: {}}}', {
      more: ', namespace: x',
    });
    expect(findings(text)).toEqual(['unexpected-namespace:3']);
  });

  test.each([
    ['C3: an action of the older version', 'ingress: [{action: Allow, from: [{namespaces: {}}]}]', 'unknown-value:4'],
    ['C4: no peers', 'ingress: [{action: Deny}]', 'missing-field:4'],
    ['C4: an empty list of peers', 'ingress: [{action: Deny, from: []}]', 'too-few-items:4'],
    ['C4: 26 peers', `ingress: [{action: Deny, from: [${many(26, '{namespaces: {}}')}]}]`, 'too-many-items:4'],
    ['C4: 26 rules', `ingress: [${many(26, rule)}]`, 'too-many-items:4'],
    ['C5: ports', 'ingress: [{action: Deny, from: [{namespaces: {}}], ports: []}]', 'unknown-field:4'],
    [
      'C5: two protocols in one item',
      `ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {}, udp: {}}]}]`,
      'bad-port:4',
    ],
    [
      'C5: no protocol in an item',
      `ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{}]}]`,
      'bad-port:4',
    ],
    [
      'C5: a range of one port',
      `ingress: [{action: Deny, from: [{namespaces: {}}], protocols: [{tcp: {destinationPort: {range: {start: 5, end: 5}}}}]}]`,
      'bad-port-range:4',
    ],
    ['C6: networks as a source', 'ingress: [{action: Deny, from: [{networks: [10.0.0.0/8]}]}]', 'unknown-field:4'],
    ['C6: no block', 'egress: [{action: Deny, to: [{networks: [10.0.0.0]}]}]', 'bad-cidr:4'],
    [
      'C6: two forms in one peer',
      'egress: [{action: Deny, to: [{networks: [10.0.0.0/8], namespaces: {}}]}]',
      'bad-peer:4',
    ],
    ['C7: a denied name', 'egress: [{action: Deny, to: [{domainNames: [example.com]}]}]', 'bad-rule:4'],
    ['C7: a star in the middle', 'egress: [{action: Accept, to: [{domainNames: ["a.*.com"]}]}]', 'bad-domain-name:4'],
    [
      'C10: a named port at an address',
      'egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: web}]}]',
      'bad-rule:4',
    ],
  ])('%s is refused', (_, fields, finding) => {
    expect(cluster(fields)).toEqual([finding]);
  });

  test('A12: a peer without a known field is warned of', () => {
    expect(cluster('ingress: [{action: Deny, from: [{}]}]')).toEqual(['fails-closed:4']);
  });

  test('C2: equal priorities are warned of where the two may contradict each other', () => {
    const text = (action: string, subject: string, name: string): string =>
      document(
        'ClusterNetworkPolicy',
        `{tier: Admin, priority: 1, subject: {namespaces: {matchLabels: {team: ${subject}}}}, ingress: [{action: ${action}, from: [{namespaces: {}}]}]}`,
        { name },
      );
    const both = (one: string, other: string): string[] => findings(`${one}---\n${other}`);
    expect(both(text('Deny', 'a', 'x'), text('Accept', 'a', 'y'))).toEqual(['equal-priority:8']);
    expect(both(text('Deny', 'a', 'x'), text('Deny', 'a', 'y'))).toEqual([]);
    expect(both(text('Deny', 'a', 'x'), text('Accept', 'b', 'y'))).toEqual([]);
  });
});

describe('AdminNetworkPolicy', () => {
  test.each([
    ['A7: a subject by pods alone', '{priority: 1, subject: {pods: {podSelector: {}}}}', 'missing-field:4'],
    ['A1: a priority above 1000', '{priority: 1001, subject: {namespaces: {}}}', 'out-of-range:4'],
  ])('%s is refused', (_, spec, finding) => {
    expect(findings(document('AdminNetworkPolicy', spec, { version: 'policy.networking.k8s.io/v1alpha1' }))).toEqual([
      finding,
    ]);
  });

  test.each([
    ['A8: no peers', 'egress: [{action: Deny, to: []}]', 'too-few-items:4'],
    ['A8: 101 peers', `egress: [{action: Deny, to: [${many(101, '{namespaces: {}}')}]}]`, 'too-many-items:4'],
    ['A8: 26 blocks', `egress: [{action: Deny, to: [{networks: [${many(26, '10.0.0.0/8')}]}]}]`, 'too-many-items:4'],
    ['A8: a denied name', 'egress: [{action: Deny, to: [{domainNames: [example.com]}]}]', 'bad-rule:4'],
    [
      'A10: two ports in one item',
      `ingress: [{action: Deny, from: [{namespaces: {}}], ports: [{namedPort: web, portNumber: {port: 1}}]}]`,
      'bad-port:4',
    ],
    [
      'A10: a named port at an address',
      'egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}], ports: [{namedPort: web}]}]',
      'bad-rule:4',
    ],
    [
      'A15: the form before v0.1.7',
      'ingress: [{action: Deny, from: [{namespaces: {namespaceSelector: {}}}]}]',
      'old-form:4',
    ],
    ['A15: sameLabels', 'ingress: [{action: Deny, from: [{namespaces: {sameLabels: [team]}}]}]', 'old-form:4'],
    ['A16: 101 rules', `ingress: [${many(101, rule)}]`, 'too-many-items:4'],
    ['A16: an action in small letters', 'ingress: [{action: deny, from: [{namespaces: {}}]}]', 'unknown-value:4'],
  ])('%s is refused', (_, fields, finding) => {
    expect(admin(fields)).toEqual([finding]);
  });

  test.each([
    ['another name', 'own', '{subject: {namespaces: {}}}', 'bad-name:3'],
    ['a priority', 'default', '{subject: {namespaces: {}}, priority: 1}', 'unknown-field:4'],
    [
      'Pass',
      'default',
      '{subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}]}]}',
      'unknown-value:4',
    ],
  ])('A6: the baseline has no %s', (_, name, spec, finding) => {
    const text = document('BaselineAdminNetworkPolicy', spec, { version: 'policy.networking.k8s.io/v1alpha1', name });
    expect(findings(text)).toEqual([finding]);
  });
});
