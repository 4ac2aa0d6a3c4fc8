import { describe, expect, test } from 'vitest';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import { judge, networkPolicy, outside, pod, trail, workload } from './harness.ts';

const cart = pod('shop/cart');
const web = pod('shop/web');
const other = pod('bank/web');
const world = outside('external', '93.184.216.34');

/** Decisions on the ingress side of `cart` under a NetworkPolicy in `shop`. */
function ingress(spec: string, clients: readonly EdgeEndpoint[], given = {}): string[] {
  const ask = judge(networkPolicy(spec), given);
  return clients.map((client) => ask(client, cart).ingress.decision);
}

describe('selection and direction', () => {
  test('K1: an empty or missing podSelector selects every pod of the namespace, and no other', () => {
    for (const spec of ['{podSelector: {}}', '{}']) {
      const ask = judge(networkPolicy(spec));
      expect(ask(world, cart).ingress.decision).toBe('deny');
      expect(ask(world, other).ingress.because).toBe('noPolicySelects');
    }
  });

  test.each([
    ['{matchLabels: {app: cart, tier: db}}', 'allow'],
    ['{matchLabels: {app: cart}}', 'deny'],
    ['{matchExpressions: [{key: app, operator: In, values: [cart, web]}]}', 'deny'],
    ['{matchExpressions: [{key: tier, operator: NotIn, values: [db]}]}', 'deny'],
    ['{matchExpressions: [{key: app, operator: NotIn, values: [cart]}]}', 'allow'],
    ['{matchExpressions: [{key: app, operator: Exists}]}', 'deny'],
    ['{matchExpressions: [{key: app, operator: DoesNotExist}]}', 'allow'],
    ['{matchLabels: {app: cart}, matchExpressions: [{key: tier, operator: Exists}]}', 'allow'],
    ['{matchLabels: }', 'deny'],
  ])('K2: podSelector %s → %s', (selector, decision) => {
    expect(ingress(`{podSelector: ${selector}}`, [web])).toEqual([decision]);
  });

  test('K3: without policyTypes, ingress always counts and egress only with a rule', () => {
    const verdict = (spec: string) => judge(networkPolicy(spec))(cart, web);
    expect(verdict('{podSelector: {}, egress: []}').egress.decision).toBe('allow');
    expect(verdict('{podSelector: {}, egress: []}').ingress.decision).toBe('deny');
    expect(verdict('{podSelector: {}, egress: [{ports: [{port: 53}]}]}').egress.decision).toBe('deny');
  });

  test('K4: a section whose direction is not listed neither allows nor isolates', () => {
    const verdict = judge(networkPolicy('{policyTypes: [Ingress], egress: [{}], ingress: [{}]}'))(cart, web);
    expect(verdict.egress.because).toBe('noPolicySelects');
    expect(verdict.decision).toBe('allow');
  });

  test('K5: isolation is per direction', () => {
    const { egress, ingress: inward } = judge(networkPolicy('{podSelector: {matchLabels: {app: cart}}}'))(cart, web);
    expect([egress.decision, inward.decision]).toEqual(['allow', 'allow']);
    expect(ingress('{podSelector: {matchLabels: {app: cart}}}', [web])).toEqual(['deny']);
  });

  test('K6: policies add up, and one that allows is enough', () => {
    const ask = judge(
      `${networkPolicy('{podSelector: {}}', 'deny-all')}---\n${networkPolicy('{podSelector: {}, ingress: [{}]}', 'open')}`,
    );
    expect(trail(ask(web, cart).ingress)).toEqual({
      side: 'ingress',
      decision: 'allow',
      because: 'ruleMatched',
      stage: 'networkpolicy',
      policy: 'shop/open',
      ruleIndex: 0,
      selectedBy: ['shop/deny-all', 'shop/open'],
    });
  });

  test.each(['{ingress: []}', '{policyTypes: [Ingress]}'])('K7: %s isolates and allows nothing', (spec) => {
    const verdict = judge(networkPolicy(spec))(web, cart);
    expect(trail(verdict.ingress)).toMatchObject({
      decision: 'deny',
      because: 'selectedNoRules',
      policy: 'shop/policy',
    });
  });

  test('K8: both ends must allow, and both are told', () => {
    const ask = judge(
      networkPolicy('{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{}]}', 'out') +
        `---\n${networkPolicy('{podSelector: {matchLabels: {app: cart}}}', 'in')}`,
    );
    const { decision, egress, ingress: inward } = ask(web, cart);
    expect([decision, egress.decision, inward.decision]).toEqual(['deny', 'allow', 'deny']);
  });
});

