import { describe, expect, test } from 'vitest';
import { judge, networkPolicy, outside, pod, trail, workload } from './harness.ts';

const web = pod('shop/web');
const db = pod('shop/db');
const bank = pod('bank/web');
const lab = pod('lab/web');
const world = outside('external', '93.184.216.34');
const node = outside('host', '10.9.9.9');
const given = { namespaces: { shop: 'org=a,env=p', bank: 'org=a,env=q', lab: 'org=a' } };

interface Head {
  readonly kind?: string;
  readonly name?: string;
  readonly tier?: string;
  readonly priority?: number;
  readonly appliedTo?: string;
}

/** A policy of Antrea for all pods, with these rules in flow style; a NetworkPolicy lives in `shop`. */
function antrea(
  rules: string,
  { kind = 'ClusterNetworkPolicy', name = 'p', tier = 'application', priority = 5, appliedTo }: Head = {},
): string {
  const namespace = kind === 'NetworkPolicy' ? ', namespace: shop' : '';
  const head = `apiVersion: crd.antrea.io/v1beta1\nkind: ${kind}\nmetadata: {name: ${name}${namespace}}\n`;
  return `${head}spec: {tier: ${tier}, priority: ${priority}, appliedTo: ${appliedTo ?? '[{podSelector: {}}]'}, ${rules}}\n---\n`;
}

function other(version: string, kind: string, name: string, spec: string): string {
  return `apiVersion: ${version}\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n---\n`;
}

const object = (kind: string, name: string, spec: string): string => other('crd.antrea.io/v1beta1', kind, name, spec);
const everyone = (action: string): string => `ingress: [{action: ${action}}]`;
const isolated = networkPolicy('{podSelector: {}}');
const opened = networkPolicy('{podSelector: {}, ingress: [{}]}');

