import { describe, expect, test } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import { compile } from '../../src/evaluate/compile/compile.ts';
import { decide } from '../../src/evaluate/decide/decide.ts';
import type { Decision } from '../../src/model/verdict.ts';
import {
  type Given,
  inventory,
  judge,
  networkPolicy,
  outside,
  pod,
  type Service,
  traffic,
  trail,
  workload,
} from './harness.ts';

const cart = pod('shop/cart');
const web = pod('shop/web');
const job = pod('bank/job');
const stranger = pod('bank/stranger');
const world = outside('external', '93.184.216.34');

/** `web` runs as shop/front, `job` as bank/batch; of `stranger` no account is known. */
const accounts = (serviceAccount: string, one: typeof web) => ({ ...workload(one, ''), serviceAccount });
const given: Given = { workloads: [accounts('front', web), accounts('batch', job), accounts('', stranger)] };

function policy(
  spec: string,
  { name = 'policy', namespace = 'shop', kind = 'AuthorizationPolicy', more = '' } = {},
): string {
  return `---\napiVersion: security.istio.io/v1\nkind: ${kind}\nmetadata: {name: ${name}, namespace: ${namespace}${more}}\nspec: ${spec}\n`;
}

type Peer = typeof web;

function from(yaml: string, clients: readonly Peer[], service: Service = 'TCP/80', more = {}): Decision[] {
  const ask = judge(yaml, given);
  return clients.map((client) => ask(client, cart, service, more).ingress.decision);
}

/** Decisions of a data plane that knows connections alone. */
function atZtunnel(yaml: string, clients: readonly Peer[], service: Service = 'TCP/80'): Decision[] {
  const { policySet } = readPolicies([{ name: 'mesh.yaml', text: yaml }], { mesh: 'ztunnel' });
  const compiled = compile(policySet, inventory(given));
  return clients.map((client) => decide(compiled, traffic(client, cart, service)).ingress.decision);
}

function findings(yaml: string, options = {}): string[] {
  return readPolicies([{ name: 'mesh.yaml', text: yaml }], options).findings.map(
    ({ severity, rule }) => `${severity} ${rule}`,
  );
}

const source = (fields: string) => `{rules: [{from: [{source: {${fields}}}]}]}`;
const deny = (rules: string) => `{action: DENY, rules: ${rules}}`;
const everyone = [web, job, stranger, world];

describe('scope and order', () => {
  test('I1: a policy is about workloads of its namespace, at their end only', () => {
    const ask = judge(policy('{}'), given);
    expect(ask(web, cart).ingress.decision).toBe('deny');
    expect(ask(cart, job).ingress.because).toBe('noPolicySelects');
    expect(ask(cart, job).egress.because).toBe('noPolicySelects');
  });

  test('I1: the root namespace means the mesh, a selector narrows either', () => {
    const ask = judge(policy('{}', { namespace: 'istio-system' }), given);
    expect([ask(web, cart), ask(cart, job)].map(({ decision }) => decision)).toEqual(['deny', 'deny']);
    for (const namespace of ['shop', 'istio-system']) {
      const narrow = judge(policy('{selector: {matchLabels: {app: cart}}}', { namespace }), given);
      expect([narrow(web, cart), narrow(cart, web)].map(({ decision }) => decision)).toEqual(['deny', 'allow']);
    }
    expect(findings(policy('{selector: {matchExpressions: []}}'))).toEqual(['error unknown-field']);
  });

  test.each([
    'targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: g}]',
    'targetRef: {kind: Service, name: s}',
  ])('I1: a policy with %s says nothing about connections to pods', (target) => {
    expect(from(policy(`{${target}}`), [web])).toEqual(['allow']);
    expect(findings(policy(`{${target}}`))).toEqual(['warning targeted-policy']);
    expect(findings(policy(`{selector: {matchLabels: {a: b}}, ${target}}`))).toEqual(['error bad-subject']);
  });

  test('I2: DENY beats ALLOW, ALLOW policies add up, and without one everything is allowed', () => {
    const allowWeb = policy(source('principals: [cluster.local/ns/shop/sa/front]'), { name: 'web' });
    const allowJob = policy(source('principals: [cluster.local/ns/bank/sa/batch]'), { name: 'job' });
    const denyWeb = policy(deny('[{from: [{source: {principals: [cluster.local/ns/shop/sa/front]}}]}]'), {
      name: 'no',
    });
    expect(from(allowWeb, [web, job])).toEqual(['allow', 'deny']);
    expect(from(allowWeb + allowJob, [web, job])).toEqual(['allow', 'allow']);
    expect(from(allowWeb + allowJob + denyWeb, [web, job])).toEqual(['deny', 'allow']);
    expect(from(denyWeb, [web, job])).toEqual(['deny', 'allow']);
  });

  test('I2: an external authorizer may deny whatever is allowed, AUDIT never changes anything', () => {
    const custom = policy('{action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {ports: ["80"]}}]}]}', {
      name: 'custom',
    });
    expect(judge(custom, given)(web, cart).ingress.missing).toEqual(['denial by the external authorizer opa']);
    expect(from(custom, [web], 'TCP/81')).toEqual(['allow']);
    expect(from(custom + policy('{}'), [web])).toEqual(['deny']);
    expect(from(custom + policy(deny('[{}]')), [web])).toEqual(['deny']);
    expect(from(policy('{action: AUDIT, rules: [{}]}'), [web])).toEqual(['allow']);
    expect(findings(policy('{action: CUSTOM, rules: [{}]}'))).toEqual(['error bad-provider']);
    expect(findings(policy('{provider: {name: opa}, rules: [{}]}'))).toEqual(['error bad-provider']);
  });

  test('I2: the mesh stands beside network policies, and both must allow', () => {
    const open = policy('{rules: [{}]}');
    const closed = networkPolicy('{podSelector: {}}');
    expect(from(open + closed.replace(/^/, '---\n'), [web])).toEqual(['deny']);
    expect(
      trail(judge(`${networkPolicy('{ingress: [{}]}', 'net')}${policy('{}')}`, given)(web, cart).ingress),
    ).toMatchObject({
      decision: 'deny',
      because: 'selectedNoRules',
      stage: 'istio',
    });
  });

  test.each([
    ['', 'deny'],
    ['{}', 'deny'],
    ['{action: ALLOW, rules: []}', 'deny'],
    ['{rules: [{}]}', 'allow'],
    ['{action: DENY}', 'allow'],
    ['{action: DENY, rules: [{}]}', 'deny'],
  ])('I3: spec: %s → %s', (spec, decision) => {
    expect(from(policy(spec), [web])).toEqual([decision]);
  });
});

