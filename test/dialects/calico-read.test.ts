import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';

function read(text: string) {
  return readPolicies([{ name: 'calico.yaml', text }]);
}

function policy(spec: string, kind = 'GlobalNetworkPolicy', metadata = 'name: a'): string {
  return `apiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {${metadata}}\nspec: ${spec}\n`;
}

/** `rule path` of every finding. */
function faults(text: string): string[] {
  return read(text).findings.map(({ rule, message }) => `${rule} ${message.split(':')[0]}`);
}

function ruleFaults(rule: string, section = 'ingress'): string[] {
  return faults(policy(`{${section}: [{action: Allow, ${rule}}]}`));
}

describe('strictness', () => {
  test('unknown fields are errors with their place and a remedy', () => {
    const { findings, policySet } = read(policy('{selectr: all()}'));
    expect(findings).toEqual([
      {
        severity: 'error',
        rule: 'unknown-field',
        message: 'spec.selectr: there is no field "selectr"',
        remedy: 'Write "selector", perhaps.',
        location: { file: 'calico.yaml', document: 1, line: 4 },
      },
    ]);
    expect(policySet.policies).toEqual([]);
  });

  test.each([
    ['a selector that is none', policy('{selector: a = "b"}'), 'bad-selector spec.selector'],
    ['an unknown action', policy('{ingress: [{action: Drop}]}'), 'unknown-value spec.ingress[0].action'],
    ['a rule without action', policy('{ingress: [{}]}'), 'missing-field spec.ingress[0].action'],
    [
      'a field of another kind',
      policy('{namespaceSelector: all()}', 'NetworkPolicy'),
      'unknown-field spec.namespaceSelector',
    ],
    ['stagedAction where nothing is staged', policy('{stagedAction: Set}'), 'unknown-field spec.stagedAction'],
    [
      'an unknown stagedAction',
      policy('{stagedAction: Apply}', 'StagedGlobalNetworkPolicy'),
      'unknown-value spec.stagedAction',
    ],
    [
      'the same of a Kubernetes policy',
      policy('{stagedAction: Apply}', 'StagedKubernetesNetworkPolicy'),
      'unknown-value spec.stagedAction',
    ],
    [
      'a namespace on a global kind',
      policy('{}', 'GlobalNetworkPolicy', 'name: a, namespace: b'),
      'unexpected-namespace metadata',
    ],
    ['a tier that allows', policy('{defaultAction: Allow}', 'Tier'), 'unknown-value spec.defaultAction'],
    [
      'domains of a set',
      policy('{allowedEgressDomains: [a.io]}', 'GlobalNetworkSet'),
      'unsupported-field spec.allowedEgressDomains',
    ],
    ['an order in quotes', policy('{order: "5"}'), 'wrong-type spec.order'],
  ])('refuses %s', (_, text, fault) => {
    expect(faults(text)).toEqual([fault]);
    expect(read(text).policySet.policies).toEqual([]);
  });

  test('P2 and P1: a tier that is not there is warned about', () => {
    expect(faults(policy('{tier: team}'))).toEqual(['unknown-tier spec.tier']);
    expect(faults(policy('{tier: kube-admin}'))).toEqual([]);
  });

  test('P8: a section that types leaves out is warned about', () => {
    expect(faults(policy('{types: [Egress], ingress: [{action: Allow}]}'))).toEqual(['ignored-section spec.ingress']);
  });

  test('P15: policies for hosts need applyOnForward, exclude each other, and are noted', () => {
    expect(faults(policy('{doNotTrack: true}'))).toEqual(['bad-host-policy spec.doNotTrack']);
    expect(faults(policy('{doNotTrack: true, preDNAT: true, applyOnForward: true}'))).toEqual([
      'bad-host-policy spec.doNotTrack',
    ]);
    expect(faults(policy('{preDNAT: true, applyOnForward: true, egress: [{action: Deny}]}'))).toEqual([
      'bad-host-policy spec.preDNAT',
    ]);
    expect(faults(policy('{preDNAT: true, applyOnForward: true}'))).toEqual(['host-policy spec.preDNAT']);
    expect(faults(policy('{applyOnForward: true, performanceHints: [AssumeNeededOnEveryNode]}'))).toEqual([]);
  });

  test('P21: global() stands alone, and only in the namespaceSelector of a rule', () => {
    expect(ruleFaults('source: {namespaceSelector: global()}')).toEqual([]);
    expect(ruleFaults('source: {namespaceSelector: "global() || has(a)"}')).toHaveLength(1);
    expect(ruleFaults('source: {selector: global()}')).toHaveLength(1);
    expect(faults(policy('{namespaceSelector: global()}'))).toHaveLength(1);
  });

  test('P24: services stand alone', () => {
    expect(ruleFaults('destination: {services: {name: a}}', 'egress')).toEqual([]);
    expect(ruleFaults('destination: {services: {name: a}, ports: [80], nets: [10.0.0.0/8]}', 'egress')).toEqual([
      'bad-peer spec.egress[0].destination.nets',
      'bad-peer spec.egress[0].destination.ports',
    ]);
  });

  test('P25: blocks of both families in one rule are warned about', () => {
    expect(ruleFaults('source: {nets: [10.0.0.0/8, "fd00::/8"]}')).toEqual(['mixed-families spec.ingress[0].source']);
  });

  test.each([
    ['ports need a protocol', 'destination: {ports: [80]}', 'ports-without-protocol spec.ingress[0].destination.ports'],
    [
      'one with ports',
      'protocol: ICMP, source: {notPorts: [80]}',
      'ports-without-protocol spec.ingress[0].source.notPorts',
    ],
    [
      'ranges ascend',
      'protocol: TCP, destination: {ports: ["90:80"]}',
      'bad-port spec.ingress[0].destination.ports[0]',
    ],
    ['ports end', 'protocol: TCP, destination: {ports: ["1:70000"]}', 'bad-port spec.ingress[0].destination.ports[0]'],
    [
      'ports are numbers',
      'protocol: TCP, destination: {ports: [70000]}',
      'out-of-range spec.ingress[0].destination.ports[0]',
    ],
    ['protocols are known', 'protocol: tcp', 'unknown-value spec.ingress[0].protocol'],
  ])('P31: %s', (_, rule, fault) => {
    expect(ruleFaults(rule)).toEqual([fault]);
  });

  test('P31: names of ports need no protocol', () => {
    expect(ruleFaults('destination: {ports: [http]}, source: {notPorts: [out]}')).toEqual([]);
  });

  test('P32: HTTP is for ingress rules that allow TCP', () => {
    expect(ruleFaults('http: {methods: [GET]}')).toEqual([]);
    expect(ruleFaults('http: {methods: [GET]}', 'egress')).toHaveLength(1);
    expect(ruleFaults('protocol: UDP, http: {methods: [GET]}')).toHaveLength(1);
    expect(faults(policy('{ingress: [{action: Deny, http: {methods: [GET]}}]}'))).toHaveLength(1);
    expect(ruleFaults('http: {paths: [{exact: /a, prefix: /b}]}')).toHaveLength(1);
  });

  test('P33: excluding every address is refused, and a bare address is a block of one', () => {
    expect(ruleFaults('source: {notNets: [0.0.0.0/0]}')).toEqual(['bad-cidr spec.ingress[0].source.notNets[0]']);
    expect(ruleFaults('source: {nets: [0.0.0.0/0]}')).toEqual([]);
    const [first] = read(policy('{ingress: [{action: Allow, source: {nets: [10.0.0.1, "fd00::1"]}}]}')).policySet
      .policies;
    expect(first?.ingress?.rules[0]?.peer).toMatchObject({ cidrs: ['10.0.0.1/32', 'fd00::1/128'] });
  });

  test('P34: a code needs a type, and ICMP its protocol and family', () => {
    expect(ruleFaults('protocol: ICMP, icmp: {code: 1}')).toEqual(['bad-icmp spec.ingress[0].icmp']);
    expect(ruleFaults('icmp: {type: 8}')).toEqual(['bad-icmp spec.ingress[0].icmp']);
    expect(ruleFaults('protocol: ICMP, ipVersion: 6')).toEqual(['bad-icmp spec.ingress[0].ipVersion']);
    expect(ruleFaults('protocol: ICMPv6, ipVersion: 6, icmp: {type: 128}')).toEqual([]);
  });
});