describe('order', () => {
  const cluster = (action: string, tier = 'Admin'): string =>
    other(
      'policy.networking.k8s.io/v1alpha2',
      'ClusterNetworkPolicy',
      'cnp',
      `{tier: ${tier}, priority: 0, subject: {namespaces: {}}, ingress: [{action: ${action}, from: [{namespaces: {}}]}]}`,
    );
  const admin = (action: string): string =>
    other(
      'policy.networking.k8s.io/v1alpha1',
      'AdminNetworkPolicy',
      'anp',
      `{priority: 0, subject: {namespaces: {}}, ingress: [{action: ${action}, from: [{namespaces: {}}]}]}`,
    );

  test.each([
    ['emergency', 'securityops'],
    ['securityops', 'networkops'],
    ['networkops', 'platform'],
    ['platform', 'application'],
    ['application', 'baseline'],
  ])('N1: tier %s comes before %s, whatever the priorities', (first, second) => {
    const set =
      antrea(everyone('Allow'), { name: 'a', tier: first, priority: 9000 }) +
      antrea(everyone('Drop'), { name: 'b', tier: second, priority: 1 });
    expect(judge(set)(bank, web).ingress).toMatchObject({ decision: 'allow', stage: `antrea/${first}` });
  });

  test('N1: a tier of one’s own stands where its number says', () => {
    const tiers = object('Tier', 'early', '{priority: 60}') + object('Tier', 'late', '{priority: 249}');
    const set = (tier: string) =>
      tiers +
      antrea(everyone('Allow'), { name: 'a', tier }) +
      antrea(everyone('Drop'), { name: 'b', tier: 'securityops' });
    expect(judge(set('early'))(bank, web).ingress.decision).toBe('allow');
    expect(judge(set('late'))(bank, web).ingress.decision).toBe('deny');
  });

  test('N1: ClusterNetworkPolicy stands between platform and application, AdminNetworkPolicy behind application', () => {
    const stage = (set: string) => judge(set)(bank, web).ingress.stage;
    expect(stage(cluster('Deny') + antrea(everyone('Allow'), { tier: 'platform' }))).toBe('antrea/platform');
    expect(stage(cluster('Deny') + antrea(everyone('Allow')))).toBe('admin');
    expect(stage(admin('Deny') + antrea(everyone('Allow')))).toBe('antrea/application');
    expect(stage(admin('Deny') + antrea('egress: [{action: Allow}]'))).toBe('adminnetworkpolicy');
  });

  test('N2: tiers, then NetworkPolicy, then the baseline tier, then the baselines of the cluster, then allow', () => {
    const base = antrea(everyone('Drop'), { tier: 'baseline', name: 'b' });
    expect(judge(antrea(everyone('Allow')) + isolated)(bank, web).ingress.decision).toBe('allow');
    expect(judge(base + opened)(bank, web).ingress.stage).toBe('networkpolicy');
    expect(judge(base + cluster('Accept', 'Baseline'))(bank, web).ingress.stage).toBe('antrea/baseline');
    const silent = antrea('egress: [{action: Allow}]');
    expect(judge(cluster('Deny', 'Baseline') + silent)(bank, web).ingress).toMatchObject({
      decision: 'deny',
      stage: 'baseline',
    });
    expect(judge(silent)(bank, web).ingress.decision).toBe('allow');
  });

  test('N3: both kinds share the order of a tier, by priorities that may be fractions', () => {
    const own = antrea(everyone('Allow'), { kind: 'NetworkPolicy', priority: 4.5 });
    expect(judge(own + antrea(everyone('Drop'), { priority: 4.75 }))(bank, web).ingress.decision).toBe('allow');
    expect(judge(own + antrea(everyone('Drop'), { priority: 4.25 }))(bank, web).ingress.decision).toBe('deny');
  });

  test('N4: the first rule that matches acts, and is told by its name', () => {
    const ask = judge(antrea('ingress: [{action: Allow, name: http, ports: [{port: 80}]}, {action: Drop}]'));
    expect(ask(bank, web, 'TCP/80').ingress).toMatchObject({ decision: 'allow', ruleIndex: 0, ruleName: 'http' });
    expect(ask(bank, web, 'TCP/81').ingress).toMatchObject({ decision: 'deny', ruleIndex: 1 });
  });

  test.each(['Drop', 'Reject'])('N5: %s denies', (action) => {
    expect(judge(antrea(everyone(action)))(bank, web).ingress.decision).toBe('deny');
  });

  test('N5: Pass skips all later tiers but the baseline, which is asked when no NetworkPolicy selects the pod', () => {
    const set =
      antrea(everyone('Pass'), { name: 'pass', tier: 'emergency' }) +
      antrea(everyone('Drop'), { name: 'drop', tier: 'application' }) +
      antrea(everyone('Drop'), { name: 'base', tier: 'baseline' });
    expect(trail(judge(set + opened)(bank, web).ingress)).toMatchObject({ decision: 'allow', passedBy: ['/pass'] });
    expect(trail(judge(set)(bank, web).ingress)).toMatchObject({
      decision: 'deny',
      policy: '/base',
      passedBy: ['/pass'],
    });
  });

  test('N6: being selected isolates nobody, and what a NetworkPolicy denies no baseline allows', () => {
    expect(
      judge(antrea('ingress: [{action: Allow, from: [{podSelector: {matchLabels: {app: x}}}]}]'))(bank, web).ingress,
    ).toMatchObject({
      decision: 'allow',
      because: 'noPeerMatch',
    });
    const base = antrea(everyone('Allow'), { tier: 'baseline' });
    expect(judge(base + isolated)(bank, web).ingress).toMatchObject({ decision: 'deny', stage: 'networkpolicy' });
  });
});

