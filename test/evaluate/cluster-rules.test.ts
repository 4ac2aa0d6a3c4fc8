import { describe, expect, test } from 'vitest';
import { judge, networkPolicy, outside, pod, type Service, trail, workload } from './harness.ts';

const web = pod('shop/web');
const db = pod('shop/db');
const bank = pod('bank/web');
const world = outside('external', '93.184.216.34');
const given = { namespaces: { shop: 'team=a', bank: 'team=b' } };

/** A ClusterNetworkPolicy for all pods, with these fields of `spec` in flow style. */
function cluster(
  fields: string,
  { name = 'p', tier = 'Admin', priority = 10, subject = '{namespaces: {}}' } = {},
): string {
  const head = `apiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: ${name}}\n`;
  return `${head}spec: {tier: ${tier}, priority: ${priority}, subject: ${subject}, ${fields}}\n---\n`;
}

const ALL_PODS = '{namespaces: {}}';
const from = (action: string, more = '', peer = ALL_PODS): string => `{action: ${action}, from: [${peer}]${more}}`;
const to = (action: string, peer = ALL_PODS, more = ''): string => `{action: ${action}, to: [${peer}]${more}}`;

describe('tiers', () => {
  const isolated = networkPolicy('{podSelector: {}}');

  test('C1: Admin comes before NetworkPolicy, Baseline after it', () => {
    const admin = cluster(`ingress: [${from('Accept')}]`);
    const baseline = cluster(`ingress: [${from('Accept')}]`, { tier: 'Baseline' });
    expect(judge(admin + isolated, given)(bank, web).ingress.decision).toBe('allow');
    expect(judge(baseline + isolated, given)(bank, web).ingress.decision).toBe('deny');
    expect(judge(cluster(`ingress: [${from('Deny')}]`, { tier: 'Baseline' }))(bank, web).ingress).toMatchObject({
      decision: 'deny',
      stage: 'baseline',
    });
  });

  test('C1: a NetworkPolicy that allows keeps the baseline from being asked', () => {
    const baseline = cluster(`ingress: [${from('Deny')}]`, { tier: 'Baseline' });
    expect(judge(baseline + networkPolicy('{ingress: [{}]}'))(bank, web).ingress.decision).toBe('allow');
  });

  test('C2: the lower priority number comes first, in each tier by itself', () => {
    const set =
      cluster(`ingress: [${from('Deny')}]`, { name: 'a', priority: 20 }) +
      cluster(`ingress: [${from('Accept')}]`, { name: 'b', priority: 3 });
    expect(judge(set)(bank, web).ingress).toMatchObject({ decision: 'allow', policy: { name: 'b' } });
  });

  test('C3: Accept and Deny are final, Pass in Admin leaves the tier', () => {
    const pass = cluster(`ingress: [${from('Pass')}]`, { name: 'pass', priority: 1 });
    const deny = cluster(`ingress: [${from('Deny')}]`, { name: 'deny', priority: 2 });
    expect(judge(pass + deny)(bank, web).ingress.decision).toBe('allow');
    const { ingress } = judge(pass + deny + isolated)(bank, web);
    expect(trail(ingress)).toMatchObject({ decision: 'deny', stage: 'networkpolicy', passedBy: ['/pass'] });
  });

  test('C3: Pass in Baseline leaves it, and nothing is left that denies', () => {
    const baseline = cluster(`ingress: [${from('Pass')}, ${from('Deny')}]`, { tier: 'Baseline' });
    expect(judge(baseline)(bank, web).ingress.decision).toBe('allow');
  });

  test('C4: rules are tried from the top and the first that matches acts', () => {
    const rules = `ingress: [${from('Accept', ', protocols: [{tcp: {destinationPort: {number: 80}}}]')}, ${from('Deny')}]`;
    const ask = judge(cluster(rules));
    expect(ask(bank, web, 'TCP/80').ingress).toMatchObject({ decision: 'allow', ruleIndex: 0 });
    expect(ask(bank, web, 'TCP/81').ingress).toMatchObject({ decision: 'deny', ruleIndex: 1 });
  });
});