describe('rules', () => {
  test('I4: sources and operations are alternatives, conditions and fields must all hold', () => {
    const either = policy(
      '{rules: [{from: [{source: {namespaces: [shop]}}, {source: {namespaces: [bank]}}], to: [{operation: {ports: ["80"]}}, {operation: {ports: ["90", "91"]}}]}]}',
    );
    for (const service of ['TCP/80', 'TCP/91'] as const)
      expect(from(either, [web, job], service)).toEqual(['allow', 'allow']);
    expect(from(either, [web, job], 'TCP/81')).toEqual(['deny', 'deny']);
    const fields = source('namespaces: [shop, bank], notNamespaces: [bank]');
    expect(from(policy(fields), [web, job])).toEqual(['allow', 'deny']);
    const when =
      '{rules: [{to: [{operation: {ports: ["80", "81"]}}], when: [{key: source.namespace, values: [shop, bank]}, {key: source.namespace, notValues: [bank]}, {key: destination.port, values: ["81", "82"]}]}]}';
    expect(from(policy(when), [web, job], 'TCP/81')).toEqual(['allow', 'deny']);
    expect(from(policy(when), [web], 'TCP/80')).toEqual(['deny']);
    const never = '{rules: [{to: [{operation: {ports: ["80"]}}], when: [{key: destination.port, values: ["81"]}]}]}';
    expect(from(policy(never), [web])).toEqual(['deny']);
  });

  test.each([
    '{rules: [{from: []}]}',
    '{rules: [{from: [{}]}]}',
    '{rules: [{from: [{source: {}}]}]}',
    '{rules: [{to: [{operation: {ports: []}}]}]}',
    '{rules: [{when: [{key: source.ip}]}]}',
    '{rules: [{when: [{key: source.colour, values: [red]}]}]}',
    '{rules: [{from: [{source: {principals: [""]}}]}]}',
    '{rules: [{from: [{source: {serviceAccounts: [a], namespaces: [b]}}]}]}',
  ])('I4: %s is refused, as Istio does', (spec) => {
    expect(findings(policy(spec))).toEqual([expect.stringMatching(/^error /)]);
  });

  test.each([
    ['principals: [cluster.local/ns/shop/sa/front]', ['allow', 'deny', 'deny', 'deny']],
    ['notPrincipals: [cluster.local/ns/shop/sa/front]', ['deny', 'allow', 'allow', 'allow']],
    ['namespaces: [shop]', ['allow', 'deny', 'deny', 'deny']],
    ['notNamespaces: [shop]', ['deny', 'allow', 'allow', 'allow']],
    ['serviceAccounts: [bank/batch]', ['deny', 'allow', 'uncertain', 'deny']],
    ['serviceAccounts: [front]', ['allow', 'deny', 'deny', 'deny']],
    ['trustDomains: [cluster.local]', ['allow', 'allow', 'uncertain', 'deny']],
    ['notTrustDomains: ["cluster*"]', ['deny', 'deny', 'uncertain', 'allow']],
    ['trustDomains: [other.local]', ['deny', 'deny', 'uncertain', 'deny']],
    ['notServiceAccounts: [bank/batch]', ['allow', 'deny', 'uncertain', 'allow']],
  ])('I5: %s', (fields, decisions) => {
    expect(from(policy(source(fields)), everyone)).toEqual(decisions);
  });

  test('I5: address blocks mean pods too, and stand beside exclusions', () => {
    const blocks = policy(source('ipBlocks: [10.0.0.0/8, 93.184.216.34], notIpBlocks: [10.1.0.0/16]'));
    expect(from(blocks, [world, outside('external', '8.8.8.8')])).toEqual(['allow', 'deny']);
    expect(from(blocks, [web], 'TCP/80', { clientAddresses: ['10.2.0.1'] })).toEqual(['allow']);
    expect(from(blocks, [web], 'TCP/80', { clientAddresses: ['10.1.0.1'] })).toEqual(['deny']);
    expect(from(blocks, [web])).toEqual(['uncertain']);
  });

  test.each([
    ['{key: source.ip, values: [93.184.0.0/16]}', world, ['allow', 'deny']],
    ['{key: source.namespace, notValues: [bank]}', job, ['deny', 'allow']],
    ['{key: source.principal, values: ["*/sa/batch"]}', job, ['allow', 'deny']],
    ['{key: source.serviceAccount, values: [bank/batch]}', job, ['allow', 'deny']],
    ['{key: destination.port, values: ["80"]}', job, ['allow', 'allow']],
    ['{key: destination.ip, values: [10.9.0.0/16]}', job, ['allow', 'allow']],
    ['{key: destination.ip, notValues: [10.9.0.0/16]}', job, ['deny', 'deny']],
  ])('I5: when %s', (condition, client, decisions) => {
    const yaml = policy(`{rules: [{when: [${condition}]}]}`);
    const seen = { serverAddresses: ['10.9.0.1'], clientAddresses: ['10.1.0.1'] };
    expect(from(yaml, [client as Peer, web], 'TCP/80', seen)).toEqual(decisions);
  });

  test('I5: operations of ports and excluded ports', () => {
    const yaml = policy('{rules: [{to: [{operation: {notPorts: ["80", "81"]}}]}]}');
    expect(from(yaml, [web], 'TCP/80')).toEqual(['deny']);
    expect(from(yaml, [web], 'TCP/82')).toEqual(['allow']);
  });

  test.each([
    ['"*"', 'allow'],
    ['cluster.local/ns/shop/*', 'allow'],
    ['"*/sa/front"', 'allow'],
    ['cluster.local/ns/shop/sa/front', 'allow'],
    ['spiffe://cluster.local/ns/shop/sa/front', 'deny'],
    ['cluster.local/ns/shop/sa', 'deny'],
    ['cluster.local/*/sa/front', 'deny'],
    ['other.td/ns/shop/sa/front', 'deny'],
  ])('I6: principal %s → %s', (pattern, decision) => {
    expect(from(policy(source(`principals: [${pattern}]`)), [web])).toEqual([decision]);
    const told = { clientPrincipal: 'spiffe://cluster.local/ns/shop/sa/front' };
    expect(from(policy(source(`principals: [${pattern}]`)), [world], 'TCP/80', told)).toEqual([decision]);
  });

  test('I6: namespaces know the same wildcards, service accounts none', () => {
    expect(from(policy(source('namespaces: ["sh*"]')), [web, job])).toEqual(['allow', 'deny']);
    expect(from(policy(source('namespaces: ["*nk"]')), [web, job])).toEqual(['deny', 'allow']);
    expect(findings(policy(source('serviceAccounts: ["bank/*"]')))).toEqual(['error bad-service-account']);
  });

  test('I7: without an identity positive tests fail and negative ones pass', () => {
    const plaintext = { clientPrincipal: '' };
    for (const fields of ['principals: ["*"]', 'namespaces: ["*"]', 'serviceAccounts: [front]']) {
      expect(from(policy(source(fields)), [web], 'TCP/80', plaintext)).toEqual(['deny']);
      expect(from(policy(deny(`[{from: [{source: {${fields}}}]}]`)), [web, world], 'TCP/80', plaintext)).toEqual([
        'allow',
        'allow',
      ]);
    }
    const catching = policy(deny('[{from: [{source: {notPrincipals: ["*"]}}]}]'));
    expect(from(catching, [web, world], 'TCP/80', plaintext)).toEqual(['deny', 'deny']);
    expect(from(catching, [web, world])).toEqual(['allow', 'deny']);
    expect(judge(catching, given)(stranger, cart).ingress.missing).toEqual(['mesh identity of bank/stranger']);
  });

  test('I8: ports are single numbers, and nothing but TCP is governed', () => {
    expect(findings(policy('{rules: [{to: [{operation: {ports: ["80-90"]}}]}]}'))).toEqual(['error bad-port']);
    expect(findings(policy('{rules: [{to: [{operation: {ports: [80]}}]}]}'))).toEqual(['error wrong-type']);
    expect(from(policy('{}'), [web], 'UDP/53')).toEqual(['allow']);
    expect(from(policy(deny('[{}]')), [web], 'UDP/53')).toEqual(['allow']);
    expect(from(policy(deny('[{}]')), [web], 'TCP/0')).toEqual(['deny']);
    expect(judge(policy('{}'), given)(web, cart, 'TCP/0', { protocol: 0 }).ingress.decision).toBe('uncertain');
  });
});

