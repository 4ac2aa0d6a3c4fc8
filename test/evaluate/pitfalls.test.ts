import { describe, expect, test } from 'vitest';
import { PROFILES, type ProfileName } from '../../src/dialects/profiles.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { WRITERS } from '../../src/dialects/writers.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { Decision } from '../../src/model/verdict.ts';
import { type Given, judge, networkPolicy, outside, pod, policySet, type Service, workload } from './harness.ts';

/** One test for each fault of other products that `docs/policy-semantics.md` lists (F1 to F20). */
const cart = pod('shop/cart');
const web = pod('shop/web');
const stranger = pod('bank/web');
const world = outside('external', '93.184.216.34');
const node = outside('host', '10.1.0.1');

function document(version: string, kind: string, { name = 'policy', namespace = 'shop' }, spec: string): string {
  const place = namespace === '' ? '' : `, namespace: ${namespace}`;
  return `---\napiVersion: ${version}\nkind: ${kind}\nmetadata: {name: ${name}${place}}\nspec: ${spec}\n`;
}

const calico = (spec: string, kind = 'NetworkPolicy', name = 'policy') =>
  document('projectcalico.org/v3', kind, { name, namespace: /Global|Tier/.test(kind) ? '' : 'shop' }, spec);
const cilium = (spec: string, name = 'policy') => document('cilium.io/v2', 'CiliumNetworkPolicy', { name }, spec);
const istio = (spec: string, name = 'policy') =>
  document('security.istio.io/v1', 'AuthorizationPolicy', { name }, spec);
const cluster = (tier: string, priority: number, rules: string, name = 'wide') =>
  document(
    'policy.networking.k8s.io/v1alpha2',
    'ClusterNetworkPolicy',
    { name, namespace: '' },
    `{tier: ${tier}, priority: ${priority}, subject: {namespaces: {}}, ${rules}}`,
  );

/** Decisions at `cart` about these clients. */
function from(yaml: string, clients: readonly EdgeEndpoint[], service: Service = 'TCP/80', given: Given = {}) {
  const ask = judge(yaml, given);
  return clients.map((client): Decision => ask(client, cart, service).ingress.decision);
}

/** Decisions at `cart` about these servers. */
function to(yaml: string, servers: readonly EdgeEndpoint[], service: Service = 'TCP/80', given: Given = {}) {
  const ask = judge(yaml, given);
  return servers.map((server): Decision => ask(cart, server, service).egress.decision);
}

describe('what is there and what is not', () => {
  test('F1: an empty section isolates; a policy of the other direction has no say; nodes are no subjects', () => {
    expect(from(networkPolicy('{policyTypes: [Ingress], ingress: []}'), [web])).toEqual(['deny']);
    const baseline = cluster('Baseline', 1, 'ingress: [{action: Deny, from: [{namespaces: {}}]}]');
    const egressOnly = networkPolicy('{policyTypes: [Egress], egress: [{}]}');
    expect(from(egressOnly + baseline, [web])).toEqual(['deny']);
    expect(judge(networkPolicy('{}'))(web, node).ingress.because).toBe('notASubject');
  });

  test('F2: an empty rule and an empty selector are not the same, and Cilium turns the first into its opposite', () => {
    expect(from(networkPolicy('{ingress: [{}]}'), [web, stranger, world])).toEqual(['allow', 'allow', 'allow']);
    const pods = networkPolicy('{ingress: [{from: [{namespaceSelector: {}, podSelector: {}}]}]}');
    expect(from(pods, [web, stranger, world])).toEqual(['allow', 'allow', 'deny']);
    expect(from(cilium('{endpointSelector: {}, ingress: [{}]}'), [web, world])).toEqual(['deny', 'deny']);
    expect(from(cilium('{endpointSelector: {}, ingress: []}'), [web])).toEqual(['allow']);
    expect(from(cilium('{endpointSelector: {}, ingress: [{fromEndpoints: []}]}'), [web])).toEqual(['deny']);
  });

  test('F3: egress rules alone cut ingress in Kubernetes, and do not in Calico', () => {
    expect(from(networkPolicy('{egress: [{}]}'), [web])).toEqual(['deny']);
    expect(from(calico('{egress: [{action: Allow}]}'), [web])).toEqual(['allow']);
  });

  test('F4: a podSelector stays in its namespace, a namespaceSelector among pods, and one dash decides on AND or OR', () => {
    const peers = (list: string) => networkPolicy(`{ingress: [{from: ${list}}]}`);
    const given = { namespaces: { bank: 'team=pay' } };
    const ask = (list: string) => from(peers(list), [web, stranger, pod('bank/db')], 'TCP/80', given);
    expect(ask('[{podSelector: {matchLabels: {app: web}}}]')).toEqual(['allow', 'deny', 'deny']);
    expect(from(peers('[{namespaceSelector: {}}]'), [world])).toEqual(['deny']);
    const [named, labelled] = [
      'namespaceSelector: {matchLabels: {team: pay}}',
      'podSelector: {matchLabels: {app: web}}',
    ];
    expect(ask(`[{${named}, ${labelled}}]`)).toEqual(['deny', 'allow', 'deny']);
    expect(ask(`[{${named}}, {${labelled}}]`)).toEqual(['allow', 'allow', 'allow']);
  });
});