describe('rules and peers', () => {
  test('K9: a rule needs a peer and a port, of the same rule', () => {
    const ask = judge(
      networkPolicy(
        '{ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}, {from: [{namespaceSelector: {}}], ports: [{port: 90}]}]}',
      ),
    );
    expect(ask(web, cart, 'TCP/80').decision).toBe('allow');
    expect(trail(ask(pod('shop/job'), cart, 'TCP/80').ingress)).toMatchObject({
      because: 'portMismatch',
      nearMiss: 'shop/policy rule 1',
    });
    expect(ask(world, cart, 'TCP/90').ingress.because).toBe('noPeerMatch');
  });

  test.each(['{ingress: [{}]}', '{ingress: [{from: [], ports: []}]}'])('K10: %s allows everything', (spec) => {
    expect(ingress(spec, [web, other, world])).toEqual(['allow', 'allow', 'allow']);
  });

  test('K11: a lone podSelector means pods of the own namespace', () => {
    expect(ingress('{ingress: [{from: [{podSelector: {}}]}]}', [web, other, world])).toEqual(['allow', 'deny', 'deny']);
  });

  test('K12: a lone namespaceSelector means pods of these namespaces, and the empty one no outsiders', () => {
    const given = { namespaces: { bank: 'team=money' } };
    const selector = '{namespaceSelector: {matchLabels: {team: money}}}';
    expect(ingress(`{ingress: [{from: [${selector}]}]}`, [web, other, world], given)).toEqual([
      'deny',
      'allow',
      'deny',
    ]);
    expect(ingress('{ingress: [{from: [{namespaceSelector: {}}]}]}', [web, other, world])).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
  });

  test('K12: every namespace carries its own name, also one that is not described', () => {
    const selector = '{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: bank}}}';
    expect(ingress(`{ingress: [{from: [${selector}]}]}`, [web, other])).toEqual(['deny', 'allow']);
  });

  test('K13: one item joins both selectors, two items are alternatives', () => {
    const given = { namespaces: { bank: 'team=money' } };
    const clients = [web, other, pod('bank/vault')];
    const [namespaces, pods] = [
      'namespaceSelector: {matchLabels: {team: money}}',
      'podSelector: {matchLabels: {app: web}}',
    ];
    expect(ingress(`{ingress: [{from: [{${namespaces}, ${pods}}]}]}`, clients, given)).toEqual([
      'deny',
      'allow',
      'deny',
    ]);
    expect(ingress(`{ingress: [{from: [{${namespaces}}, {${pods}}]}]}`, clients, given)).toEqual([
      'allow',
      'allow',
      'allow',
    ]);
  });

  test('K15: an exception only takes away from its own block', () => {
    const near = outside('external', '10.1.0.5');
    const block = '{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}';
    expect(ingress(`{ingress: [{from: [${block}]}]}`, [near, outside('external', '10.2.0.5'), world])).toEqual([
      'deny',
      'allow',
      'deny',
    ]);
    expect(ingress(`{ingress: [{from: [${block}, {ipBlock: {cidr: 10.1.0.0/24}}]}]}`, [near])).toEqual(['allow']);
    const v6 = '{ipBlock: {cidr: "2001:db8::/32"}}';
    const peers = [outside('external', '2001:db8::1'), outside('external', '2001:db9::1'), near];
    expect(ingress(`{ingress: [{from: [${v6}]}]}`, peers)).toEqual(['allow', 'deny', 'deny']);
  });

  test('K16: whether blocks match pods is a switch of the profile', () => {
    const policy = networkPolicy('{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}');
    const addresses = { clientAddresses: ['10.0.0.7'] };
    expect(judge(policy)(web, cart, 'TCP/80', addresses).ingress.decision).toBe('allow');
    const strict = judge(policy, { profile: { ipBlockMatchesPods: false } });
    expect(strict(web, cart, 'TCP/80', addresses).ingress.decision).toBe('deny');
    expect(strict(web, cart).ingress.decision).toBe('deny');
  });

  test('K17: selectors never match what is no pod', () => {
    const peers = [outside('host', '10.0.0.1'), outside('apiserver'), world];
    const ask = judge(networkPolicy('{ingress: [{from: [{namespaceSelector: {}}, {podSelector: {}}]}]}'));
    expect(peers.map((peer) => ask(peer, cart, 'TCP/80', { sameNode: false }).ingress.decision)).toEqual([
      'deny',
      'deny',
      'deny',
    ]);
  });
});