describe('requests', () => {
  const http = '{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [GET], paths: [/a, /b]}}]}';

  test('I9: at a sidecar, an ALLOW that asks of requests allows for sure nothing', () => {
    const verdict = judge(policy(`{rules: [${http}]}`), given);
    expect(trail(verdict(web, cart).ingress)).toMatchObject({
      decision: 'uncertain',
      missing: ['HTTP request with method GET, path /a or /b'],
    });
    expect(verdict(job, cart).ingress.decision).toBe('deny');
    expect(from(policy(`{rules: [${http}, {from: [{source: {namespaces: [shop]}}]}]}`), [web])).toEqual(['allow']);
  });

  test('I9: at a sidecar, a DENY that asks of requests may be as wide as the rest of it', () => {
    expect(from(policy(deny(`[${http}]`)), [web, job])).toEqual(['uncertain', 'allow']);
    expect(from(policy(deny('[{to: [{operation: {methods: [GET]}}]}]')), [web, job])).toEqual([
      'uncertain',
      'uncertain',
    ]);
    expect(from(policy(deny(`[${http}, {from: [{source: {namespaces: [shop]}}]}]`)), [web])).toEqual(['deny']);
  });

  test('I10: at ztunnel, an ALLOW rule that asks of requests never matches', () => {
    expect(atZtunnel(policy(`{rules: [${http}]}`), [web, job])).toEqual(['deny', 'deny']);
    const mixed =
      '{rules: [{from: [{source: {namespaces: [bank]}}, {source: {namespaces: [shop], requestPrincipals: ["*"]}}]}]}';
    expect(atZtunnel(policy(mixed), [web, job])).toEqual(['deny', 'deny']);
    expect(atZtunnel(policy(source('namespaces: [shop]')), [web, job])).toEqual(['allow', 'deny']);
  });

  test('I10: at ztunnel, a DENY rule keeps what is about the connection; what is left empty matches nothing', () => {
    const mixed =
      '[{from: [{source: {namespaces: [shop], requestPrincipals: ["*"]}}], to: [{operation: {ports: ["80"], methods: [GET]}}]}]';
    expect(atZtunnel(policy(deny(mixed)), [web, job])).toEqual(['deny', 'allow']);
    expect(atZtunnel(policy(deny(mixed)), [web], 'TCP/81')).toEqual(['allow']);
    expect(atZtunnel(policy(deny('[{to: [{operation: {methods: [GET]}}]}]')), [web])).toEqual(['allow']);
    expect(atZtunnel(policy(deny(`[${http}]`)), [web])).toEqual(['allow']);
    const when = '[{when: [{key: source.namespace, values: [shop]}, {key: connection.sni, values: [a.io]}]}]';
    expect(atZtunnel(policy(deny(when)), [web])).toEqual(['allow']);
    expect(atZtunnel(policy(deny('[{}]')), [web])).toEqual(['deny']);
  });

  test('I10: without being told, namespaces say by their labels whether ztunnel or sidecars enforce', () => {
    const namespace = (name: string, labels: string) =>
      `---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}, labels: {${labels}}}\n`;
    const ambient = namespace('shop', 'istio.io/dataplane-mode: ambient');
    const onRequests = policy(`{rules: [${http}]}`);
    const meshWide = policy(`{rules: [${http}]}`, { namespace: 'istio-system' });
    const guess = (text: string) => readPolicies([{ name: 'mesh.yaml', text }]).ambient;
    expect([from(onRequests + ambient, [web]), from(onRequests, [web])]).toEqual([['deny'], ['uncertain']]);
    expect([guess(onRequests + ambient), guess(onRequests)]).toEqual([['shop'], []]);
    expect(guess(meshWide + ambient)).toEqual(['istio-system']);
    expect(guess(meshWide + ambient + namespace('bank', 'istio-injection: enabled'))).toEqual([]);
    const told = readPolicies([{ name: 'mesh.yaml', text: onRequests + ambient }], { mesh: 'sidecar' });
    expect([told.ambient, told.policySet.policies[0]?.ingress?.rules.length]).toEqual([[], 1]);
  });

  test('I10: ztunnel knows neither CUSTOM nor AUDIT, and that is said', () => {
    const custom = policy('{action: CUSTOM, provider: {name: opa}, rules: [{}]}');
    expect(atZtunnel(custom, [web])).toEqual(['allow']);
    expect(findings(custom, { mesh: 'ztunnel' })).toEqual(['warning not-supported']);
    expect(findings(custom)).toEqual([]);
  });

  test('I11: a dry run is not enforced', () => {
    const dry = (value: string) => policy('{}', { more: `, annotations: {istio.io/dry-run: "${value}"}` });
    expect(from(dry('true'), [web])).toEqual(['allow']);
    expect(from(dry('false'), [web])).toEqual(['deny']);
  });
});