describe('ports', () => {
  test('F5: a port name is of the destination, with its protocol, by pod, and never falls back to every port', () => {
    const db = pod('shop/db');
    const given = {
      workloads: [workload(cart, 'web=TCP/80'), workload(web, 'web=TCP/8080'), workload(db, 'web=UDP/80')],
    };
    const named = '[{ports: [{port: web}]}]';
    const egress = networkPolicy(`{podSelector: {matchLabels: {app: cart}}, policyTypes: [Egress], egress: ${named}}`);
    expect(to(egress, [web, db, world], 'TCP/80', given)).toEqual(['deny', 'deny', 'deny']);
    expect(to(egress, [web, db], 'TCP/8080', given)).toEqual(['allow', 'deny']);
    expect(from(networkPolicy(`{ingress: ${named}}`), [web], 'TCP/80', given)).toEqual(['allow']);
    expect(from(networkPolicy(`{ingress: ${named}}`), [web], 'TCP/8080', given)).toEqual(['deny']);
  });

  test('F6: both ends must let the same port through', () => {
    const half = (name: string, side: string, port: number) =>
      networkPolicy(`{podSelector: {matchLabels: {app: ${name}}}, ${side}, ports: [{port: ${port}}]}]}`, name);
    const out = half('web', 'policyTypes: [Egress], egress: [{to: [{podSelector: {}}]', 80);
    const into = half('cart', 'policyTypes: [Ingress], ingress: [{from: [{podSelector: {}}]', 443);
    const ask = judge(`${out}---\n${into}`);
    expect([80, 443].map((port) => ask(web, cart, `TCP/${port}`).decision)).toEqual(['deny', 'deny']);
    expect(ask(web, cart, 'TCP/80').egress.decision).toBe('allow');
  });
});

describe('addresses', () => {
  const block = networkPolicy('{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}');

  test.each(Object.keys(PROFILES) as ProfileName[])(
    'F7: whether a block holds pods is a matter of the product: %s',
    (name) => {
      const { profile } = PROFILES[name];
      const ask = judge(block, { profile });
      const { decision } = ask(web, cart, 'TCP/80', { clientAddresses: ['10.1.2.3'] }).ingress;
      expect(decision).toBe(name === 'cilium' ? 'deny' : 'allow');
    },
  );

  test('F8: an exception takes away from its own block only, also where the block is denied', () => {
    const inside = outside('external', '10.1.0.1');
    const peers = '{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}';
    expect(from(networkPolicy(`{ingress: [{from: [${peers}]}]}`), [inside])).toEqual(['deny']);
    expect(from(networkPolicy(`{ingress: [{from: [${peers}, {ipBlock: {cidr: 10.1.0.0/24}}]}]}`), [inside])).toEqual([
      'allow',
    ]);
    const set = '[{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]';
    const denied = `{endpointSelector: {}, ingress: [{fromEntities: [all]}], ingressDeny: [{fromCIDRSet: ${set}}]}`;
    expect(from(cilium(denied), [inside, outside('external', '10.2.0.1'), world])).toEqual(['allow', 'deny', 'allow']);
  });

  const blocks = ['10.0.0.0/8', '10.1.0.0/16', '10.1.0.0/24'];
  const ports = ['{port: "80"}', '{port: "1", endPort: 100}', '{port: "0"}'];
  const pairs = [...blocks, ...ports].flatMap((allowed) => [...blocks, ...ports].map((denied) => [allowed, denied]));
  test.each(pairs)('F9: a deny beats any allow, broader, narrower or as wide: allow %s, deny %s', (allowed, denied) => {
    const rule = (what: string) =>
      what.startsWith('{') ? `{fromEntities: [world], toPorts: [{ports: [${what}]}]}` : `{fromCIDR: [${what}]}`;
    const spec = (deny: string) => `{endpointSelector: {}, ingress: [${rule(allowed ?? '')}]${deny}}`;
    const client = [outside('external', '10.1.0.1')];
    expect(from(cilium(spec('')), client)).toEqual(['allow']);
    expect(from(cilium(spec(`, ingressDeny: [${rule(denied ?? '')}]`)), client)).toEqual(['deny']);
  });
});

