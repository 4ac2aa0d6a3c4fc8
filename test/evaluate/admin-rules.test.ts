import { describe, expect, test } from 'vitest';
import { judge, networkPolicy, outside, pod, trail, workload } from './harness.ts';

const web = pod('shop/web');
const bank = pod('bank/web');
const world = outside('external', '93.184.216.34');
const node = outside('host', '10.9.9.9');
const given = { namespaces: { shop: 'team=a', bank: 'team=b' } };

/** An AdminNetworkPolicy, or the BaselineAdminNetworkPolicy, for all pods, with these fields of `spec` in flow style. */
function admin(fields: string, { name = 'p', priority = 10, subject = '{namespaces: {}}' } = {}): string {
  const head = `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: ${name}}\n`;
  return `${head}spec: {priority: ${priority}, subject: ${subject}, ${fields}}\n---\n`;
}

function baseline(fields: string): string {
  const head = `apiVersion: policy.networking.k8s.io/v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n`;
  return `${head}spec: {subject: {namespaces: {}}, ${fields}}\n---\n`;
}

const from = (action: string, more = '', peer = '{namespaces: {}}'): string =>
  `{action: ${action}, from: [${peer}]${more}}`;
const to = (action: string, peer = '{namespaces: {}}', more = ''): string =>
  `{action: ${action}, to: [${peer}]${more}}`;
const isolated = networkPolicy('{podSelector: {}}');

