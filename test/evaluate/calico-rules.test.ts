import { describe, expect, test } from 'vitest';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import { type Given, judge, outside, pod, type Service, workload } from './harness.ts';

const cart = pod('shop/cart');
const web = pod('shop/web');
const bankWeb = pod('bank/web');
const world = outside('external', '93.184.216.34');
const world6 = outside('external', '2001:db8::1');
const inSet = outside('external', '198.51.100.7');
const unlabelled = pod('shop/mystery', '?');

function calico(kind: string, name: string, spec: string, more = ''): string {
  const place = kind.includes('Global') ? '' : ', namespace: shop';
  return `---\napiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: ${name}${place}${more}}\nspec: ${spec}\n`;
}

/** Pods have addresses here that are in no set. */
function addressOf({ kind }: EdgeEndpoint) {
  return kind === 'pod' ? { clientAddresses: ['10.9.8.7'] } : {};
}

/** Decisions on the ingress side of `cart` when only this rule of a global policy allows. */
function allowed(
  rule: string,
  clients: readonly EdgeEndpoint[],
  more: Partial<Given> & { also?: string } = {},
): string[] {
  const ask = judge(
    calico('GlobalNetworkPolicy', 'policy', `{ingress: [{action: Allow, ${rule}}]}`) + (more.also ?? ''),
    more,
  );
  return clients.map((client) => ask(client, cart, 'TCP/80', addressOf(client)).ingress.decision);
}

/** The same for a NetworkPolicy in `shop`. */
function allowedInShop(rule: string, clients: readonly EdgeEndpoint[], more: Partial<Given> & { also?: string } = {}) {
  const ask = judge(
    calico('NetworkPolicy', 'policy', `{ingress: [{action: Allow, ${rule}}]}`) + (more.also ?? ''),
    more,
  );
  return clients.map((client) => ask(client, cart, 'TCP/80', addressOf(client)).ingress.decision);
}

describe('what a policy applies to', () => {
  const selected = (spec: string, given: Given = {}) => {
    const ask = judge(calico('GlobalNetworkPolicy', 'policy', spec), given);
    return [cart, web, bankWeb].map((server) => ask(world, server).ingress.decision);
  };

  test('P12: selector and namespaceSelector are both asked; none means all', () => {
    expect(selected('{}')).toEqual(['deny', 'deny', 'deny']);
    expect(selected('{selector: ""}')).toEqual(['deny', 'deny', 'deny']);
    expect(selected('{selector: app == "web"}')).toEqual(['allow', 'deny', 'deny']);
    const given = { namespaces: { shop: 'team=a', bank: 'team=b' } };
    expect(selected('{namespaceSelector: team == "a"}', given)).toEqual(['deny', 'deny', 'allow']);
    expect(selected('{selector: app == "web", namespaceSelector: team == "a"}', given)).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
    expect(selected('{namespaceSelector: all()}')).toEqual(['deny', 'deny', 'deny']);
  });

  test('P13: serviceAccountSelector picks by the account, whose labels flows do not tell', () => {
    const given = { workloads: [{ ...workload(cart, ''), serviceAccount: 'buyer' }] };
    const ask = judge(
      calico('GlobalNetworkPolicy', 'p', '{serviceAccountSelector: projectcalico.org/name == "buyer"}'),
      given,
    );
    expect(ask(world, cart).ingress.decision).toBe('deny');
    const byLabel = judge(calico('GlobalNetworkPolicy', 'p', '{serviceAccountSelector: team == "a"}'), given);
    expect(byLabel(world, cart).ingress).toMatchObject({
      decision: 'uncertain',
      missing: ['service account labels of shop/cart'],
    });
  });

  test('P14: labels that Calico adds can be asked for', () => {
    const given = { workloads: [{ ...workload(web, ''), serviceAccount: 'front' }], namespaces: { bank: 'team=b' } };
    expect(selected('{selector: projectcalico.org/namespace == "bank"}')).toEqual(['allow', 'allow', 'deny']);
    expect(selected('{selector: projectcalico.org/namespace != "bank"}')).toEqual(['deny', 'deny', 'allow']);
    expect(selected('{selector: projectcalico.org/namespace starts with "ba"}')).toEqual(['allow', 'allow', 'deny']);
    expect(selected('{selector: projectcalico.org/orchestrator == "k8s"}')).toEqual(['deny', 'deny', 'deny']);
    expect(selected('{selector: projectcalico.org/orchestrator == "openstack"}')).toEqual(['allow', 'allow', 'allow']);
    expect(selected('{namespaceSelector: projectcalico.org/name == "bank"}')).toEqual(['allow', 'allow', 'deny']);
    expect(selected('{selector: pcns.team == "b"}', given)).toEqual(['allow', 'allow', 'deny']);
    expect(selected('{selector: app == "web" && projectcalico.org/serviceaccount == "front"}', given)[1]).toBe('deny');
  });

  test('P15: policies for hosts are kept and do not apply to pods', () => {
    expect(selected('{preDNAT: true, applyOnForward: true}')).toEqual(['allow', 'allow', 'allow']);
    expect(selected('{doNotTrack: true, applyOnForward: true}')).toEqual(['allow', 'allow', 'allow']);
    expect(selected('{applyOnForward: true}')).toEqual(['deny', 'deny', 'deny']);
  });
});