describe('products', () => {
  test('F10: enableDefaultDeny does nothing without rules', () => {
    expect(from(cilium('{endpointSelector: {}, enableDefaultDeny: {ingress: true}, egress: [{}]}'), [web])).toEqual([
      'allow',
    ]);
  });

  test('F11: ports behind a service are not opened to everybody', () => {
    const service = '{k8sService: {serviceName: db, namespace: data}}';
    const yaml = `{endpointSelector: {}, egress: [{toServices: [${service}], toPorts: [{ports: [{port: "80"}]}]}]}`;
    expect(to(cilium(yaml), [world, pod('data/db')], 'TCP/443')).toEqual(['deny', 'deny']);
    expect(to(cilium(yaml), [world, pod('data/db')], 'TCP/80')).not.toContain('allow');
  });

  test('F12: a Calico tier in which no policy applies is skipped, may pass at its end, and counts nothing staged', () => {
    const tier = (action: string) => calico(`{order: 1, defaultAction: ${action}}`, 'Tier', 'first');
    const policy = (kind: string, selector: string) =>
      calico(`{tier: first, selector: ${selector}, ingress: [{action: Deny, protocol: UDP}]}`, kind, 'first.one');
    const ask = (action: string, kind: string, selector: string) => from(tier(action) + policy(kind, selector), [web]);
    expect(ask('Deny', 'GlobalNetworkPolicy', 'app == "other"')).toEqual(['allow']);
    expect(ask('Deny', 'StagedGlobalNetworkPolicy', 'all()')).toEqual(['allow']);
    expect(ask('Deny', 'GlobalNetworkPolicy', 'all()')).toEqual(['deny']);
    expect(ask('Pass', 'GlobalNetworkPolicy', 'all()')).toEqual(['allow']);
  });

  test('F13: Calico selectors mean known things and network sets, within the namespace of a namespaced policy', () => {
    const sets = calico('{nets: [198.51.100.0/24]}', 'NetworkSet', 'partners');
    const inSet = outside('external', '198.51.100.7');
    const rule = (text: string) => calico(`{ingress: [{action: Allow, source: {${text}}}]}`) + sets;
    expect(from(rule("namespaceSelector: projectcalico.org/name == 'shop'"), [inSet, web, world])).toEqual([
      'allow',
      'allow',
      'deny',
    ]);
    expect(from(rule("notSelector: app == 'web'"), [web, cart, stranger, world])).toEqual([
      'deny',
      'allow',
      'deny',
      'deny',
    ]);
    expect(from(rule('selector: all()'), [web, world])).toEqual(['allow', 'deny']);
  });

  test('F14: a pod reaches itself, which says nothing of two pods of one workload', () => {
    const ask = judge(networkPolicy('{policyTypes: [Ingress, Egress]}'));
    const pods = (server: string) => ({ clientPods: ['cart-1'], serverPods: [server] });
    expect(ask(cart, cart, 'TCP/80', pods('cart-1')).decision).toBe('allow');
    expect(ask(cart, cart, 'TCP/80', pods('cart-2')).decision).toBe('deny');
  });

  test('F15: in a mesh a request condition widens DENY and empties ALLOW where requests are not seen', () => {
    const rules = '[{to: [{operation: {methods: [GET]}}]}]';
    const set = (spec: string) => readPolicies([{ name: 'p.yaml', text: istio(spec) }], { mesh: 'ztunnel' }).policySet;
    expect(set(`{action: ALLOW, rules: ${rules}}`).policies.flatMap(({ ingress }) => ingress?.rules ?? [])).toEqual([]);
    expect(from(istio(`{action: ALLOW, rules: ${rules}}`), [web])).toEqual(['uncertain']);
    expect(from(istio(`{action: DENY, rules: ${rules}}`), [web])).toEqual(['uncertain']);
    expect(from(istio('{}'), [web])).toEqual(['deny']);
    expect(from(istio('{action: DENY}'), [web])).toEqual(['allow']);
  });
});