describe('protocols', () => {
  const denied = (protocols: string, service: Service, ports = ''): string =>
    judge(cluster(`ingress: [${from('Deny', `, protocols: [${protocols}]`)}]`), { workloads: [workload(web, ports)] })(
      bank,
      web,
      service,
    ).ingress.decision;

  test.each([
    ['{tcp: {destinationPort: {number: 80}}}', 'TCP/80', 'deny'],
    ['{tcp: {destinationPort: {number: 80}}}', 'UDP/80', 'allow'],
    ['{udp: {destinationPort: {range: {start: 80, end: 82}}}}', 'UDP/82', 'deny'],
    ['{udp: {destinationPort: {range: {start: 80, end: 82}}}}', 'UDP/83', 'allow'],
    ['{sctp: {}}', 'SCTP/9', 'deny'],
    ['{sctp: {}}', 'TCP/9', 'allow'],
    ['{tcp: {destinationPort: {number: 1}}}, {udp: {}}', 'UDP/5', 'deny'],
    ['{tcp: {}}', 'ICMP/0', 'allow'],
  ] as const)('C5: %s and %s → %s', (protocols, service, decision) => {
    expect(denied(protocols, service)).toBe(decision);
  });

  test('C5: a named port may belong to any protocol', () => {
    const named = '{destinationNamedPort: dns}';
    expect(denied(named, 'UDP/53', 'dns=UDP/53')).toBe('deny');
    expect(denied(named, 'TCP/53', 'dns=TCP/53')).toBe('deny');
    expect(denied(named, 'TCP/53', 'dns=UDP/53')).toBe('allow');
  });

  test('C5: without protocols, everything matches, ICMP too', () => {
    expect(judge(cluster(`ingress: [${from('Deny')}]`))(bank, web, 'ICMP/0').ingress.decision).toBe('deny');
  });
});

describe('peers', () => {
  const egress = (peer: string, action = 'Deny') => judge(cluster(`egress: [${to(action, peer)}]`), given);

  test('C6: networks match pods, nodes and the world, ICMP too, and nothing else', () => {
    const ask = egress('{networks: [10.0.0.0/8]}');
    expect(ask(web, db, 'TCP/80', { serverAddresses: ['10.1.2.3'] }).egress.decision).toBe('deny');
    expect(ask(web, db, 'TCP/80', { serverAddresses: ['192.168.0.1'] }).egress.decision).toBe('allow');
    expect(ask(web, outside('host', '10.9.9.9'), 'ICMP/0').egress.decision).toBe('deny');
    expect(ask(web, world).egress.decision).toBe('allow');
  });

  test('C6: ingress peers are pods, so what comes from outside is never matched', () => {
    expect(judge(cluster(`ingress: [${from('Deny')}]`))(world, web).ingress.decision).toBe('allow');
  });

  test('C6: nodes match nodes; which labels a node has is not known', () => {
    const node = outside('host', '192.0.2.1');
    expect(egress('{nodes: {}}')(web, node).egress.decision).toBe('deny');
    expect(egress('{nodes: {}}')(web, db).egress.decision).toBe('allow');
    const { egress: labelled } = egress('{nodes: {matchLabels: {zone: a}}}')(web, node);
    expect(trail(labelled)).toMatchObject({ decision: 'uncertain', missing: ['node labels of host'] });
  });

  test('C7: a star stands for one or more labels, and the bare parent is not meant', () => {
    const rules = `egress: [${to('Accept', '{domainNames: ["*.example.com", example.org]}')}, ${to('Deny', '{networks: [0.0.0.0/0]}')}]`;
    const ask = judge(cluster(rules));
    const named = (name: string) => ask(web, world, 'TCP/443', { serverNames: [name] }).egress.decision;
    expect(['a.example.com', 'a.b.example.com', 'example.org'].map(named)).toEqual(['allow', 'allow', 'allow']);
    expect(['example.com', 'a.example.org', 'badexample.com'].map(named)).toEqual(['deny', 'deny', 'deny']);
    expect(ask(web, world).egress.decision).toBe('uncertain');
  });

  test('C8: traffic of a pod to its own address is not governed', () => {
    const self = { clientPods: ['web-1'], serverPods: ['web-1'] };
    const verdict = judge(cluster(`ingress: [${from('Deny')}]`))(web, web, 'TCP/80', self);
    expect(verdict.ingress).toMatchObject({ decision: 'allow', because: 'selfTraffic' });
    const other = judge(cluster(`ingress: [${from('Deny')}]`))(web, web, 'TCP/80', { ...self, serverPods: ['web-2'] });
    expect(other.ingress.decision).toBe('deny');
  });

  test('C9: an Accept on the way out does not open the way in', () => {
    const verdict = judge(cluster(`egress: [${to('Accept')}]`) + networkPolicy('{podSelector: {}}'))(bank, web);
    expect([verdict.egress.decision, verdict.ingress.decision]).toEqual(['allow', 'deny']);
  });

  test('C11: a subject is pods by namespace or by both labels, and selecting alone isolates nothing', () => {
    const subject = '{pods: {namespaceSelector: {matchLabels: {team: a}}, podSelector: {matchLabels: {app: web}}}}';
    const ask = judge(
      cluster(`ingress: [${from('Deny', '', '{namespaces: {matchLabels: {team: b}}}')}]`, { subject }),
      given,
    );
    expect(ask(bank, web).ingress.decision).toBe('deny');
    expect(ask(bank, db).ingress.because).toBe('noPolicySelects');
    expect(ask(db, web).ingress).toMatchObject({ decision: 'allow', because: 'noPeerMatch' });
    expect(ask(web, bank).ingress.because).toBe('noPolicySelects');
  });
});
