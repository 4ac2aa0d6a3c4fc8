import { describe, expect, test } from 'vitest';
import {
  apiserver,
  cart,
  ccnp,
  cnp,
  egress,
  findings,
  from,
  ingress,
  node,
  other,
  refused,
  to,
  web,
  world,
  worldV6,
} from './cilium-harness.ts';
import { judge, networkPolicy, outside, pod, trail, workload } from './harness.ts';

const everyone = [web, other, world, node];
const job = pod('shop/job');

describe('mode and precedence', () => {
  test('X1: a direction is open until a rule selects the endpoint with that direction', () => {
    const ask = judge(ingress('[{fromEndpoints: [{}]}]'));
    expect(ask(world, cart).ingress.decision).toBe('deny');
    expect(ask(cart, world).egress.because).toBe('noPolicySelects');
    expect(ask(world, other).ingress.because).toBe('noPolicySelects');
  });

  test.each([
    ['{ingress: false}', ['allow', 'allow', 'allow', 'allow']],
    ['{ingress: true}', ['allow', 'deny', 'deny', 'deny']],
    ['{egress: false}', ['allow', 'deny', 'deny', 'deny']],
  ])('X2: enableDefaultDeny %s', (mode, decisions) => {
    expect(from(ingress('[{fromEndpoints: [{}]}]', `, enableDefaultDeny: ${mode}`), everyone)).toEqual(decisions);
  });

  test('X2: one selecting rule that wants the default deny is enough', () => {
    const lax = ingress('[{fromEndpoints: [{}]}]', ', enableDefaultDeny: {ingress: false}');
    expect(from(lax + cnp('{endpointSelector: {matchLabels: {app: cart}}, ingress: [{}]}', 'b'), [world])).toEqual([
      'deny',
    ]);
    expect(from(lax + cnp('{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}', 'b'), [world])).toEqual([
      'allow',
    ]);
  });

  test('X2: enableDefaultDeny without rules has no effect, and that is said', () => {
    const yaml = cnp('{endpointSelector: {}, egress: [{}], enableDefaultDeny: {ingress: true}}');
    expect(from(yaml, [world])).toEqual(['allow']);
    expect(findings(yaml)).toEqual([expect.stringContaining('warning ignored-default-deny')]);
  });

  test.each([
    ['a narrower peer', '[{fromEntities: [all]}]', '[{fromEndpoints: [{matchLabels: {app: web}}]}]', ['deny', 'allow']],
    [
      'a broader peer',
      '[{fromEndpoints: [{matchLabels: {app: job}}]}]',
      '[{fromEntities: [cluster]}]',
      ['deny', 'deny'],
    ],
    [
      'an overlapping one',
      '[{fromEndpoints: [{}]}]',
      '[{fromEndpoints: [{matchExpressions: [{key: app, operator: NotIn, values: [job]}]}]}]',
      ['deny', 'allow'],
    ],
    [
      'a broader port',
      '[{fromEndpoints: [{}], toPorts: [{ports: [{port: "80"}]}]}]',
      '[{fromEndpoints: [{matchLabels: {app: web}}]}]',
      ['deny', 'allow'],
    ],
    [
      'a port range',
      '[{fromEndpoints: [{}]}]',
      '[{toPorts: [{ports: [{port: "70", endPort: 90, protocol: TCP}]}]}]',
      ['deny', 'deny'],
    ],
    [
      'another port',
      '[{fromEndpoints: [{}]}]',
      '[{toPorts: [{ports: [{port: "81", endPort: 90, protocol: TCP}]}]}]',
      ['allow', 'allow'],
    ],
  ])('X3: a deny of %s beats the allow', (_, allow, deny, decisions) => {
    expect(from(ingress(allow, `, ingressDeny: ${deny}`), [web, job])).toEqual(decisions);
  });

  test('X3: a deny beats allows of other policies, NetworkPolicy among them, and allows add up', () => {
    const open = networkPolicy('{ingress: [{}]}', 'open');
    expect(from(open + ingress('[{fromEntities: [host]}]'), [web])).toEqual(['allow']);
    expect(from(open + ingress('[]', ', ingressDeny: [{fromEndpoints: [{}]}]'), [web, world])).toEqual([
      'deny',
      'allow',
    ]);
    expect(from(open + ccnp('{endpointSelector: {}, ingressDeny: [{fromEntities: [world]}]}'), [web, world])).toEqual([
      'allow',
      'deny',
    ]);
  });

  test('X3: a deny of addresses spares its exceptions, which need an allow of their own', () => {
    const deny = ', ingressDeny: [{fromCIDRSet: [{cidr: 93.0.0.0/8, except: [93.184.216.0/24]}]}]';
    const other93 = outside('external', '93.1.1.1');
    expect(from(ingress('[{fromEntities: [world]}]', deny), [world, other93])).toEqual(['allow', 'deny']);
    expect(from(ingress('[{fromEndpoints: [{}]}]', deny), [world])).toEqual(['deny']);
  });

  test('X4: deny rules alone deny by default too, unless told not to', () => {
    const deny = ', ingressDeny: [{fromEntities: [world]}]';
    expect(from(ingress('[]', deny), [web, world])).toEqual(['deny', 'deny']);
    expect(from(ingress('[]', `${deny}, enableDefaultDeny: {ingress: false}`), [web, world])).toEqual([
      'allow',
      'deny',
    ]);
  });

  test('X5: policies stand in the stage of NetworkPolicy', () => {
    expect(trail(judge(ingress('[{fromEndpoints: [{}]}]'))(web, cart).ingress)).toEqual({
      side: 'ingress',
      decision: 'allow',
      because: 'ruleMatched',
      stage: 'networkpolicy',
      policy: 'shop/policy',
      ruleIndex: 0,
      selectedBy: ['shop/policy'],
    });
  });

  test('X6: specs are rule sets of their own under one name, beside spec', () => {
    const sets =
      'specs: [{endpointSelector: {}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]}, {endpointSelector: {}, ingress: [{fromEntities: [world]}]}]';
    const yaml = `${cnp('{endpointSelector: {}, egress: [{}]}')}${sets}\n`;
    expect(from(yaml, [web, world, other])).toEqual(['allow', 'allow', 'deny']);
    expect(to(yaml, [web])).toEqual(['deny']);
    const { selectedBy } = judge(yaml)(other, cart).ingress;
    expect(selectedBy.map(({ name }) => name)).toEqual(['policy']);
  });

  test('X6: a document or a rule set without rules is refused', () => {
    refused(cnp('{endpointSelector: {}}'), 'missing-field');
    refused(cnp(''), 'missing-field');
  });
});