describe('texts and orders', () => {
  test('F16: y, n, on and yes are words; digits need quotes; a selector of nothing is empty', () => {
    const ask = (name: string) =>
      judge(
        `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ${name}}\nspec: {podSelector: {matchLabels: {on: yes}}}\n`,
      );
    for (const name of ['y', 'n', 'on']) {
      expect(ask(name)(web, pod(`${name}/db`, 'on=yes')).ingress.decision).toBe('deny');
      expect(ask(name)(web, pod(`${name}/db`, 'on=no')).ingress.decision).toBe('allow');
    }
    const { findings } = readPolicies([
      { name: 'p.yaml', text: networkPolicy('{podSelector: {matchLabels: {tier: 1}}}') },
    ]);
    expect(findings.map(({ rule }) => rule)).toContain('wrong-type');
    expect(from(networkPolicy('{podSelector: {matchLabels: }}'), [web])).toEqual(['deny']);
  });

  test('F17: where priorities are equal, the order of documents decides nothing, and a warning tells', () => {
    const allow = cluster('Admin', 1, 'ingress: [{action: Accept, from: [{namespaces: {}}]}]', 'a');
    const deny = cluster('Admin', 1, 'ingress: [{action: Deny, from: [{namespaces: {}}]}]', 'b');
    expect([allow + deny, deny + allow].map((yaml) => from(yaml, [web]))).toEqual([['allow'], ['allow']]);
    const { findings } = readPolicies([{ name: 'p.yaml', text: allow + deny }]);
    expect(findings.map(({ rule }) => rule)).toContain('equal-priority');
  });

  test('F18: both versions of cluster-wide policies are read side by side, and the current one is written', () => {
    const subject = 'subject: {namespaces: {}}, ingress: [{action: Allow, from: [{namespaces: {}}]}]';
    const old = document(
      'policy.networking.k8s.io/v1alpha1',
      'AdminNetworkPolicy',
      { namespace: '' },
      `{priority: 5, ${subject}}`,
    );
    const both = policySet(old + cluster('Baseline', 1, 'ingress: [{action: Deny, from: [{namespaces: {}}]}]'));
    expect(both.policies.map(({ ref }) => ref.kind).sort()).toEqual(['AdminNetworkPolicy', 'ClusterNetworkPolicy']);
    const written = WRITERS.cluster(both).documents.map(({ apiVersion }) => apiVersion);
    expect(new Set(written)).toEqual(new Set(['policy.networking.k8s.io/v1alpha2']));
  });

  test('F19: what the code of a product does counts, not its prose: patterns of names, exclusions of labels', () => {
    const names = (pattern: string) => `{endpointSelector: {}, egress: [{toFQDNs: [{matchPattern: "${pattern}"}]}]}`;
    const ask = (pattern: string, name: string) =>
      judge(cilium(names(pattern)))(cart, world, 'TCP/443', { serverNames: [name] }).egress.decision;
    expect(ask('*x.io', 'x.io')).toBe('allow');
    expect(ask('*x.io', 'a.x.io')).toBe('deny');
    expect(from(calico("{ingress: [{action: Allow, source: {notSelector: app == 'web'}}]}"), [world])).toEqual([
      'deny',
    ]);
  });

  test('F20: an address of a service or of a node stands for pods that are not known, so selectors are not guessed', () => {
    const yaml = networkPolicy('{policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: web}}}]}]}');
    const service = { ...outside('service', '10.96.0.1'), namespace: 'shop' };
    expect(to(yaml, [service, node])).toEqual(['uncertain', 'deny']);
  });
});
