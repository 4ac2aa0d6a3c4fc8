import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';

function findings(spec: string, kind = 'ClusterNetworkPolicy'): string[] {
  const text = `apiVersion: crd.antrea.io/v1beta1\nkind: ${kind}\nmetadata: {name: p}\nspec: ${spec}\n`;
  return readPolicies([{ name: 'p.yaml', text }]).findings.map(({ rule, location }) => `${rule}:${location.line}`);
}

const TO_ALL = 'appliedTo: [{podSelector: {}}]';
const policy = (fields: string, kind?: string): string[] => findings(`{priority: 5, ${TO_ALL}, ${fields}}`, kind);

describe('policies of Antrea', () => {
  test('older versions are read alike', () => {
    for (const version of ['v1alpha1', 'v1beta1']) {
      const text = `apiVersion: crd.antrea.io/${version}\nkind: NetworkPolicy\nmetadata: {name: p}\nspec: {priority: 1, ${TO_ALL}}\n`;
      const { policySet, findings: found } = readPolicies([{ name: 'p.yaml', text }]);
      expect([policySet.policies.length, found, policySet.profile.name]).toEqual([1, [], 'antrea']);
    }
  });

  test.each([
    ['N3: no priority', `{${TO_ALL}}`, 'missing-field:4'],
    ['N3: a priority below 1', `{priority: 0.5, ${TO_ALL}}`, 'out-of-range:4'],
    ['N1: a tier nobody knows', `{priority: 5, tier: mine, ${TO_ALL}}`, 'unknown-tier:4'],
    ['N7: no appliedTo', '{priority: 5, ingress: [{action: Drop}]}', 'bad-policy:4'],
    [
      'N7: appliedTo of some rules',
      '{priority: 5, ingress: [{action: Drop, appliedTo: [{podSelector: {}}]}, {action: Drop}]}',
      'bad-policy:4',
    ],
    [
      'N7: appliedTo in both places',
      `{priority: 5, ${TO_ALL}, ingress: [{action: Drop, appliedTo: [{podSelector: {}}]}]}`,
      'bad-policy:4',
    ],
    ['N7: a subject of nothing', '{priority: 5, appliedTo: [{}]}', 'bad-peer:4'],
    [
      'N7: a service beside labels',
      '{priority: 5, appliedTo: [{service: {name: s, namespace: n}, podSelector: {}}]}',
      'bad-peer:4',
    ],
    [
      'N7: a service beside pods',
      '{priority: 5, appliedTo: [{service: {name: s, namespace: n}}, {podSelector: {}}]}',
      'bad-policy:4',
    ],
    [
      'N7: egress of a service',
      '{priority: 5, appliedTo: [{service: {name: s, namespace: n}}], egress: [{action: Drop}]}',
      'bad-policy:4',
    ],
    [
      'N7: pods as clients of a service',
      '{priority: 5, appliedTo: [{service: {name: s, namespace: n}}], ingress: [{action: Drop, from: [{podSelector: {}}]}]}',
      'bad-policy:4',
    ],
  ])('%s is refused', (_, spec, finding) => {
    expect(findings(spec)).toEqual([finding]);
  });

  test.each([
    ['N4: a name used twice', 'ingress: [{action: Drop, name: a}], egress: [{action: Drop, name: a}]', 'bad-policy:4'],
    ['N5: Deny', 'ingress: [{action: Deny}]', 'unknown-value:4'],
    ['N5: Pass in the baseline', 'tier: baseline, ingress: [{action: Pass}]', 'bad-policy:4'],
    ['N5: Pass of multicast', 'egress: [{action: Pass, to: [{ipBlock: {cidr: 225.1.2.3/32}}]}]', 'bad-rule:4'],
    ['N8: to in an ingress rule', 'ingress: [{action: Drop, to: []}]', 'unknown-field:4'],
    [
      'N8: labels beside a block',
      'ingress: [{action: Drop, from: [{ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}}]}]',
      'bad-peer:4',
    ],
    [
      'N8: a group beside a selector of namespaces',
      'ingress: [{action: Drop, from: [{group: g, namespaceSelector: {}}]}]',
      'bad-peer:4',
    ],
    [
      'N8: two ways to choose namespaces',
      'ingress: [{action: Drop, from: [{namespaces: {match: Self}, namespaceSelector: {}}]}]',
      'bad-peer:4',
    ],
    [
      'N9: Self and sameLabels',
      'ingress: [{action: Drop, from: [{namespaces: {match: Self, sameLabels: [a]}}]}]',
      'bad-peer:4',
    ],
    ['N10: a range of a name', 'ingress: [{action: Drop, ports: [{port: http, endPort: 9}]}]', 'bad-port-range:4'],
    ['N10: a range backwards', 'ingress: [{action: Drop, ports: [{port: 9, endPort: 8}]}]', 'bad-port-range:4'],
    ['N10: half a source range', 'ingress: [{action: Drop, ports: [{port: 9, sourceEndPort: 8}]}]', 'bad-port-range:4'],
    ['N10: IGMP beside ports', 'ingress: [{action: Drop, ports: [{port: 9}], protocols: [{igmp: {}}]}]', 'bad-rule:4'],
    ['N10: ICMP and IGMP in one item', 'ingress: [{action: Drop, protocols: [{igmp: {}, icmp: {}}]}]', 'bad-port:4'],
    [
      'N11: an exception outside its block',
      'egress: [{action: Drop, to: [{ipBlock: {cidr: 10.0.0.0/8, except: [11.0.0.0/16]}}]}]',
      'bad-except:4',
    ],
    ['N12: a name as a source', 'ingress: [{action: Drop, from: [{fqdn: a.b}]}]', 'unknown-field:4'],
    ['N12: a name with a space', 'egress: [{action: Drop, to: [{fqdn: a b}]}]', 'bad-domain-name:4'],
    [
      'N13: services beside ports',
      'egress: [{action: Drop, ports: [{port: 1}], toServices: [{name: s, namespace: n}]}]',
      'bad-rule:4',
    ],
    ['N14: layer 7 in a Drop rule', 'ingress: [{action: Drop, l7Protocols: [{http: {}}]}]', 'bad-rule:4'],
    ['N14: http and tls in one item', 'ingress: [{action: Allow, l7Protocols: [{http: {}, tls: {}}]}]', 'bad-l7:4'],
  ])('%s is refused', (_, fields, finding) => {
    expect(policy(fields)).toEqual([finding]);
  });

  test.each([
    ['N7: other namespaces', '{priority: 5, appliedTo: [{namespaceSelector: {}}]}'],
    [
      'N9: related namespaces',
      `{priority: 5, ${TO_ALL}, ingress: [{action: Drop, from: [{namespaces: {match: Self}}]}]}`,
    ],
  ])('%s are nothing for a NetworkPolicy', (_, spec) => {
    expect(findings(spec, 'NetworkPolicy')).toEqual(['unknown-field:4']);
  });
});

