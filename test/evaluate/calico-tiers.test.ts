import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { judge, networkPolicy, outside, pod, trail } from './harness.ts';

const cart = pod('shop/cart');
const web = pod('shop/web');
const world = outside('external', '93.184.216.34');

function calico(kind: string, name: string, spec: string, namespace = 'shop'): string {
  const place = kind.includes('Global') || kind === 'Tier' ? '' : `, namespace: ${namespace}`;
  return `---\napiVersion: projectcalico.org/v3\nkind: ${kind}\nmetadata: {name: ${name}${place}}\nspec: ${spec}\n`;
}

const ALLOW = '[{action: Allow}]';
const DENY = '[{action: Deny}]';
const PASS = '[{action: Pass}]';

function tier(name: string, spec: string): string {
  return calico('Tier', name, spec);
}

function global(name: string, spec: string): string {
  return calico('GlobalNetworkPolicy', name, spec);
}

function ingress(yaml: string) {
  return trail(judge(yaml)(web, cart).ingress);
}

describe('order and verdict', () => {
  test('P1: tiers go by order, then by name; without an order last, and without a Tier object behind those', () => {
    const policies = (names: readonly string[]) =>
      names.map((name) => global(name, `{tier: ${name}, ingress: ${DENY}}`)).join('');
    const tiers = tier('late', '{order: 20}') + tier('early', '{order: 10}') + tier('endless', '{}');
    const decided = (names: readonly string[]) => ingress(tiers + policies(names)).policy;
    expect(decided(['late', 'early'])).toBe('/early');
    expect(decided(['missing', 'endless'])).toBe('/endless');
    expect(decided(['missing', 'endless', 'late'])).toBe('/late');
    const equal = tier('b', '{order: 5}') + tier('a', '{order: 5}');
    expect(ingress(equal + policies(['b', 'a'])).policy).toBe('/a');
  });

  test('P1: policies without a tier are in the default tier', () => {
    expect(ingress(global('open', `{ingress: ${ALLOW}}`)).stage).toBe('default');
  });

  test('P2: kube-admin comes before default and kube-baseline after it, and both pass what they do not decide', () => {
    const admin = global('admin', '{tier: kube-admin, ingress: []}');
    const baseline = global('base', '{tier: kube-baseline, ingress: []}');
    expect(ingress(admin + baseline)).toMatchObject({ decision: 'allow', because: 'profile' });
    const open = global('open', `{ingress: ${ALLOW}}`);
    expect(ingress(global('admin', `{tier: kube-admin, ingress: ${DENY}}`) + open).policy).toBe('/admin');
    expect(ingress(open + global('base', `{tier: kube-baseline, ingress: ${DENY}}`)).policy).toBe('/open');
  });

  test('P2: the built-in tiers cannot be changed', () => {
    for (const spec of ['{order: 5}', '{order: 1000000, defaultAction: Pass}']) {
      const { findings } = readPolicies([{ name: 'tiers.yaml', text: tier('default', spec) }]);
      expect(findings.map(({ rule }) => rule)).toEqual(['built-in-tier']);
    }
    const same = readPolicies([{ name: 'tiers.yaml', text: tier('default', '{order: 1000000, defaultAction: Deny}') }]);
    expect(same.findings).toEqual([]);
  });

  test('P3: policies go by order, those without one last, and equal orders by name before namespace', () => {
    const first = (...policies: string[]) => ingress(policies.join('')).policy;
    expect(first(global('a', `{order: 20, ingress: ${DENY}}`), global('b', `{order: 10.5, ingress: ${ALLOW}}`))).toBe(
      '/b',
    );
    expect(first(global('a', `{ingress: ${DENY}}`), global('b', `{order: 9e9, ingress: ${ALLOW}}`))).toBe('/b');
    expect(first(global('b', `{ingress: ${DENY}}`), calico('NetworkPolicy', 'a', `{ingress: ${ALLOW}}`))).toBe(
      'shop/a',
    );
    expect(first(global('a', `{ingress: ${DENY}}`), calico('NetworkPolicy', 'a', `{ingress: ${ALLOW}}`))).toBe('/a');
  });

  test('P4: a tier without a policy for this endpoint and direction is skipped with its default action', () => {
    const tiers = tier('first', '{order: 1}');
    const others = global('others', `{tier: first, selector: app == "db", ingress: ${DENY}}`);
    const outward = global('outward', `{tier: first, types: [Egress], egress: ${DENY}}`);
    const staged = calico('StagedGlobalNetworkPolicy', 'staged', `{tier: first, ingress: ${DENY}}`);
    expect(ingress(tiers + others + outward + staged)).toEqual({
      side: 'ingress',
      decision: 'allow',
      because: 'noPolicySelects',
    });
  });

  test('P5: the first rule that allows or denies decides; Log goes on and Pass leaves the tier', () => {
    expect(ingress(global('a', '{ingress: [{action: Log}, {action: Allow}, {action: Deny}]}'))).toMatchObject({
      decision: 'allow',
      ruleIndex: 1,
    });
    const tiers = tier('first', '{order: 1}') + tier('second', '{order: 2}');
    const passing = global('a', `{tier: first, order: 1, ingress: ${PASS}}`);
    const unreached = global('b', `{tier: first, order: 2, ingress: ${DENY}}`);
    const next = global('c', `{tier: second, ingress: ${ALLOW}}`);
    expect(ingress(tiers + passing + unreached + next)).toMatchObject({
      decision: 'allow',
      stage: 'second',
      policy: '/c',
      passedBy: ['/a'],
    });
  });

  test('P6: what no rule matches gets the default action, attributed to the first policy of the tier', () => {
    const policies = (name: string) =>
      global('b', `{tier: ${name}, order: 2, ingress: []}`) +
      global('a', `{tier: ${name}, order: 1, ingress: [{action: Allow, source: {selector: app == "db"}}]}`);
    expect(ingress(tier('strict', '{order: 1}') + policies('strict'))).toMatchObject({
      decision: 'deny',
      because: 'tierDefaultAction',
      stage: 'strict',
      policy: '/a',
      ruleIndex: -1,
      selectedBy: ['/a', '/b'],
    });
    const passing = tier('open', '{order: 1, defaultAction: Pass}') + policies('open');
    expect(ingress(passing)).toMatchObject({ decision: 'allow', because: 'profile' });
    expect(ingress(passing + global('last', '{ingress: []}'))).toMatchObject({ decision: 'deny', policy: '/last' });
  });

  test('P7: behind the last tier a pod is open by the profile of its namespace', () => {
    expect(ingress(global('a', `{ingress: ${PASS}}`))).toMatchObject({ decision: 'allow', because: 'profile' });
    expect(ingress(global('a', `{selector: app == "db", ingress: ${DENY}}`)).because).toBe('noPolicySelects');
    expect(judge(global('a', `{ingress: ${DENY}}`))(web, world).ingress.because).toBe('notASubject');
  });

  test('P8: types follow from the rules, and egress rules alone leave ingress open', () => {
    const sides = (spec: string) => {
      const { egress, ingress: inward } = judge(global('a', spec))(web, cart);
      return [egress.decision, inward.decision];
    };
    expect(sides('{}')).toEqual(['allow', 'deny']);
    expect(sides('{ingress: [], egress: []}')).toEqual(['allow', 'deny']);
    expect(sides(`{egress: ${DENY}}`)).toEqual(['deny', 'allow']);
    expect(sides(`{ingress: ${ALLOW}, egress: ${DENY}}`)).toEqual(['deny', 'allow']);
    expect(sides(`{types: [Egress], ingress: ${ALLOW}}`)).toEqual(['deny', 'allow']);
    expect(sides('{types: [Ingress, Egress]}')).toEqual(['deny', 'deny']);
  });

  test('P9: NetworkPolicies stand in the default tier at order 1000', () => {
    const isolating = networkPolicy('{podSelector: {}}', 'closed');
    const at = (order: number, rules: string) => global('calico', `{order: ${order}, ingress: ${rules}}`);
    expect(ingress(`${isolating}${at(999, ALLOW)}`)).toMatchObject({ decision: 'allow', policy: '/calico' });
    expect(ingress(`${isolating}${at(1001, '[{action: Allow, source: {selector: app == "db"}}]')}`)).toEqual({
      side: 'ingress',
      decision: 'deny',
      because: 'tierDefaultAction',
      stage: 'default',
      policy: 'shop/closed',
      ruleIndex: -1,
      selectedBy: ['shop/closed', '/calico'],
    });
    const open = networkPolicy('{podSelector: {}, ingress: [{}]}', 'open');
    expect(ingress(`${open}${at(1001, DENY)}`)).toMatchObject({ decision: 'allow', policy: 'shop/open' });
    expect(ingress(`${isolating}${at(1001, ALLOW)}`)).toMatchObject({ decision: 'allow', policy: '/calico' });
  });

  test('P10: staged kinds are read and never enforced', () => {
    const kinds = ['StagedNetworkPolicy', 'StagedGlobalNetworkPolicy', 'StagedKubernetesNetworkPolicy'];
    for (const action of ['Set', 'Delete', 'Learn', 'Ignore']) {
      const yaml = kinds.map((kind) => calico(kind, kind.toLowerCase(), `{stagedAction: ${action}}`)).join('');
      const { policySet, findings } = readPolicies([{ name: 'staged.yaml', text: yaml }]);
      expect(findings).toEqual([]);
      expect(policySet.policies.map(({ staged, ref, stage }) => [staged, ref.dialect, ref.kind, stage])).toEqual(
        kinds.map((kind) => [true, 'calico', kind, 'default']),
      );
      expect(judge(yaml)(web, cart).decision).toBe('allow');
    }
  });

  test('P10: a NetworkPolicy selects pods of its own namespace, a global one pods anywhere', () => {
    const elsewhere = pod('bank/cart');
    expect(judge(calico('NetworkPolicy', 'a', `{ingress: ${DENY}}`))(web, elsewhere).decision).toBe('allow');
    expect(judge(global('a', `{ingress: ${DENY}}`))(web, elsewhere).decision).toBe('deny');
  });

  test('P11: the tier field alone tells the tier, whatever the name begins with', () => {
    const tiers = tier('first', '{order: 1}') + tier('second', '{order: 2}');
    const named = global('second.a', `{tier: first, ingress: ${ALLOW}}`);
    expect(ingress(tiers + named + global('b', `{tier: second, ingress: ${DENY}}`))).toMatchObject({ stage: 'first' });
  });

  test('P35: ClusterNetworkPolicy stages are the tiers kube-admin and kube-baseline under Calico', () => {
    const { policySet } = readPolicies([{ name: 'a.yaml', text: global('a', '{}') }]);
    expect(policySet.stages.map(({ name }) => name)).toEqual(['kube-admin', 'default', 'kube-baseline']);
    const cluster = (name: string, place: string, action: string) =>
      `---\napiVersion: policy.networking.k8s.io/v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: ${name}}\n` +
      `spec: {tier: ${place}, priority: 5, subject: {namespaces: {}}, ingress: [{action: ${action}, from: [{namespaces: {}}]}]}\n`;
    const between = tier('team', '{order: 2000}') + global('team', `{tier: team, ingress: ${DENY}}`);
    expect(ingress(between + cluster('first', 'Admin', 'Accept'))).toMatchObject({ stage: 'kube-admin' });
    expect(ingress(between + cluster('first', 'Admin', 'Pass'))).toMatchObject({ stage: 'team', passedBy: ['/first'] });
    const open = global('open', `{ingress: ${PASS}}`);
    expect(ingress(open + cluster('last', 'Baseline', 'Deny'))).toMatchObject({ stage: 'kube-baseline' });
  });

  test('a host reaches the pods of its own node', () => {
    expect(judge(global('a', '{ingress: []}'))(outside('host', '10.0.0.1'), cart).ingress.because).toBe(
      'hostAlwaysAllowed',
    );
  });
});