describe('ports', () => {
  const allowed = (ports: string, services: readonly string[], given = {}) => {
    const ask = judge(networkPolicy(`{ingress: [{ports: [${ports}]}]}`), given);
    return services.filter((service) => ask(web, cart, service as 'TCP/80').ingress.decision === 'allow');
  };
  const services = ['TCP/80', 'TCP/81', 'UDP/80', 'SCTP/80', 'ICMP/0'];

  test.each([
    ['K18: the protocol is TCP by default', '{port: 80}', ['TCP/80']],
    ['K18: a port list never matches ICMP', '{protocol: TCP}, {protocol: UDP}, {protocol: SCTP}', services.slice(0, 4)],
    ['K19: without a port, all ports of the protocol', '{protocol: TCP}', ['TCP/80', 'TCP/81']],
    ['K20: endPort is inclusive', '{port: 79, endPort: 81}', ['TCP/80', 'TCP/81']],
    ['K20: a range of one port', '{port: 81, endPort: 81}', ['TCP/81']],
    ['K22: SCTP opens nothing else', '{protocol: SCTP, port: 80}', ['SCTP/80']],
  ])('%s', (_, ports, expected) => {
    expect(allowed(ports, services)).toEqual(expected);
  });

  test('K18: a rule without ports matches ICMP', () => {
    expect(judge(networkPolicy('{ingress: [{}]}'))(web, cart, 'ICMP/0').ingress.decision).toBe('allow');
  });

  test('K21: a port name is looked up on the destination pod, with its protocol', () => {
    const given = { workloads: [workload(cart, 'http=TCP/8080,metrics=UDP/9090'), workload(web, 'http=TCP/80')] };
    expect(allowed('{port: http}', ['TCP/80', 'TCP/8080', 'UDP/8080'], given)).toEqual(['TCP/8080']);
    expect(allowed('{port: metrics}', ['TCP/9090', 'UDP/9090'], given)).toEqual([]);
    expect(allowed('{port: metrics, protocol: UDP}', ['TCP/9090', 'UDP/9090'], given)).toEqual(['UDP/9090']);
  });

  test('K21: on the egress side the names are those of the peer, and nobody outside has any', () => {
    const given = { workloads: [workload(cart, 'http=TCP/8080'), workload(web, 'http=TCP/80')] };
    const ask = judge(networkPolicy('{policyTypes: [Egress], egress: [{ports: [{port: http}]}]}'), given);
    expect(ask(web, cart, 'TCP/8080').egress.decision).toBe('allow');
    expect(ask(web, cart, 'TCP/80').egress.decision).toBe('deny');
    expect(ask(web, world, 'TCP/80').egress.decision).toBe('deny');
  });

  test('K21: unknown container ports leave it uncertain', () => {
    const verdict = judge(networkPolicy('{ingress: [{ports: [{port: http}]}]}'))(web, cart, 'TCP/8080');
    expect(trail(verdict.ingress)).toMatchObject({
      decision: 'uncertain',
      because: 'conditional',
      missing: ['container port names of shop/cart'],
    });
  });
});