describe('empty and missing', () => {
  test('X7: an empty section is as good as absent', () => {
    const yaml = cnp('{endpointSelector: {}, ingress: [], egress: [{}]}');
    expect(from(yaml, everyone)).toEqual(['allow', 'allow', 'allow', 'allow']);
  });

  test.each([
    '[{}]',
    '[{fromEndpoints: null}]',
    '[{toPorts: []}]',
    '[{icmps: []}]',
    '[{authentication: {mode: required}}]',
  ])('X8: ingress: %s denies by default and allows nobody', (rules) => {
    expect(from(ingress(rules), everyone)).toEqual(['deny', 'deny', 'deny', 'deny']);
    expect(judge(ingress(rules))(web, cart).ingress.because).toBe('selectedNoRules');
  });

  test.each(['fromEndpoints', 'fromEntities', 'fromCIDR', 'fromCIDRSet', 'fromNodes'])(
    'X9: %s: [] selects nobody, with ports or without',
    (name) => {
      expect(from(ingress(`[{${name}: []}]`), everyone)).toEqual(['deny', 'deny', 'deny', 'deny']);
      const ports = 'toPorts: [{ports: [{port: "80"}]}]';
      expect(from(ingress(`[{${name}: [], ${ports}}]`), everyone)).toEqual(['deny', 'deny', 'deny', 'deny']);
      expect(from(ingress(`[{${ports}}]`), everyone)).toEqual(['allow', 'allow', 'allow', 'allow']);
    },
  );

  test('X9: an empty list in a deny rule denies nobody', () => {
    const yaml = ingress('[{fromEntities: [all]}]', ', ingressDeny: [{fromEndpoints: []}, {}]');
    expect(from(yaml, everyone)).toEqual(['allow', 'allow', 'allow', 'allow']);
  });

  test('X10: the empty selector means the own namespace, or in a clusterwide policy all pods; never world or host', () => {
    expect(from(ingress('[{fromEndpoints: [{}]}]'), everyone)).toEqual(['allow', 'deny', 'deny', 'deny']);
    const wide = ccnp('{endpointSelector: {}, ingress: [{fromEndpoints: [{}]}]}');
    expect(from(wide, everyone)).toEqual(['allow', 'allow', 'deny', 'deny']);
  });

  test('X11: without a list of peers, named ports are open to anyone', () => {
    const yaml = ingress('[{toPorts: [{ports: [{port: "80", protocol: TCP}]}]}]');
    expect(from(yaml, everyone)).toEqual(['allow', 'allow', 'allow', 'allow']);
    expect(from(yaml, everyone, 'TCP/81')).toEqual(['deny', 'deny', 'deny', 'deny']);
  });

  test.each(['', ', toPorts: []', ', toPorts: null'])(
    'X12: peers with "%s" may use every port and protocol',
    (ports) => {
      const yaml = ingress(`[{fromEndpoints: [{}]${ports}}]`);
      for (const service of ['TCP/80', 'UDP/53', 'ICMP/0'] as const)
        expect(from(yaml, [web, other], service)).toEqual(['allow', 'deny']);
    },
  );

  test.each(['[{}]', '[{ports: []}]'])('X12: toPorts: %s allows nothing, and that is said', (ports) => {
    const yaml = ingress(`[{fromEndpoints: [{}], toPorts: ${ports}}]`);
    expect(from(yaml, everyone)).toEqual(['deny', 'deny', 'deny', 'deny']);
    expect(findings(yaml)).toEqual([expect.stringContaining('warning no-ports')]);
  });

  test('X12: port "0" is every port of the protocol', () => {
    const yaml = ingress('[{fromEndpoints: [{}], toPorts: [{ports: [{port: "0", protocol: TCP}]}]}]');
    expect(from(yaml, [web], 'TCP/9999')).toEqual(['allow']);
    expect(from(yaml, [web], 'UDP/9999')).toEqual(['deny']);
  });

  test('X13: what Kubernetes writes as {} is the entity all here', () => {
    expect(from(networkPolicy('{ingress: [{}]}'), everyone)).toEqual(
      from(ingress('[{fromEntities: [all]}]'), everyone),
    );
    expect(from(networkPolicy('{ingress: [{}]}'), everyone)).not.toEqual(from(ingress('[{}]'), everyone));
  });
});