describe('I12: PeerAuthentication', () => {
  const peers = (spec: string, namespace = 'shop', name = 'peers') =>
    policy(spec, { kind: 'PeerAuthentication', namespace, name });
  const strict = '{mtls: {mode: STRICT}}';
  const plaintext = { clientPrincipal: '' };
  const open = policy('{rules: [{}]}');

  test('STRICT denies whoever has no identity, before any policy allows', () => {
    expect(from(peers(strict) + open, [web, world])).toEqual(['allow', 'deny']);
    expect(from(peers(strict) + open, [web], 'TCP/80', plaintext)).toEqual(['deny']);
    expect(from(peers(strict), [stranger])).toEqual(['uncertain']);
  });

  test.each(['PERMISSIVE', 'DISABLE', 'UNSET'])('%s lets plaintext pass', (mode) => {
    expect(from(peers(`{mtls: {mode: ${mode}}}`) + open, [world])).toEqual(['allow']);
  });

  test('of the mesh, narrowed by namespaces, narrowed by workloads', () => {
    const mesh = peers(strict, 'istio-system');
    expect(from(mesh, [world])).toEqual(['deny']);
    expect(from(mesh + peers('{mtls: {mode: PERMISSIVE}}'), [world])).toEqual(['allow']);
    expect(from(mesh + peers('{mtls: {mode: UNSET}}'), [world])).toEqual(['deny']);
    const ofCart = '{selector: {matchLabels: {app: cart}}, mtls: {mode: DISABLE}}';
    expect(from(mesh + peers(ofCart), [world])).toEqual(['allow']);
    expect(judge(mesh + peers(ofCart), given)(world, web).ingress.decision).toBe('deny');
    expect(from(peers('{mtls: {mode: PERMISSIVE}}', 'istio-system') + peers(strict), [world])).toEqual(['deny']);
  });

  test('ports of a workload have a say of their own', () => {
    const ports = (mode: string) =>
      peers(
        `{selector: {matchLabels: {app: cart}}, ${mode}, portLevelMtls: {8080: {mode: STRICT}, 9090: {mode: DISABLE}}}`,
      );
    const at = (yaml: string) =>
      (['TCP/80', 'TCP/8080', 'TCP/9090'] as const).map((service) => from(yaml, [world], service)[0]);
    expect(at(ports('mtls: {mode: PERMISSIVE}'))).toEqual(['allow', 'deny', 'allow']);
    expect(at(ports('mtls: {mode: STRICT}'))).toEqual(['deny', 'deny', 'allow']);
    expect(at(peers(strict, 'shop', 'all') + ports('mtls: {mode: UNSET}'))).toEqual(['deny', 'deny', 'allow']);
    expect(findings(peers('{portLevelMtls: {80: {mode: STRICT}}}'))).toEqual(['error bad-port-level']);
  });

  test('two for one namespace are told', () => {
    expect(findings(peers(strict, 'shop', 'a') + peers(strict, 'shop', 'b'))).toEqual(['warning second-setting']);
  });
});