describe('subjects', () => {
  const selected = (appliedTo: string, kind = 'ClusterNetworkPolicy', more = ''): string[] => {
    const ask = judge(more + antrea(everyone('Drop'), { kind, appliedTo }), given);
    return [web, db, bank]
      .filter((server) => ask(lab, server).ingress.decision === 'deny')
      .map(({ namespace, workload: name }) => `${namespace}/${name}`);
  };

  test.each([
    ['[{podSelector: {matchLabels: {app: web}}}]', ['shop/web', 'bank/web']],
    ['[{namespaceSelector: {matchLabels: {env: p}}}]', ['shop/web', 'shop/db']],
    ['[{namespaceSelector: {matchLabels: {env: p}}, podSelector: {matchLabels: {app: web}}}]', ['shop/web']],
    [
      '[{namespaceSelector: {matchLabels: {env: q}}}, {podSelector: {matchLabels: {app: db}}}]',
      ['shop/db', 'bank/web'],
    ],
  ])('N7: a ClusterNetworkPolicy applied to %s', (appliedTo, pods) => {
    expect(selected(appliedTo)).toEqual(pods);
  });

  test('N7: a NetworkPolicy is applied to pods of its own namespace', () => {
    expect(selected('[{podSelector: {matchLabels: {app: web}}}]', 'NetworkPolicy')).toEqual(['shop/web']);
    expect(selected('[{podSelector: {}}]', 'NetworkPolicy')).toEqual(['shop/web', 'shop/db']);
  });

  test('N7: a ClusterGroup stands for its pods, also by way of other groups', () => {
    const groups =
      object('ClusterGroup', 'webs', '{podSelector: {matchLabels: {app: web}}}') +
      object('ClusterGroup', 'dbs', '{podSelector: {matchLabels: {app: db}}}') +
      object('ClusterGroup', 'both', '{childGroups: [webs, dbs]}');
    expect(selected('[{group: webs}]', undefined, groups)).toEqual(['shop/web', 'bank/web']);
    expect(selected('[{group: both}]', undefined, groups)).toEqual(['shop/web', 'shop/db', 'bank/web']);
  });

  test('N7: a service account selects its pods', () => {
    const workloads = [
      { ...workload(web, ''), serviceAccount: 'sa-1' },
      { ...workload(db, ''), serviceAccount: 'sa-2' },
    ];
    const ask = judge(antrea(everyone('Drop'), { appliedTo: '[{serviceAccount: {name: sa-1, namespace: shop}}]' }), {
      workloads,
    });
    expect([web, db, bank].map((server) => ask(lab, server).ingress.decision)).toEqual(['deny', 'allow', 'allow']);
  });

  test('N7: nodes can be subjects; which labels they have is not known', () => {
    const ask = (selector: string) =>
      judge(antrea('egress: [{action: Drop}]', { appliedTo: `[{nodeSelector: ${selector}}]` }))(node, world).egress;
    expect(ask('{}').decision).toBe('deny');
    expect(trail(ask('{matchLabels: {zone: a}}'))).toMatchObject({
      decision: 'uncertain',
      missing: ['node labels of host'],
    });
  });

  test('N7: pods behind a service are not known', () => {
    const rules = 'ingress: [{action: Drop, from: [{ipBlock: {cidr: 93.0.0.0/8}}]}]';
    const ask = judge(antrea(rules, { appliedTo: '[{service: {name: s, namespace: shop}}]' }));
    expect(trail(ask(world, web).ingress)).toMatchObject({
      decision: 'uncertain',
      missing: ['pods behind service shop/s'],
    });
    expect(ask(outside('external', '1.1.1.1'), web).ingress.decision).toBe('allow');
  });

  test('N7: every rule may have subjects of its own', () => {
    const rules = `ingress: [{action: Drop, appliedTo: [{podSelector: {matchLabels: {app: web}}}], from: [{podSelector: {matchLabels: {app: db}}}]},
      {action: Drop, appliedTo: [{podSelector: {matchLabels: {app: db}}}], from: [{podSelector: {matchLabels: {app: web}}}]}]`;
    const ask = judge(antrea(rules, { appliedTo: '[]' }));
    expect([ask(db, web), ask(bank, db), ask(bank, web), ask(db, db)].map(({ ingress }) => ingress.decision)).toEqual([
      'deny',
      'deny',
      'allow',
      'allow',
    ]);
    expect(ask(bank, db).ingress.ruleIndex).toBe(1);
  });
});