describe('selectors', () => {
  test('X14: endpointSelector or nodeSelector, not both, and nodes only clusterwide', () => {
    refused(cnp('{ingress: [{}]}'), 'bad-subject');
    refused(ccnp('{endpointSelector: {}, nodeSelector: {}, ingress: [{}]}'), 'bad-subject');
    refused(cnp('{nodeSelector: {}, ingress: [{}]}'), 'bad-subject');
    expect(from(cnp('{endpointSelector: {matchLabels: {app: cart}}, ingress: [{}]}'), [web])).toEqual(['deny']);
    expect(from(cnp('{endpointSelector: {matchLabels: {app: web}}, ingress: [{}]}'), [web])).toEqual(['allow']);
  });

  test('X15: the subject is of the own namespace, whatever the selector says', () => {
    const selector = '{matchLabels: {"k8s:io.kubernetes.pod.namespace": bank}}';
    const yaml = cnp(`{endpointSelector: ${selector}, ingress: [{}]}`);
    expect(from(yaml, [web])).toEqual(['deny']);
    expect(judge(yaml)(web, other).ingress.because).toBe('noPolicySelects');
    expect(findings(yaml)).toEqual([expect.stringContaining('warning ignored-namespace')]);
  });

  test.each([
    ['{matchLabels: {app: web}}', ['allow', 'deny']],
    ['{matchLabels: {app: web, "k8s:io.kubernetes.pod.namespace": bank}}', ['deny', 'allow']],
    ['{matchLabels: {app: web, io.kubernetes.pod.namespace: bank}}', ['deny', 'allow']],
    ['{matchExpressions: [{key: "k8s:io.kubernetes.pod.namespace", operator: Exists}]}', ['allow', 'allow']],
    [
      '{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: NotIn, values: [bank]}, {key: app, operator: Exists}]}',
      ['allow', 'deny'],
    ],
    ['{matchLabels: {io.cilium.k8s.namespace.labels.team: money}}', ['deny', 'allow']],
    ['{matchLabels: {"k8s:io.cilium.k8s.namespace.labels.kubernetes.io/metadata.name": shop}}', ['allow', 'deny']],
    [
      '{matchExpressions: [{key: io.cilium.k8s.namespace.labels.team, operator: NotIn, values: [money]}, {key: app, operator: Exists}]}',
      ['allow', 'deny'],
    ],
  ])('X15: peers of the own namespace unless the selector speaks of namespaces: %s', (selector, decisions) => {
    const given = { namespaces: { bank: 'team=money' } };
    expect(from(ingress(`[{fromEndpoints: [${selector}]}]`), [web, other], 'TCP/80', given)).toEqual(decisions);
    expect(from(ingress(`[{fromEndpoints: [${selector}]}]`), [world, node], 'TCP/80', given)).toEqual(['deny', 'deny']);
  });

  test('X15: a selector that only excludes namespaces also selects what has none', () => {
    const selector = '{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: NotIn, values: [bank]}]}';
    expect(from(ingress(`[{fromEndpoints: [${selector}]}]`), [web, other, world, node])).toEqual([
      'allow',
      'deny',
      'allow',
      'allow',
    ]);
  });

  test('X15: a clusterwide policy means pods of all namespaces', () => {
    const yaml = ccnp(
      '{endpointSelector: {matchLabels: {app: cart}}, ingress: [{fromEndpoints: [{matchLabels: {app: web}}]}]}',
    );
    expect(from(yaml, [web, other, job, world])).toEqual(['allow', 'allow', 'deny', 'deny']);
    const scoped = ccnp('{endpointSelector: {matchLabels: {io.kubernetes.pod.namespace: bank}}, ingress: [{}]}');
    expect(judge(scoped)(web, other).ingress.decision).toBe('deny');
    expect(judge(scoped)(other, cart).ingress.because).toBe('noPolicySelects');
  });

  test.each([
    ['{matchLabels: {"k8s:app": web}}', ['allow', 'deny']],
    ['{matchLabels: {"any:app": web}}', ['allow', 'deny']],
    ['{matchExpressions: [{key: "k8s:app", operator: In, values: [web]}]}', ['allow', 'deny']],
    ['{matchLabels: {"container:app": web}}', ['uncertain', 'uncertain']],
    ['{matchLabels: {"reserved:host": ""}}', ['deny', 'deny']],
  ])('X16: label keys may say where the label comes from: %s', (selector, decisions) => {
    expect(from(ingress(`[{fromEndpoints: [${selector}]}]`), [web, job])).toEqual(decisions);
  });

  test('X16: reserved labels mark entities, also in subjects', () => {
    expect(
      from(ingress('[{fromEndpoints: [{matchLabels: {"reserved:kube-apiserver": ""}}]}]'), [apiserver, web]),
    ).toEqual(['allow', 'deny']);
    expect(
      from(
        ingress('[{fromEndpoints: [{matchExpressions: [{key: "reserved:world", operator: DoesNotExist}]}]}]'),
        everyone,
      ),
    ).toEqual(['allow', 'allow', 'deny', 'allow']);
    const gateway = ccnp(
      '{endpointSelector: {matchExpressions: [{key: "reserved:ingress", operator: Exists}]}, ingress: [{fromEndpoints: [{}]}]}',
    );
    expect(judge(gateway)(world, outside('ingress')).ingress.decision).toBe('deny');
    expect(judge(gateway)(world, cart).ingress.decision).toBe('allow');
  });

  test('X16: service accounts and clusters are labels', () => {
    const workloads = [
      { ...workload(web, ''), serviceAccount: 'front' },
      { ...workload(job, ''), serviceAccount: 'batch' },
    ];
    const account = ingress('[{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.serviceaccount: front}}]}]');
    expect(from(account, [web, job, pod('shop/new')], 'TCP/80', { workloads })).toEqual(['allow', 'deny', 'uncertain']);
    const here = ingress('[{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: test}}]}]');
    expect(from(here, [web, world])).toEqual(['allow', 'deny']);
    const there = ingress('[{fromEndpoints: [{matchLabels: {io.cilium.k8s.policy.cluster: elsewhere}}]}]');
    expect(judge(there)(web, cart).ingress.missing).toEqual(['cluster name of shop/web']);
    const any = ingress(
      '[{fromEndpoints: [{matchExpressions: [{key: io.cilium.k8s.policy.cluster, operator: Exists}]}]}]',
    );
    expect(from(any, everyone)).toEqual(['allow', 'deny', 'deny', 'deny']);
  });

  test('X17: fromRequires and toRequires are refused', () => {
    refused(ingress('[{fromRequires: [{matchLabels: {env: prod}}], fromEndpoints: [{}]}]'), 'not-supported');
    refused(egress('[{toRequires: [{}]}]'), 'not-supported');
  });
});