describe('whom a rule names', () => {
  test('P23: everything given must hold', () => {
    const rule = 'protocol: TCP, source: {selector: app == "web"}, destination: {selector: app == "cart", ports: [80]}';
    const ask = judge(calico('GlobalNetworkPolicy', 'p', `{ingress: [{action: Allow, ${rule}}]}`));
    expect(ask(web, cart).ingress.decision).toBe('allow');
    expect(ask(web, cart, 'UDP/80').ingress.decision).toBe('deny');
    expect(ask(web, cart, 'TCP/81').ingress.decision).toBe('deny');
    expect(ask(cart, cart).ingress.decision).toBe('deny');
    expect(ask(web, bankWeb).ingress.decision).toBe('deny');
  });

  test('P23: ipVersion limits a rule to its family', () => {
    expect(allowed('ipVersion: 4', [world, world6])).toEqual(['allow', 'deny']);
    expect(allowed('ipVersion: 6', [world, world6])).toEqual(['deny', 'allow']);
  });

  test('P23: protocols go by name or number, and can be excluded', () => {
    const decide = (rule: string, service: Service) =>
      judge(calico('GlobalNetworkPolicy', 'p', `{ingress: [{action: Allow, ${rule}}]}`))(web, cart, service).ingress
        .decision;
    expect(['TCP/80', 'UDP/80'].map((service) => decide('protocol: 17', service as Service))).toEqual([
      'deny',
      'allow',
    ]);
    expect(['TCP/80', 'UDP/80'].map((service) => decide('notProtocol: TCP', service as Service))).toEqual([
      'deny',
      'allow',
    ]);
  });

  test('P24: a field is any of its items, a negated one none of them', () => {
    expect(allowed('source: {nets: [10.0.0.0/8, 93.184.216.0/24]}', [world, inSet])).toEqual(['allow', 'deny']);
    expect(allowed('source: {notNets: [10.0.0.0/8, 93.184.216.0/24]}', [world, inSet])).toEqual(['deny', 'allow']);
    expect(allowed('source: {nets: [93.184.216.34]}', [world])).toEqual(['allow']);
    expect(allowed('source: {selector: has(app), notSelector: app == "web"}', [web, cart])).toEqual(['deny', 'allow']);
  });

  test('P24: a service stands for addresses that no flow tells', () => {
    const spec = '{egress: [{action: Allow, destination: {services: {name: api, namespace: bank}}}]}';
    expect(judge(calico('NetworkPolicy', 'p', spec))(web, cart).egress).toMatchObject({
      decision: 'uncertain',
      missing: ['addresses and ports behind service bank/api'],
    });
  });

  test('P25: blocks of the other family never match, positive or negated', () => {
    expect(allowed('source: {nets: [0.0.0.0/0]}', [world, world6])).toEqual(['allow', 'deny']);
    expect(allowed('source: {notNets: [10.0.0.0/8]}', [world, world6])).toEqual(['allow', 'deny']);
    expect(allowed('source: {notNets: ["fd00::/8"]}', [world, world6])).toEqual(['deny', 'allow']);
    expect(allowed('source: {nets: [93.0.0.0/8, "2001:db8::/32"]}', [world, world6, inSet])).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
    expect(allowed('source: {nets: [10.0.0.0/8]}, destination: {nets: ["fd00::/8"]}', [world, world6])).toEqual([
      'deny',
      'deny',
    ]);
  });

  test('P25: blocks match the addresses of pods', () => {
    const ask = judge(
      calico('GlobalNetworkPolicy', 'p', '{ingress: [{action: Allow, source: {nets: [10.1.0.0/16]}}]}'),
    );
    const from = (address: string) => ask(web, cart, 'TCP/80', { clientAddresses: [address] }).ingress.decision;
    expect([from('10.1.2.3'), from('10.2.2.3')]).toEqual(['allow', 'deny']);
    expect(ask(web, cart).ingress).toMatchObject({ decision: 'uncertain', missing: ['address of shop/web'] });
  });

  test('P26: in a namespaced policy a rule that names endpoints means its own namespace', () => {
    expect(allowedInShop('source: {selector: app == "web"}', [web, bankWeb])).toEqual(['allow', 'deny']);
    expect(allowedInShop('source: {selector: all()}', [web, bankWeb, world])).toEqual(['allow', 'deny', 'deny']);
    expect(allowed('source: {selector: app == "web"}', [web, bankWeb])).toEqual(['allow', 'allow']);
    const anywhere = 'source: {selector: app == "web", namespaceSelector: all()}';
    expect(allowedInShop(anywhere, [web, bankWeb, cart])).toEqual(['allow', 'allow', 'deny']);
    const given = { namespaces: { bank: 'team=b' } };
    expect(allowedInShop('source: {namespaceSelector: team == "b"}', [web, bankWeb], given)).toEqual(['deny', 'allow']);
    expect(allowedInShop('source: {nets: [0.0.0.0/0]}', [world])).toEqual(['allow']);
    expect(allowedInShop('source: {}', [world, bankWeb])).toEqual(['allow', 'allow']);
  });

  test('P27: notSelector in a namespaced policy leaves only its namespace, in a global one everything', () => {
    const rule = 'source: {notSelector: app == "web"}';
    expect(allowedInShop(rule, [web, cart, bankWeb, world])).toEqual(['deny', 'allow', 'deny', 'deny']);
    expect(allowed(rule, [web, cart, bankWeb, world])).toEqual(['deny', 'allow', 'deny', 'allow']);
  });

  const sets =
    calico('NetworkSet', 'partners', '{nets: [198.51.100.0/24]}', ', labels: {role: partner}') +
    calico('GlobalNetworkSet', 'known', '{nets: [93.184.216.34]}', ', labels: {role: known}');

  test('P28: global() means what has no namespace', () => {
    const rule = 'source: {namespaceSelector: global()}';
    expect(allowedInShop(rule, [web, world, inSet], { also: sets })).toEqual(['deny', 'allow', 'deny']);
    const narrowed = 'source: {namespaceSelector: global(), selector: role == "partner"}';
    expect(allowedInShop(narrowed, [world, inSet], { also: sets })).toEqual(['deny', 'deny']);
  });

  test('P29: selectors pick network sets by their labels', () => {
    expect(allowedInShop('source: {selector: role == "partner"}', [inSet, world, web], { also: sets })).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(allowedInShop('source: {selector: role == "known"}', [world], { also: sets })).toEqual(['deny']);
    expect(allowed('source: {selector: has(role)}', [inSet, world], { also: sets })).toEqual(['allow', 'allow']);
    expect(allowed('source: {selector: all()}', [inSet, world, web, world6], { also: sets })).toEqual([
      'allow',
      'allow',
      'allow',
      'deny',
    ]);
    expect(allowed('source: {notSelector: role == "partner"}', [inSet, world, web], { also: sets })).toEqual([
      'deny',
      'allow',
      'allow',
    ]);
  });

  test('P29: a source that masks the address and names the set is believed', () => {
    const rule = 'source: {selector: role == "partner"}';
    const masked = ['shop/partners', 'bank/partners'].map((name) => outside('netset', '', name));
    expect(allowedInShop(rule, masked, { also: sets })).toEqual(['allow', 'uncertain']);
  });

  test('P29: a network set inherits the labels of its namespace, as far as they are known', () => {
    const rule = 'source: {namespaceSelector: team == "a"}';
    expect(allowed(rule, [inSet], { also: sets })).toEqual(['uncertain']);
    const namespace = (team: string) =>
      `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {team: ${team}}}\n`;
    expect(allowed(rule, [inSet], { also: sets + namespace('a') })).toEqual(['allow']);
    expect(allowed(rule, [inSet], { also: sets + namespace('b') })).toEqual(['deny']);
    const byName = 'source: {namespaceSelector: projectcalico.org/name == "shop"}';
    expect(allowed(byName, [inSet], { also: sets })).toEqual(['allow']);
  });

  test('P29: hosts are picked by their labels too', () => {
    const host = calico(
      'HostEndpoint',
      'node-1',
      '{node: node-1, expectedIPs: [198.51.100.7]}',
      ', labels: {kind: host}',
    );
    const also = host.replace(', namespace: shop', '');
    expect(allowed('source: {selector: kind == "host"}', [inSet, world], { also })).toEqual(['allow', 'deny']);
  });

  test('P30: service accounts go by name and by labels, and never pick sets', () => {
    const given = { workloads: [{ ...workload(web, ''), serviceAccount: 'front' }] };
    expect(allowedInShop('source: {serviceAccounts: {names: [front]}}', [web, bankWeb, world], given)).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(allowedInShop('source: {serviceAccounts: {names: [back]}}', [web], given)).toEqual(['deny']);
    const both = 'source: {serviceAccounts: {names: [front]}, selector: app == "cart"}';
    expect(allowedInShop(both, [web], given)).toEqual(['deny']);
    expect(allowedInShop('source: {serviceAccounts: {selector: a == "b"}}', [web], given)).toEqual(['uncertain']);
    expect(allowedInShop('source: {serviceAccounts: {}}', [inSet], { also: sets })).toEqual(['deny']);
  });

  test('labels that are not known leave the verdict open', () => {
    expect(allowed('source: {selector: app == "web"}', [unlabelled])).toEqual(['uncertain']);
    expect(allowed('source: {selector: all()}', [unlabelled])).toEqual(['allow']);
  });
});