describe('peers', () => {
  const clients = [web, db, bank, lab, world];
  const from = (peers: string, kind = 'ClusterNetworkPolicy', more = ''): string[] => {
    const ask = judge(more + antrea(`ingress: [{action: Drop, from: ${peers}}]`, { kind }), given);
    const denied = clients.filter((client) => ask(client, db).ingress.decision === 'deny');
    return denied.map(({ namespace, workload: name, address }) => address || `${namespace}/${name}`);
  };
  const pods = ['shop/web', 'shop/db', 'bank/web', 'lab/web'];

  test('N8: no peers are all peers, also outside the cluster', () => {
    expect(from('[]')).toEqual([...pods, '93.184.216.34']);
    expect(from('[{namespaceSelector: {}}]')).toEqual(pods);
  });

  test.each([
    ['[{podSelector: {matchLabels: {app: web}}}]', ['shop/web', 'bank/web', 'lab/web']],
    ['[{podSelector: {matchLabels: {app: web}}, namespaceSelector: {matchLabels: {env: q}}}]', ['bank/web']],
    ['[{podSelector: {matchLabels: {app: db}}}, {ipBlock: {cidr: 93.0.0.0/8}}]', ['shop/db', '93.184.216.34']],
    ['[{scope: ClusterSet, namespaceSelector: {matchLabels: {env: q}}}]', ['bank/web']],
  ])('N8: a ClusterNetworkPolicy from %s', (peers, expected) => {
    expect(from(peers)).toEqual(expected);
  });

  test('N8: alone, the podSelector of a NetworkPolicy means its own namespace', () => {
    expect(from('[{podSelector: {matchLabels: {app: web}}}]', 'NetworkPolicy')).toEqual(['shop/web']);
    const across = '[{podSelector: {matchLabels: {app: web}}, namespaceSelector: {}}]';
    expect(from(across, 'NetworkPolicy')).toEqual(['shop/web', 'bank/web', 'lab/web']);
  });

  test('N8: a Group of the namespace, of pods or of blocks', () => {
    const groups =
      'apiVersion: crd.antrea.io/v1beta1\nkind: Group\nmetadata: {name: webs, namespace: shop}\nspec: {podSelector: {matchLabels: {app: web}}}\n---\n' +
      'apiVersion: crd.antrea.io/v1beta1\nkind: Group\nmetadata: {name: nets, namespace: shop}\nspec: {ipBlocks: [{cidr: 93.0.0.0/8}]}\n---\n';
    expect(from('[{group: webs}]', 'NetworkPolicy', groups)).toEqual(['shop/web']);
    expect(from('[{group: nets}]', 'NetworkPolicy', groups)).toEqual(['93.184.216.34']);
  });

  test('N8: what is said of a group that is not there is uncertain', () => {
    const ask = judge(antrea('ingress: [{action: Drop, from: [{group: gone}]}]'));
    expect(trail(ask(web, db).ingress)).toMatchObject({
      decision: 'uncertain',
      missing: ['members of ClusterGroup gone'],
    });
  });

  test('N8: nodes', () => {
    const ask = judge(antrea('egress: [{action: Drop, to: [{nodeSelector: {}}]}]'));
    expect([ask(web, node), ask(web, db)].map(({ egress }) => egress.decision)).toEqual(['deny', 'allow']);
  });

  test('N9: Self is the namespace of each subject', () => {
    const ask = judge(antrea('ingress: [{action: Allow, from: [{namespaces: {match: Self}}]}, {action: Drop}]'), given);
    expect([ask(web, db), ask(bank, db), ask(bank, pod('bank/db'))].map(({ ingress }) => ingress.decision)).toEqual([
      'allow',
      'deny',
      'allow',
    ]);
  });

  test('N9: Self together with a podSelector', () => {
    const ask = judge(
      antrea('ingress: [{action: Drop, from: [{namespaces: {match: Self}, podSelector: {matchLabels: {app: web}}}]}]'),
    );
    expect([ask(web, db), ask(bank, db), ask(db, db)].map(({ ingress }) => ingress.decision)).toEqual([
      'deny',
      'allow',
      'allow',
    ]);
  });

  test('N9: sameLabels asks for all keys, and leaves namespaces alone that lack one', () => {
    const ask = judge(
      antrea('ingress: [{action: Allow, from: [{namespaces: {sameLabels: [org, env]}}]}, {action: Drop}]'),
      given,
    );
    expect([ask(web, db), ask(bank, db), ask(lab, db)].map(({ ingress }) => ingress.decision)).toEqual([
      'allow',
      'deny',
      'deny',
    ]);
    expect(ask(web, lab).ingress).toMatchObject({ decision: 'allow', because: 'noPolicySelects' });
    const one = judge(
      antrea('ingress: [{action: Allow, from: [{namespaces: {sameLabels: [org]}}]}, {action: Drop}]'),
      given,
    );
    expect(one(lab, db).ingress.decision).toBe('allow');
  });
});