describe('tiers and groups', () => {
  test.each([
    ['with a number of its own', '{priority: 10, description: mine}', []],
    ['with the number of a built-in tier', '{priority: 100}', ['bad-tier:4']],
    ['with the number of ClusterNetworkPolicy', '{priority: 220}', ['bad-tier:4']],
    ['behind all built-in tiers', '{priority: 251}', ['bad-tier:4']],
    ['without a number', '{}', ['missing-field:4']],
  ])('N1: a tier %s', (_, spec, expected) => {
    expect(findings(spec, 'Tier')).toEqual(expected);
  });

  test('N1: two tiers cannot have one number, and a built-in tier keeps its own', () => {
    const tier = (name: string, number: number): string =>
      `apiVersion: crd.antrea.io/v1beta1\nkind: Tier\nmetadata: {name: ${name}}\nspec: {priority: ${number}}\n---\n`;
    const found = (text: string): string[] => readPolicies([{ name: 't', text }]).findings.map(({ rule }) => rule);
    expect(found(tier('a', 10) + tier('b', 10))).toEqual(['bad-tier']);
    expect(found(tier('securityops', 100))).toEqual([]);
    expect(found(tier('securityops', 99))).toEqual(['built-in-tier']);
  });

  test.each([
    ['labels and blocks', '{podSelector: {}, ipBlocks: [{cidr: 10.0.0.0/8}]}', 'bad-peer:4'],
    ['namespaces and blocks', '{namespaceSelector: {}, ipBlocks: [{cidr: 10.0.0.0/8}]}', 'bad-peer:4'],
    ['a group that is not there', '{childGroups: [gone]}', 'unknown-group:4'],
  ])('a group of %s is objected to', (_, spec, finding) => {
    expect(findings(spec, 'ClusterGroup')).toEqual([finding]);
  });

  test('N7: no policy is applied to addresses, and no NetworkPolicy to pods of other namespaces', () => {
    const group = (kind: string, spec: string): string =>
      `apiVersion: crd.antrea.io/v1beta1\nkind: ${kind}\nmetadata: {name: g}\nspec: ${spec}\n---\n`;
    const applied = (kind: string): string =>
      `apiVersion: crd.antrea.io/v1beta1\nkind: ${kind}\nmetadata: {name: p}\nspec: {priority: 1, appliedTo: [{group: g}]}\n`;
    const found = (text: string): string[] => readPolicies([{ name: 't', text }]).findings.map(({ rule }) => rule);
    expect(found(group('ClusterGroup', '{ipBlocks: [{cidr: 10.0.0.0/8}]}') + applied('ClusterNetworkPolicy'))).toEqual([
      'bad-group',
    ]);
    expect(found(group('Group', '{namespaceSelector: {}}') + applied('NetworkPolicy'))).toEqual(['bad-group']);
    expect(found(group('Group', '{podSelector: {}}') + applied('NetworkPolicy'))).toEqual([]);
  });

  test('N3: equal priorities in a tier are warned of across both kinds', () => {
    const one = (kind: string, action: string): string =>
      `apiVersion: crd.antrea.io/v1beta1\nkind: ${kind}\nmetadata: {name: p}\nspec: {priority: 1, ${TO_ALL}, ingress: [{action: ${action}}]}\n---\n`;
    const { findings: found } = readPolicies([
      { name: 't', text: one('NetworkPolicy', 'Drop') + one('ClusterNetworkPolicy', 'Allow') },
    ]);
    expect(found.map(({ rule }) => rule)).toEqual(['equal-priority']);
  });
});