describe('other forms', () => {
  test('the form in which Calico stores objects is read too, with the labels it keeps aside', () => {
    const stored = (text: string) => text.replace('projectcalico.org/v3', 'crd.projectcalico.org/v1');
    const aside = `annotations: {projectcalico.org/metadata: '{"labels":{"role":"partner"}}'}`;
    const set = stored(policy('{nets: [198.51.100.0/24]}', 'GlobalNetworkSet', `name: s, ${aside}`));
    const named = stored(policy('{ingress: [{action: Allow, source: {selector: role == "partner"}}]}'));
    const { policySet, findings } = read(`${set}---\n${named}`);
    expect(findings).toEqual([]);
    expect(policySet.policies[0]?.ingress?.rules[0]?.peer).toMatchObject({
      match: 'some',
      of: [{ match: 'labels' }, { match: 'cidr', cidrs: ['198.51.100.0/24'] }, { match: 'networkSet', names: ['s'] }],
    });
  });

  test('a host is a peer and not judged', () => {
    const host = policy(
      '{node: n, interfaceName: eth0, expectedIPs: [10.0.0.1], ports: [{name: a, protocol: TCP, port: 1}]}',
      'HostEndpoint',
    );
    expect(faults(host)).toEqual(['host-not-judged kind']);
  });

  test('configuration of Calico is passed over, and profiles are said not to count', () => {
    const configuration = ['FelixConfiguration', 'IPPool', 'BGPPeer'].map((kind) => policy('{}', kind)).join('---\n');
    expect(read(configuration).findings.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(
      Array(3).fill('note not-a-policy'),
    );
    expect(read(policy('{}', 'Profile')).findings).toMatchObject([{ severity: 'warning', rule: 'profile-not-judged' }]);
  });

  test('policies of Calico make the profile calico', () => {
    const { policySet, profileGuessed } = read(policy('{}'));
    expect([policySet.profile.name, profileGuessed]).toEqual(['calico', true]);
  });
});