describe('ports and more', () => {
  const drops = (fields: string, ports = '') =>
    judge(antrea(`ingress: [{action: Drop, ${fields}}]`), { workloads: [workload(web, ports)] });

  test.each([
    ['ports: [{port: 80}]', 'TCP/80', 'deny'],
    ['ports: [{port: 80}]', 'UDP/80', 'allow'],
    ['ports: [{protocol: UDP, port: 80, endPort: 90}]', 'UDP/90', 'deny'],
    ['ports: [{protocol: UDP, port: 80, endPort: 90}]', 'UDP/91', 'allow'],
    ['ports: [{protocol: SCTP}]', 'SCTP/7', 'deny'],
    ['ports: [{port: http}]', 'TCP/8080', 'deny'],
    ['ports: [{port: http}]', 'TCP/80', 'allow'],
    ['protocols: [{icmp: {}}]', 'ICMP/0', 'deny'],
    ['protocols: [{icmp: {}}]', 'TCP/80', 'allow'],
    ['ports: [{port: 80}], protocols: [{icmp: {}}]', 'ICMP/0', 'deny'],
    ['ports: [{port: 80}], protocols: [{icmp: {}}]', 'TCP/80', 'deny'],
  ] as const)('N10: %s and %s → %s', (fields, service, decision) => {
    expect(drops(fields, 'http=TCP/8080')(bank, web, service).ingress.decision).toBe(decision);
  });

  test('N10: types and codes of ICMP, in both families', () => {
    const ask = drops('protocols: [{icmp: {icmpType: 8, icmpCode: 0}}]');
    const decision = (protocol: number, icmpType: number) =>
      ask(bank, web, 'ICMP/0', { protocol, icmpType, icmpCode: 0 }).ingress.decision;
    expect([decision(1, 8), decision(58, 8), decision(1, 0)]).toEqual(['deny', 'deny', 'allow']);
    expect(ask(bank, web, 'ICMP/0').ingress.decision).toBe('uncertain');
  });

  test('N10: a source port belongs to its own destination port', () => {
    const ask = drops('ports: [{port: 80, sourcePort: 1000, sourceEndPort: 1010}, {port: 81}]');
    const decision = (service: 'TCP/80' | 'TCP/81', clientPort: number) =>
      ask(bank, web, service, { clientPort }).ingress.decision;
    expect([decision('TCP/80', 1005), decision('TCP/80', 2000), decision('TCP/81', 2000)]).toEqual([
      'deny',
      'allow',
      'deny',
    ]);
  });

  test('N10: IGMP by protocol; what a message is about is not known', () => {
    expect(drops('protocols: [{igmp: {}}]')(bank, web, 'ICMP/0', { protocol: 2 }).ingress.decision).toBe('deny');
    const { ingress } = drops('protocols: [{igmp: {igmpType: 17, groupAddress: 224.0.0.1}}]')(bank, web, 'ICMP/0', {
      protocol: 2,
    });
    expect(trail(ingress)).toMatchObject({
      decision: 'uncertain',
      missing: ['IGMP message of type 17 group 224.0.0.1'],
    });
  });

  test('N11: excepted addresses go on to later rules', () => {
    const ask = judge(
      antrea(
        'egress: [{action: Drop, to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.9.0.0/16]}}]}, {action: Reject, ports: [{port: 81}]}]',
      ),
    );
    const at = (address: string, service: 'TCP/80' | 'TCP/81') =>
      ask(web, outside('external', address), service).egress;
    expect(at('10.1.1.1', 'TCP/80').ruleIndex).toBe(0);
    expect(at('10.9.1.1', 'TCP/80').decision).toBe('allow');
    expect(at('10.9.1.1', 'TCP/81')).toMatchObject({ decision: 'deny', ruleIndex: 1 });
  });

  test('N12: a star stands for any characters, none included', () => {
    const ask = judge(antrea('egress: [{action: Allow, to: [{fqdn: "*foo.com"}]}, {action: Drop}]'));
    const named = (name: string) => ask(web, world, 'TCP/443', { serverNames: [name] }).egress.decision;
    expect(['foo.com', 'a.foo.com', 'a.b.foo.com', 'barfoo.com'].map(named)).toEqual([
      'allow',
      'allow',
      'allow',
      'allow',
    ]);
    expect(['foo.com.net', 'foo.org'].map(named)).toEqual(['deny', 'deny']);
    expect(ask(web, world).egress.decision).toBe('uncertain');
    expect(ask(web, db).egress.decision).toBe('deny');
  });

  test('N12: the name of a headless service stands for pods that are not known', () => {
    const ask = judge(antrea('egress: [{action: Drop, to: [{fqdn: svc-a.default.svc.cluster.local}]}]'));
    expect(ask(web, db).egress.decision).toBe('uncertain');
  });

  test('N13: a service that is read along tells its pods and their ports; whether traffic came by it is open', () => {
    const drop = antrea('egress: [{action: Drop, toServices: [{name: s, namespace: shop}]}]');
    const service =
      'apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: shop}\nspec: {selector: {app: db}, ports: [{port: 80, targetPort: 8080}, {protocol: UDP, port: 53}]}\n---\n';
    const ask = judge(drop + service);
    expect(trail(ask(web, db, 'TCP/8080').egress)).toMatchObject({
      decision: 'uncertain',
      missing: ['whether it came by way of service shop/s'],
    });
    expect(ask(web, db, 'UDP/53').egress.decision).toBe('uncertain');
    expect(ask(web, db, 'TCP/80').egress.decision).toBe('allow');
    expect(ask(db, web, 'TCP/8080').egress.decision).toBe('allow');
  });

  test('N13: what stands behind a service is not known', () => {
    const ask = judge(antrea('egress: [{action: Drop, toServices: [{name: s, namespace: shop}]}]'));
    expect(trail(ask(web, db).egress)).toMatchObject({
      decision: 'uncertain',
      missing: ['addresses and ports behind service shop/s'],
    });
  });

  test('N14: traffic that fails the condition is dropped and does not go on', () => {
    const rules =
      'ingress: [{action: Allow, from: [{podSelector: {matchLabels: {app: web}}}], l7Protocols: [{http: {method: GET, path: /v2/*}}, {tls: {sni: a.b}}]}, {action: Allow}]';
    const ask = judge(antrea(rules) + isolated);
    expect(trail(ask(web, db).ingress)).toMatchObject({
      decision: 'uncertain',
      because: 'conditional',
      missing: ['HTTP request GET /v2/* or TLS connection to a.b'],
    });
    expect(ask(web, db, 'UDP/53').ingress).toMatchObject({ decision: 'deny', ruleIndex: 0 });
    expect(ask(db, db).ingress).toMatchObject({ decision: 'allow', ruleIndex: 1 });
  });

  test('N15: a node reaches its own pods, and a pod itself', () => {
    const ask = judge(antrea(everyone('Drop')));
    expect(ask(node, web).ingress).toMatchObject({ decision: 'allow', because: 'hostAlwaysAllowed' });
    expect(ask(node, web, 'TCP/80', { sameNode: false }).ingress.decision).toBe('deny');
    const self = { clientPods: ['web-1'], serverPods: ['web-1'] };
    expect(ask(web, web, 'TCP/80', self).ingress).toMatchObject({ decision: 'allow', because: 'selfTraffic' });
  });
});