describe('special traffic', () => {
  const closed = networkPolicy('{policyTypes: [Ingress, Egress]}');

  test('K24: a node reaches its own pods, unless it is told to be another node', () => {
    const ask = judge(closed);
    expect(ask(outside('host'), cart).ingress.because).toBe('hostAlwaysAllowed');
    expect(ask(outside('host'), cart, 'TCP/80', { sameNode: false }).ingress.decision).toBe('deny');
    const strict = judge(closed, { profile: { nodeToLocalPodAlwaysAllowed: false } });
    expect(strict(outside('host'), cart).ingress.decision).toBe('deny');
    expect(ask(cart, outside('host', '10.0.0.1')).egress.decision).toBe('deny');
  });

  test('K25: a pod reaches itself, two pods of one workload do not by that', () => {
    const ask = judge(closed);
    const itself = { clientPods: ['cart-1'], serverPods: ['cart-1'] };
    expect(ask(cart, cart, 'TCP/80', itself).ingress.because).toBe('selfTraffic');
    expect(ask(cart, cart, 'TCP/80', { clientPods: ['cart-1'], serverPods: ['cart-2'] }).decision).toBe('deny');
    expect(ask(cart, cart).decision).toBe('deny');
    const strict = judge(closed, { profile: { selfTraffic: 'evaluated' } });
    expect(strict(cart, cart, 'TCP/80', itself).decision).toBe('deny');
  });

  test('K26: what shares the address of its node is no subject, and a node as a peer', () => {
    const ask = judge(networkPolicy('{policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/24}}]}]}'));
    expect(ask(outside('host', '10.0.0.1'), world).egress.because).toBe('notASubject');
    expect(ask(cart, outside('host', '10.0.0.1')).egress.decision).toBe('allow');
  });

  test('K27: a service that was not resolved to a pod leaves it uncertain', () => {
    const service: EdgeEndpoint = { ...outside('service'), namespace: 'shop', workload: 'cart' };
    const verdict = judge(networkPolicy('{podSelector: {matchLabels: {app: cart}}}'))(web, service);
    expect(trail(verdict.ingress)).toMatchObject({
      decision: 'uncertain',
      missing: ['which pods answer for service shop/cart'],
    });
    expect(judge(closed)(web, { ...service, namespace: 'bank' }).ingress.decision).toBe('allow');
  });
});

describe('what is not known', () => {
  test('unknown labels leave open what hinges on them, and nothing else', () => {
    const blind = pod('shop/cart', '?');
    const ask = judge(networkPolicy('{podSelector: {matchLabels: {app: cart}}}'));
    expect(trail(ask(web, blind).ingress)).toMatchObject({ decision: 'uncertain', missing: ['labels of shop/cart'] });
    expect(judge(networkPolicy('{podSelector: {}}'))(web, blind).ingress.decision).toBe('deny');
    expect(ask(web, { ...blind, namespace: 'bank' }).ingress.decision).toBe('allow');
  });

  test('known to be without labels is not the same', () => {
    const bare = pod('shop/cart', '');
    expect(judge(networkPolicy('{podSelector: {matchLabels: {app: cart}}}'))(web, bare).decision).toBe('allow');
  });

  test('a masked address leaves a block open; several addresses only when the block cuts between them', () => {
    const ask = judge(networkPolicy('{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}'));
    const from = (...clientAddresses: string[]) => ask(web, cart, 'TCP/80', { clientAddresses }).ingress.decision;
    expect(trail(ask(outside('external'), cart).ingress)).toMatchObject({ missing: ['address of external'] });
    expect([from(), from('10.0.0.1', '10.9.0.1'), from('10.0.0.1', '192.0.2.1'), from('192.0.2.1')]).toEqual([
      'uncertain',
      'allow',
      'uncertain',
      'deny',
    ]);
  });

  test('an uncertain rule does not matter where another decides the same', () => {
    const ask = judge(
      networkPolicy('{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}, {from: [{podSelector: {}}]}]}'),
    );
    expect(trail(ask(web, cart).ingress)).toMatchObject({ decision: 'allow', ruleIndex: 1 });
  });
});