describe('peers', () => {
  test('X18: one kind of peer in an entry; items of a list are alternatives', () => {
    refused(ingress('[{fromEndpoints: [{}], fromEntities: [world]}]'), 'bad-peer');
    refused(egress('[{toCIDR: [10.0.0.0/8], toFQDNs: [{matchName: a.io}]}]'), 'bad-peer');
    const two = '[{fromEndpoints: [{matchLabels: {app: web}}, {matchLabels: {app: job}}]}, {fromEntities: [world]}]';
    expect(from(ingress(two), [web, job, world, pod('shop/db')])).toEqual(['allow', 'allow', 'allow', 'deny']);
    const narrow =
      '[{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: "80"}]}]}, {fromEndpoints: [{matchLabels: {app: job}}]}]';
    expect(from(ingress(narrow), [web, job], 'TCP/81')).toEqual(['deny', 'allow']);
  });

  const kinds = ['pod', 'external', 'host', 'apiserver', 'health', 'ingress', 'unmanaged', 'unknown'] as const;
  test.each([
    ['all', 'allow allow allow allow allow allow allow allow'],
    ['world', 'deny allow deny uncertain deny deny deny uncertain'],
    ['world-ipv4', 'deny allow deny uncertain deny deny deny uncertain'],
    ['world-ipv6', 'deny deny deny deny deny deny deny deny'],
    ['cluster', 'allow deny allow uncertain allow allow allow uncertain'],
    ['host', 'deny deny uncertain uncertain deny deny deny uncertain'],
    ['remote-node', 'deny deny uncertain uncertain deny deny deny uncertain'],
    ['host, remote-node', 'deny deny allow uncertain deny deny deny uncertain'],
    ['kube-apiserver', 'deny deny deny allow deny deny deny uncertain'],
    ['health', 'deny deny deny deny allow deny deny uncertain'],
    ['ingress', 'deny deny deny deny deny allow deny uncertain'],
    ['unmanaged', 'deny deny deny deny deny deny allow uncertain'],
    ['init', 'deny deny deny deny deny deny deny uncertain'],
    ['none', 'deny deny deny deny deny deny deny deny'],
  ])('X19: entity %s', (entity, decisions) => {
    const peers = kinds.map((kind) => (kind === 'pod' ? web : outside(kind, '93.184.216.34')));
    expect(to(egress(`[{toEntities: [${entity}]}]`), peers).join(' ')).toBe(decisions);
  });

  test('X19: own and other nodes are told apart where it is known who runs the pod; unknown names are refused', () => {
    const ask = judge(egress('[{toEntities: [host]}]'));
    expect(ask(cart, node, 'TCP/80', { sameNode: true }).egress.decision).toBe('allow');
    expect(ask(cart, node, 'TCP/80', { sameNode: false }).egress.decision).toBe('deny');
    expect(
      judge(egress('[{toEntities: [remote-node]}]'))(cart, node, 'TCP/80', { sameNode: false }).egress.decision,
    ).toBe('allow');
    expect(to(egress('[{toEntities: [world-ipv6]}]'), [world, worldV6])).toEqual(['deny', 'allow']);
    refused(egress('[{toEntities: [internet]}]'), 'unknown-value');
  });

  test('X20: address blocks mean the world: no pods, no nodes, though their addresses lie inside', () => {
    const ask = judge(ingress('[{fromCIDR: [0.0.0.0/0]}]'));
    const seen = { clientAddresses: ['10.9.9.9'], sameNode: false };
    expect([world, web, node, worldV6].map((one) => ask(one, cart, 'TCP/80', seen).ingress.decision)).toEqual([
      'allow',
      'deny',
      'deny',
      'deny',
    ]);
  });

  test('X20: exceptions take from their own block only, and lie inside it', () => {
    const one = '[{fromCIDRSet: [{cidr: 93.0.0.0/8, except: [93.184.0.0/16]}]}]';
    const two = '[{fromCIDRSet: [{cidr: 93.0.0.0/8, except: [93.184.0.0/16]}, {cidr: 93.184.216.0/24}]}]';
    expect(from(ingress(one), [world, outside('external', '93.1.1.1')])).toEqual(['deny', 'allow']);
    expect(from(ingress(two), [world])).toEqual(['allow']);
    refused(ingress('[{fromCIDRSet: [{cidr: 10.0.0.0/8, except: [11.0.0.0/16]}]}]'), 'bad-except');
    refused(ingress('[{fromCIDRSet: [{cidr: 10.0.0.0/8, cidrGroupRef: a}]}]'), 'bad-cidr');
  });

  const group = (name: string, version: string, labels = '') =>
    `---\napiVersion: cilium.io/${version}\nkind: CiliumCIDRGroup\nmetadata: {name: ${name}, labels: {${labels}}}\nspec: {externalCIDRs: [93.0.0.0/8]}\n`;

  test.each(['v2', 'v2alpha1'])('X20: CiliumCIDRGroup of %s by name and by labels', (version) => {
    const byName = ingress('[{fromCIDRSet: [{cidrGroupRef: partners, except: [93.184.0.0/16]}]}]');
    const byLabel = ingress('[{fromCIDRSet: [{cidrGroupSelector: {matchLabels: {trust: high}}}]}]');
    const peers = [world, outside('external', '93.1.1.1'), outside('external', '8.8.8.8')];
    expect(from(byName + group('partners', version), peers)).toEqual(['deny', 'allow', 'deny']);
    expect(from(byLabel + group('partners', version, 'trust: high'), peers)).toEqual(['allow', 'allow', 'deny']);
  });

  test('X20: a group that was not read leaves the world open, and that is said', () => {
    const yaml = ingress('[{fromCIDRSet: [{cidrGroupRef: partners}]}]');
    expect(from(yaml, [world, web])).toEqual(['uncertain', 'deny']);
    expect(findings(yaml)).toEqual([expect.stringContaining('warning unknown-group')]);
    expect(findings(ingress('[{fromCIDRSet: [{cidrGroupSelector: {}}]}]'))).toHaveLength(1);
  });

  test('X20: ipBlock of a NetworkPolicy keeps to the world as well', () => {
    const block = networkPolicy('{ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}');
    const ask = judge(block + cnp('{endpointSelector: {matchLabels: {app: none}}, ingress: [{}]}', 'cilium'));
    const seen = { clientAddresses: ['10.9.9.9'], sameNode: false };
    expect([world, web, node].map((one) => ask(one, cart, 'TCP/80', seen).ingress.decision)).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    const kubernetes = judge(block);
    expect([world, web, node].map((one) => kubernetes(one, cart, 'TCP/80', seen).ingress.decision)).toEqual([
      'allow',
      'allow',
      'allow',
    ]);
  });

  test('X21: the own node always reaches its pods, except where a deny says otherwise', () => {
    const nobody = judge(ingress('[{}]'));
    expect(nobody(node, cart, 'TCP/80', { sameNode: true }).ingress.because).toBe('hostAlwaysAllowed');
    expect(nobody(node, cart, 'TCP/80', { sameNode: false }).ingress.decision).toBe('deny');
    const denied = judge(ingress('[]', ', ingressDeny: [{fromEntities: [all]}]'));
    expect(denied(node, cart, 'TCP/80', { sameNode: true }).ingress.because).toBe('ruleMatched');
    expect(denied(node, cart, 'TCP/80', { sameNode: true }).ingress.decision).toBe('deny');
  });

  test('X22: a service that is read along stands for its pods, at the ports that the rule names', () => {
    const db = pod('data/db');
    const service = (selector: string) =>
      `---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: data, labels: {a: b}}\nspec: {${selector}ports: [{port: 1}]}\n`;
    const read = service('selector: {app: db}, ');
    const ports = 'toPorts: [{ports: [{port: "80"}]}]';
    const named = egress(`[{toServices: [{k8sService: {serviceName: db, namespace: data}}], ${ports}}]`);
    expect(to(named + read, [db, pod('data/web'), web, world])).toEqual(['allow', 'deny', 'deny', 'deny']);
    expect(to(named + read, [db], 'TCP/81')).toEqual(['deny']);
    expect(to(named + service(''), [db])).toEqual(['uncertain']);
    const labelled = (label: string) =>
      egress(`[{toServices: [{k8sServiceSelector: {selector: {matchLabels: {a: ${label}}}, namespace: data}}]}]`);
    expect(to(labelled('b') + read, [db, web])).toEqual(['allow', 'uncertain']);
    expect(to(labelled('c') + read, [db])).toEqual(['uncertain']);
  });

  test('X22: backends of services are not known, so the verdict says what is missing and ports still count', () => {
    const yaml = egress(
      '[{toServices: [{k8sService: {serviceName: db, namespace: data}}], toPorts: [{ports: [{port: "80"}]}]}]',
    );
    expect(judge(yaml)(cart, pod('data/db')).egress.missing).toEqual(['backends of service data/db']);
    expect(to(yaml, [world, pod('data/db')], 'TCP/81')).toEqual(['deny', 'deny']);
    expect(to(egress('[{toServices: [{k8sServiceSelector: {selector: {matchLabels: {a: b}}}}]}]'), [web])).toEqual([
      'uncertain',
    ]);
  });

  test.each([
    ['{matchName: api.x.io}', 'API.X.io.', 'a.api.x.io'],
    ['{matchPattern: "*.x.io"}', 'a.x.io', 'a.b.x.io'],
    ['{matchPattern: "*.x.io"}', 'a.x.io', 'x.io'],
    ['{matchPattern: "*x.io"}', 'x.io', 'a.x.io'],
    ['{matchPattern: "*x.io"}', 'subx.io', 'xio'],
    ['{matchPattern: "**.x.io"}', 'a.b.x.io', 'x.io'],
    ['{matchPattern: "**.x.io"}', 'a.x.io', 'ax.io'],
    ['{matchPattern: "a*c.**.io"}', 'abc.d.io', 'abc.d.e.io'],
    ['{matchPattern: "*"}', 'anything.at.all', undefined],
  ])('X23: %s names %s and not %s', (pattern, yes, no) => {
    const ask = judge(egress(`[{toFQDNs: [${pattern}]}]`));
    const named = (server: ReturnType<typeof pod>, name: string) =>
      ask(cart, server, 'TCP/443', { serverNames: [name] }).egress.decision;
    expect(named(world, yes)).toBe('allow');
    if (no !== undefined) expect(named(world, no)).toBe('deny');
    expect(named(web, yes)).toBe('deny');
    expect(ask(cart, world, 'TCP/443').egress.missing).toEqual([expect.stringContaining('DNS name of')]);
  });

  test('X23: names are for egress, for allows, and written as names', () => {
    refused(ingress('[{fromFQDNs: [{matchName: a.io}]}]'), 'unknown-field');
    refused(cnp('{endpointSelector: {}, egressDeny: [{toFQDNs: [{matchName: a.io}]}]}'), 'unknown-field');
    refused(egress('[{toFQDNs: [{matchName: "*.a.io"}]}]'), 'bad-name');
    refused(egress('[{toFQDNs: [{}]}]'), 'bad-name');
  });
});