describe('AdminNetworkPolicy', () => {
  test('A1: by priority, then NetworkPolicy, then the baseline, then allow', () => {
    const set =
      admin(`ingress: [${from('Deny')}]`, { name: 'late', priority: 1000 }) +
      admin(`ingress: [${from('Allow')}]`, { name: 'early', priority: 0 });
    expect(judge(set + isolated)(bank, web).ingress).toMatchObject({ decision: 'allow', policy: { name: 'early' } });
    const deny = baseline(`ingress: [${from('Deny')}]`);
    expect(judge(deny + networkPolicy('{ingress: [{}]}'))(bank, web).ingress.stage).toBe('networkpolicy');
    expect(judge(deny)(bank, web).ingress).toMatchObject({ decision: 'deny', stage: 'baseline' });
    expect(judge(baseline(`egress: [${to('Deny')}]`))(bank, web).ingress.decision).toBe('allow');
  });

  test('A2: each direction has its own list, and its first matching rule acts', () => {
    const rules = `ingress: [${from('Allow', ', ports: [{portNumber: {port: 80}}]')}, ${from('Deny')}], egress: [${to('Allow')}]`;
    const ask = judge(admin(rules));
    expect(ask(bank, web, 'TCP/80').ingress.ruleIndex).toBe(0);
    expect(ask(bank, web, 'TCP/81')).toMatchObject({ egress: { decision: 'allow' }, ingress: { ruleIndex: 1 } });
  });

  test('A3: Allow and Deny are final; Pass skips every later admin policy', () => {
    const deny = admin(`ingress: [${from('Deny')}]`, { name: 'deny', priority: 2 });
    const allow = admin(`ingress: [${from('Allow')}]`, { name: 'allow', priority: 1 });
    const pass = admin(`ingress: [${from('Pass')}]`, { name: 'pass', priority: 1 });
    expect(judge(allow + deny + isolated)(bank, web).ingress.decision).toBe('allow');
    expect(judge(pass + deny)(bank, web).ingress.decision).toBe('allow');
    expect(judge(deny + networkPolicy('{ingress: [{}]}'))(bank, web).ingress.decision).toBe('deny');
  });

  test('A4: a policy without a matching rule isolates nobody', () => {
    const ask = judge(admin(`ingress: [${from('Allow', '', '{namespaces: {matchLabels: {team: c}}}')}]`), given);
    expect(ask(bank, web).ingress).toMatchObject({ decision: 'allow', because: 'noPeerMatch' });
  });

  test('A5: after Pass a NetworkPolicy that selects the pod decides, otherwise the baseline', () => {
    const pass = admin(`ingress: [${from('Pass')}]`);
    const base = baseline(`ingress: [${from('Deny')}]`);
    expect(trail(judge(pass + base + isolated)(bank, web).ingress)).toMatchObject({
      stage: 'networkpolicy',
      passedBy: ['/p'],
    });
    expect(trail(judge(pass + base)(bank, web).ingress)).toMatchObject({ stage: 'baseline', passedBy: ['/p'] });
    const egressOnly = networkPolicy('{policyTypes: [Egress]}');
    expect(judge(pass + base + egressOnly)(bank, web).ingress.stage).toBe('baseline');
  });

  test('A6: the baseline allows what it does not deny', () => {
    const base = baseline(`ingress: [${from('Allow', ', ports: [{portNumber: {port: 80}}]')}, ${from('Deny')}]`);
    expect(judge(base)(bank, web, 'TCP/80').ingress.decision).toBe('allow');
    expect(judge(base)(bank, web, 'TCP/81').ingress.decision).toBe('deny');
    expect(judge(base)(world, web, 'TCP/81').ingress.decision).toBe('allow');
  });

  test('A7: a subject is namespaces, or pods by both selectors', () => {
    const subject = '{pods: {namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: web}}}}';
    const ask = judge(admin(`ingress: [${from('Deny')}]`, { subject }), given);
    expect(ask(bank, web).ingress.decision).toBe('deny');
    expect(ask(web, bank).ingress.because).toBe('noPolicySelects');
    expect(ask(bank, pod('shop/db')).ingress.because).toBe('noPolicySelects');
  });

  test('A8: ingress rules see pods only', () => {
    const ask = judge(admin(`ingress: [${from('Deny')}]`));
    expect([world, node].map((client) => ask(client, web).ingress.decision)).toEqual(['allow', 'allow']);
  });

  test('A9: networks match pods and nodes inside the block as well', () => {
    const ask = judge(admin(`egress: [${to('Deny', '{networks: [10.0.0.0/8]}')}]`));
    expect(ask(web, bank, 'TCP/80', { serverAddresses: ['10.1.1.1'] }).egress.decision).toBe('deny');
    expect(ask(web, bank, 'TCP/80', { serverAddresses: ['11.1.1.1'] }).egress.decision).toBe('allow');
    expect(ask(web, node).egress.decision).toBe('deny');
    expect(ask(web, bank).egress.decision).toBe('uncertain');
  });

  test.each([
    ['{portNumber: {port: 80}}', 'TCP/80', 'deny'],
    ['{portNumber: {port: 80}}', 'UDP/80', 'allow'],
    ['{portNumber: {protocol: UDP, port: 80}}', 'UDP/80', 'deny'],
    ['{portRange: {protocol: SCTP, start: 5, end: 9}}', 'SCTP/9', 'deny'],
    ['{portRange: {start: 5, end: 9}}', 'TCP/10', 'allow'],
    ['{namedPort: dns}', 'UDP/53', 'deny'],
    ['{namedPort: dns}', 'TCP/53', 'allow'],
  ] as const)('A10: %s and %s → %s', (port, service, decision) => {
    const ask = judge(admin(`ingress: [${from('Deny', `, ports: [${port}]`)}]`), {
      workloads: [workload(web, 'dns=UDP/53')],
    });
    expect(ask(bank, web, service).ingress.decision).toBe(decision);
  });

  test('A10: without ports, every protocol matches', () => {
    expect(judge(admin(`ingress: [${from('Deny')}]`))(bank, web, 'ICMP/0').ingress.decision).toBe('deny');
  });

  test('A11: an Allow on the way out says nothing about the way in', () => {
    const verdict = judge(admin(`egress: [${to('Allow')}]`) + isolated)(bank, web);
    expect([verdict.egress.decision, verdict.ingress.decision]).toEqual(['allow', 'deny']);
  });

  test('A12: a peer of an unknown kind makes Allow match nothing and anything else deny', () => {
    const verdict = (action: string) =>
      judge(admin(`ingress: [${from(action, '', '{}')}]`) + isolated)(bank, web).ingress;
    expect(verdict('Allow')).toMatchObject({ decision: 'deny', stage: 'networkpolicy' });
    expect(verdict('Pass')).toMatchObject({ decision: 'deny', stage: 'admin', action: 'deny' });
    expect(verdict('Deny')).toMatchObject({ decision: 'deny', stage: 'admin' });
  });

  test('A13: policies of one priority go by name, whatever the order of the files', () => {
    const allow = admin(`ingress: [${from('Allow')}]`, { name: 'a' });
    const deny = admin(`ingress: [${from('Deny')}]`, { name: 'b' });
    for (const set of [allow + deny, deny + allow]) expect(judge(set)(bank, web).ingress.decision).toBe('allow');
  });

  test('A14: nodes are neither subjects nor pods', () => {
    const ask = judge(admin(`ingress: [${from('Deny')}], egress: [${to('Deny')}]`));
    expect(ask(node, web).decision).toBe('allow');
    expect(ask(web, node)).toMatchObject({ egress: { decision: 'allow' }, ingress: { because: 'notASubject' } });
  });
});