describe('ports and protocols', () => {
  const given = { workloads: [workload(cart, 'http=TCP/8080'), workload(web, 'out=TCP/3000')] };
  const decide = (rule: string, service: Service, clientPort?: number) =>
    judge(calico('GlobalNetworkPolicy', 'p', `{ingress: [{action: Allow, ${rule}}]}`), given)(web, cart, service, {
      ...(clientPort !== undefined && { clientPort }),
    }).ingress.decision;

  test('P31: numbers, ranges and names of ports', () => {
    const rule = 'protocol: TCP, destination: {ports: [80, "90:92", http]}';
    const services: Service[] = ['TCP/80', 'TCP/91', 'TCP/93', 'TCP/8080', 'UDP/80', 'UDP/8080'];
    expect(services.map((service) => decide(rule, service))).toEqual([
      'allow',
      'allow',
      'deny',
      'allow',
      'deny',
      'deny',
    ]);
    expect(decide('destination: {ports: [http]}', 'TCP/8080')).toBe('allow');
    expect(decide('protocol: TCP, destination: {notPorts: [80, http]}', 'TCP/8080')).toBe('deny');
    expect(decide('protocol: TCP, destination: {notPorts: [80, http]}', 'TCP/81')).toBe('allow');
  });

  test('P31: source ports are those of the client, also by name', () => {
    const decisions = (ports: string) =>
      [3000, 3001].map((clientPort) => decide(`protocol: TCP, source: {${ports}}`, 'TCP/80', clientPort));
    expect(decisions('ports: [3000]')).toEqual(['allow', 'deny']);
    expect(decisions('ports: [out]')).toEqual(['allow', 'deny']);
    expect(decisions('ports: [http]')).toEqual(['deny', 'deny']);
    expect(decisions('notPorts: [out]')).toEqual(['deny', 'allow']);
    expect(decide('protocol: TCP, source: {notPorts: [3000]}', 'TCP/80')).toBe('uncertain');
  });

  test('P32: HTTP conditions make a verdict conditional', () => {
    const rule = 'http: {methods: [GET, HEAD], paths: [{exact: /a}, {prefix: /b}]}';
    const yaml = calico('GlobalNetworkPolicy', 'p', `{ingress: [{action: Allow, ${rule}}]}`);
    expect(judge(yaml)(web, cart).ingress).toMatchObject({
      decision: 'uncertain',
      because: 'conditional',
      missing: ['HTTP request GET or HEAD /a or /b*'],
    });
    expect(judge(yaml)(web, cart, 'UDP/80').ingress.decision).toBe('deny');
  });

  test('P34: ICMP goes by type and code, and rules about it match nothing else', () => {
    const ask = (rule: string, service: Service, icmp = {}) =>
      judge(calico('GlobalNetworkPolicy', 'p', `{ingress: [{action: Allow, ${rule}}]}`))(web, cart, service, icmp)
        .ingress.decision;
    const [echo, unreachable] = [
      { icmpType: 8, icmpCode: 0 },
      { icmpType: 3, icmpCode: 1 },
    ];
    expect(ask('protocol: ICMP, icmp: {type: 8}', 'ICMP/0', echo)).toBe('allow');
    expect(ask('protocol: ICMP, icmp: {type: 8}', 'ICMP/0', unreachable)).toBe('deny');
    expect(ask('protocol: ICMP, icmp: {type: 3, code: 2}', 'ICMP/0', unreachable)).toBe('deny');
    expect(ask('protocol: ICMP, icmp: {type: 8}', 'ICMP/0')).toBe('uncertain');
    expect(ask('protocol: ICMP, notICMP: {type: 8}', 'ICMP/0', unreachable)).toBe('allow');
    expect(ask('protocol: ICMP, notICMP: {type: 8}', 'ICMP/0', echo)).toBe('deny');
    expect(ask('notICMP: {type: 8}', 'ICMP/0', unreachable)).toBe('allow');
    expect(ask('notICMP: {type: 8}', 'TCP/80')).toBe('deny');
  });
});