describe('ports and what lies above them', () => {
  test.each([
    ['{port: "80"}', { 'TCP/80': 'allow', 'UDP/80': 'allow', 'SCTP/80': 'allow', 'ICMP/0': 'deny', 'TCP/81': 'deny' }],
    ['{port: "80", protocol: ANY}', { 'TCP/80': 'allow', 'UDP/80': 'allow', 'SCTP/80': 'allow', 'ICMP/0': 'deny' }],
    ['{port: "80", protocol: UDP}', { 'TCP/80': 'deny', 'UDP/80': 'allow', 'SCTP/80': 'deny' }],
    [
      '{port: "80", endPort: 90, protocol: TCP}',
      { 'TCP/79': 'deny', 'TCP/80': 'allow', 'TCP/90': 'allow', 'TCP/91': 'deny' },
    ],
    ['{port: "0"}', { 'TCP/1': 'allow', 'UDP/65535': 'allow', 'ICMP/0': 'deny' }],
  ] as const)('X24, X25: %s', (port, decisions) => {
    const yaml = ingress(`[{fromEndpoints: [{}], toPorts: [{ports: [${port}]}]}]`);
    for (const [service, decision] of Object.entries(decisions)) {
      expect(from(yaml, [web], service as 'TCP/80'), service).toEqual([decision]);
    }
  });

  test('X24: ICMP is named in icmps alone, by number or name, and not beside toPorts', () => {
    const ask = judge(
      ingress(
        '[{fromEndpoints: [{}], icmps: [{fields: [{type: 8, family: IPv4}, {type: EchoRequest, family: IPv6}]}]}]',
      ),
    );
    const icmp = (protocol: number, icmpType?: number) =>
      ask(web, cart, 'ICMP/0', { protocol, ...(icmpType !== undefined && { icmpType }) }).ingress.decision;
    expect([icmp(1, 8), icmp(58, 128), icmp(1, 0), icmp(58, 8), icmp(1)]).toEqual([
      'allow',
      'allow',
      'deny',
      'deny',
      'uncertain',
    ]);
    expect(ask(web, cart, 'TCP/80').ingress.decision).toBe('deny');
    expect(from(ingress('[{icmps: [{fields: [{type: 8}]}]}]'), [world], 'TCP/80')).toEqual(['deny']);
    refused(ingress('[{icmps: [{fields: [{type: 8}]}], toPorts: [{ports: [{port: "80"}]}]}]'), 'bad-peer');
    refused(ingress('[{icmps: [{fields: [{type: PacketTooBig, family: IPv4}]}]}]'), 'unknown-value');
    refused(ingress('[{toPorts: [{ports: [{port: "8", protocol: ICMP}]}]}]'), 'unknown-value');
  });

  test('X24: protocols without ports are read with a word about their flag', () => {
    const yaml = ingress('[{fromEndpoints: [{}], toPorts: [{ports: [{port: "0", protocol: VRRP}]}]}]');
    expect(findings(yaml)).toEqual([expect.stringContaining('warning behind-a-flag')]);
    expect(judge(yaml)(web, cart, 'TCP/0', { protocol: 112 }).ingress.decision).toBe('allow');
    expect(from(yaml, [web], 'TCP/80')).toEqual(['deny']);
  });

  test('X25: port names are those of the destination, whatever their case, and its protocol counts', () => {
    const given = { workloads: [workload(cart, 'http=TCP/8080'), workload(web, 'http=TCP/9090')] };
    const yaml = ingress('[{fromEndpoints: [{}], toPorts: [{ports: [{port: HTTP, protocol: TCP}]}]}]');
    expect(from(yaml, [web], 'TCP/8080', given)).toEqual(['allow']);
    expect(from(yaml, [web], 'TCP/9090', given)).toEqual(['deny']);
    const out = egress('[{toEntities: [all], toPorts: [{ports: [{port: http, protocol: TCP}]}]}]');
    expect(to(out, [web, world], 'TCP/9090', given)).toEqual(['allow', 'deny']);
    expect(to(out.replace('TCP', 'UDP'), [web], 'TCP/9090', given)).toEqual(['deny']);
  });

  test('X25: a port is text, no more than 40 in a rule, and a range goes upwards', () => {
    refused(ingress('[{toPorts: [{ports: [{port: 80}]}]}]'), 'wrong-type');
    refused(ingress('[{toPorts: [{ports: [{port: "70000"}]}]}]'), 'bad-port');
    refused(ingress('[{toPorts: [{ports: [{port: "80", endPort: 70}]}]}]'), 'bad-port-range');
    refused(ingress('[{toPorts: [{ports: [{port: http, endPort: 70}]}]}]'), 'bad-port-range');
    const many = (count: number) => Array.from({ length: count }, (_, index) => `{port: "${index + 1}"}`).join(', ');
    refused(ingress(`[{toPorts: [{ports: [${many(41)}]}]}]`), 'too-many-items');
    expect(findings(ingress(`[{toPorts: [{ports: [${many(40)}]}]}]`))).toEqual([]);
  });

  const get = (peers: string) =>
    `{${peers}toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{method: GET, path: /a}, {method: POST}]}}]}`;

  test('X26: an L7 rule leaves open what the proxy decides, and nothing else', () => {
    const ask = judge(ingress(`[${get('fromEndpoints: [{}], ')}]`));
    expect(trail(ask(web, cart).ingress)).toMatchObject({
      decision: 'uncertain',
      because: 'conditional',
      ruleIndex: 0,
      missing: ['HTTP request GET /a or POST'],
    });
    expect(ask(world, cart).ingress.decision).toBe('deny');
    expect(ask(web, cart, 'TCP/81').ingress.decision).toBe('deny');
  });

  test('X26: an allow of the same traffic without L7 rules lets every request pass, in any order', () => {
    const plain = '{fromEndpoints: [{matchLabels: {app: web}}], toPorts: [{ports: [{port: "80", protocol: TCP}]}]}';
    for (const rules of [`[${get('')}, ${plain}]`, `[${plain}, ${get('')}]`]) {
      expect(from(ingress(rules), [web, job])).toEqual(['allow', 'uncertain']);
    }
    expect(from(ingress(`[${get('')}]`, ', ingressDeny: [{fromEndpoints: [{}]}]'), [web])).toEqual(['deny']);
  });

  test('X26: requests that an L7 rule does not name are dropped even without default deny', () => {
    const lax = ', enableDefaultDeny: {ingress: false}';
    expect(from(ingress(`[${get('fromEndpoints: [{}], ')}]`, lax), [web, world])).toEqual(['uncertain', 'allow']);
  });

  test('X26: rules that fit every request ask nothing', () => {
    const dns = (pattern: string) =>
      egress(
        `[{toEndpoints: [{}], toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchPattern: "${pattern}"}]}}]}]`,
      );
    expect(to(dns('*'), [web, world], 'UDP/53')).toEqual(['allow', 'deny']);
    expect(judge(dns('*.x.io'))(cart, web, 'UDP/53').egress.missing).toEqual(['DNS query for *.x.io']);
    expect(from(ingress('[{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{}]}}]}]'), [web])).toEqual([
      'allow',
    ]);
  });

  test.each([
    [ingress('[{toPorts: [{ports: [{port: "80", protocol: UDP}], rules: {http: [{method: GET}]}}]}]')],
    [ingress('[{toPorts: [{ports: [{port: "80"}], rules: {http: [{method: GET}]}}]}]')],
    [ingress('[{toPorts: [{ports: [{port: "0", protocol: TCP}], rules: {http: [{method: GET}]}}]}]')],
    [ingress('[{toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]}]')],
    [egress('[{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{}], dns: [{matchName: a.io}]}}]}]')],
    [egress('[{toPorts: [{ports: [{port: "53", endPort: 55, protocol: UDP}], rules: {dns: [{matchName: a.io}]}}]}]')],
  ])('X26: L7 rules are about TCP ports, DNS about egress: %#', (yaml) => {
    refused(yaml, 'bad-l7');
  });

  test('X26: deny rules know no L7', () => {
    refused(
      cnp(
        '{endpointSelector: {}, ingressDeny: [{toPorts: [{ports: [{port: "80", protocol: TCP}], rules: {http: [{}]}}]}]}',
      ),
      'unknown-field',
    );
  });

  test('X27: server names and mutual authentication leave the verdict open', () => {
    const sni = egress(
      '[{toEntities: [world], toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [a.io, b.io]}]}]',
    );
    expect(judge(sni)(cart, world, 'TCP/443').egress.missing).toEqual(['TLS server name a.io or b.io']);
    expect(to(sni, [world], 'TCP/80')).toEqual(['deny']);
    const auth = (mode: string) => ingress(`[{fromEndpoints: [{}], authentication: {mode: ${mode}}}]`);
    expect(judge(auth('required'))(web, cart).ingress.missing).toEqual(['mutual authentication']);
    expect(from(auth('required'), [web, world])).toEqual(['uncertain', 'deny']);
    expect(from(auth('disabled'), [web, world])).toEqual(['allow', 'deny']);
    expect(from(auth('test-always-fail'), [web])).toEqual(['uncertain']);
    refused(ingress('[{toPorts: [{ports: [{port: "443", protocol: UDP}], serverNames: [a.io]}]}]'), 'bad-l7');
  });

  test('X28: a policy for nodes is read, and says nothing about pods', () => {
    const yaml = ccnp('{nodeSelector: {matchLabels: {role: edge}}, ingress: [{fromEntities: [cluster]}]}');
    expect(from(yaml, [world])).toEqual(['allow']);
    expect(judge(yaml)(world, node).ingress.because).toBe('notASubject');
    expect(findings(yaml)).toEqual([expect.stringContaining('warning host-policy')]);
  });
});
