import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildEstate, type Estate } from './estate.ts';
import { filesOf } from './run-estate.ts';

const WORKLOADS: Estate['workloads'] = {
  'shop/Deployment/web': { labels: { app: 'web' } },
  'shop/Deployment/cart': { labels: { app: 'cart' } },
  'shop/Deployment/pay': { labels: { app: 'pay' } },
  'shop/StatefulSet/redis': { labels: { app: 'redis' } },
  'kube-system/Deployment/coredns': { labels: { 'k8s-app': 'kube-dns' } },
};
const WEB_CART = 'shop/Deployment/web > shop/Deployment/cart TCP/8080';
const PAY_CART = 'shop/Deployment/pay > shop/Deployment/cart TCP/8080';
const REST = [
  'shop/Deployment/cart > shop/StatefulSet/redis TCP/6379',
  'shop/Deployment/web > kube-system/Deployment/coredns UDP/53',
  'external:203.0.113.7 > shop/Deployment/web TCP/443',
  'shop/Deployment/pay > external:api.bank.example=198.51.100.9 TCP/443',
];

interface Pair {
  readonly id: string;
  readonly version: string;
  readonly function: string;
  readonly ports: readonly { readonly port: number }[];
  readonly client: { readonly members: readonly string[] };
  readonly unused?: readonly { readonly client: string; readonly lastSeen: string; readonly expired: boolean }[];
}

function run(traffic: readonly string[], before = ''): { text: string; files: Map<string, string>; cart: Pair } {
  const files = filesOf(buildEstate({ workloads: WORKLOADS, traffic }), {}, before);
  const text = files.get('micropolicies.yaml') ?? '';
  const { pairs } = parse(text) as { pairs: Pair[] };
  const cart = pairs.find(({ ports }) => ports.some(({ port }) => port === 8080 || port === 9090)) as Pair;
  return { text, files, cart };
}

function policies(files: Map<string, string>): Record<string, string> {
  const enforced = [...files].filter(([path]) => path.startsWith('kubernetes/') || path.startsWith('labels/'));
  return Object.fromEntries(enforced.map(([path, text]) => [path, text.replace(/microwall.io.version: .*/g, '')]));
}

test('the same again changes no byte', () => {
  const first = run([WEB_CART, ...REST]);
  expect(Object.fromEntries(run([WEB_CART, ...REST], first.text).files)).toEqual(Object.fromEntries(first.files));
});

test('a new client is a minor version, a new port keeps the identity', () => {
  const first = run([WEB_CART, ...REST]);
  const second = run([WEB_CART, PAY_CART, ...REST], first.text);
  expect(second.cart).toMatchObject({ id: first.cart.id, version: '1.1.0', function: 'cart' });
  const third = run([`${WEB_CART},TCP/9090`, `${PAY_CART},TCP/9090`, ...REST], second.text);
  expect(third.cart).toMatchObject({ id: first.cart.id, version: '1.2.0', function: 'cart' });
});

test('a name that a person gave stays, with comments, notes and decisions', () => {
  const first = run([WEB_CART, ...REST]);
  const edited = first.text
    .replace('function: cart', 'function: basket')
    .replace(`- id: ${first.cart.id}`, `# Ask Ann before touching this.\n- id: ${first.cart.id}\n  decision: approved`);
  const second = run([WEB_CART, PAY_CART, ...REST], edited);
  expect(second.cart).toMatchObject({ id: first.cart.id, function: 'basket', decision: 'approved' });
  expect(second.text).toContain(`# Ask Ann before touching this.\n- id: ${first.cart.id}`);
  expect([...second.files.keys()]).toContain('kubernetes/shop.basket-service.yaml');
  expect(run([WEB_CART, PAY_CART, ...REST], second.text).text).toBe(second.text);
});

test('a grant without traffic stays, is listed, expires, and goes only when a person says so, and nothing else goes', () => {
  const first = run([WEB_CART, PAY_CART, ...REST]);
  const quiet = run([WEB_CART, ...REST], first.text);
  expect(policies(quiet.files)).toEqual(policies(first.files));
  expect(quiet.cart.version).toBe(first.cart.version);
  expect(quiet.cart.unused).toMatchObject([{ client: 'shop/Deployment/pay', expired: false }]);
  const later = [WEB_CART, ...REST].map((line) => `${line} from=40`);
  const old = run(later, quiet.text);
  expect(old.cart.unused).toMatchObject([
    { client: 'shop/Deployment/pay', lastSeen: quiet.cart.unused?.[0]?.lastSeen, expired: true },
  ]);
  expect(policies(old.files)).toEqual(policies(first.files));
  const removed = run(later, old.text.replace('expired: true', 'expired: true\n    remove: true'));
  expect(removed.cart).toMatchObject({ version: '2.0.0', client: { members: ['shop/Deployment/web'] } });
  expect(removed.text).not.toContain('unused:');
  const without = run([WEB_CART, ...REST]);
  expect(policies(removed.files)).toEqual(policies(without.files));
});

test('what is in use is not called unused, however few bear it out; its silence counts from then on', () => {
  const first = run([WEB_CART, PAY_CART, ...REST]);
  const few = run([WEB_CART, `${PAY_CART} days=1 clients=1 hours=1 from=20`, ...REST], first.text);
  expect(few.cart.unused).toBeUndefined();
  expect(few.cart.client.members).toContain('shop/Deployment/pay');
  const silent = run(
    [WEB_CART, ...REST].map((line) => `${line} from=45`),
    few.text,
  );
  expect(silent.cart.unused).toMatchObject([{ lastSeen: '2024-10-24T00:00:00.000Z', expired: false }]);
});

test('a link that a person approved and that is in use is not called unused', () => {
  const rarely = `${PAY_CART} days=1 clients=1 hours=1`;
  const first = run([WEB_CART, rarely, ...REST]);
  const approved = `links:\n- { client: shop/pay, server: shop/cart, protocol: TCP, port: 8080, decision: approved }\n`;
  const second = run([WEB_CART, rarely, ...REST], first.text.replace(/^defaultDeny:/m, `${approved}defaultDeny:`));
  expect(second.cart.client.members).toContain('shop/Deployment/pay');
  expect(second.cart.unused).toBeUndefined();
});

test('a group of single pods is not granted more by the next run', () => {
  const workloads = Object.fromEntries(
    ['a', 'b'].map((name) => [`shop/StatefulSet/${name}`, { labels: { app: name }, replicas: 1 }]),
  );
  const traffic = ['a > shop/StatefulSet/b', 'b > shop/StatefulSet/a'].map(
    (ends) => `shop/StatefulSet/${ends} TCP/7946 clients=1 days=4`,
  );
  const scene = buildEstate({ workloads, traffic });
  const first = filesOf(scene);
  expect(first.get('micropolicies.yaml')).toContain('kind: group');
  expect([...filesOf(scene, {}, first.get('micropolicies.yaml'))]).toEqual([...first]);
});

test('what pods of one replica were seen to grant each other stays granted when it falls silent', () => {
  const workloads = { 'shop/Deployment/a': { labels: { app: 'a' }, replicas: 1 } };
  const scene = buildEstate({ workloads, traffic: ['shop/Deployment/a > shop/Deployment/a TCP/80 clients=2 days=4'] });
  const first = filesOf(scene);
  expect(first.get('micropolicies.yaml')).toContain('port: 80');
  const second = filesOf({ ...scene, edges: [] }, {}, first.get('micropolicies.yaml'));
  expect(second.get('micropolicies.yaml')).toContain('port: 80');
});

test('a rejected function is not granted, and stays rejected', () => {
  const first = run([WEB_CART, ...REST]);
  const rejected = run(
    [WEB_CART, ...REST],
    first.text.replace('  function: cart', '  decision: rejected\n  function: cart'),
  );
  expect([...rejected.files.keys()].filter((path) => path.includes('cart-'))).toEqual([]);
  expect(rejected.text).toContain('rule: rejected');
  expect(run([WEB_CART, ...REST], rejected.text).text).toBe(rejected.text);
});

test('what a workload does with its own replicas is kept and can be rejected like anything else', () => {
  const self = 'shop/StatefulSet/redis > shop/StatefulSet/redis TCP/16379';
  const first = run([WEB_CART, self, ...REST]);
  expect(policies(run([WEB_CART, ...REST], first.text).files)).toEqual(policies(first.files));
  const named = /function: (\S+)\n {2}label: \S+\n {2}kind: group/.exec(first.text)?.[1] ?? '';
  const said = first.text.replace(`  function: ${named}`, `  decision: rejected\n  function: ${named}`);
  const rejected = run([WEB_CART, self, ...REST], said);
  expect([...rejected.files.keys()].filter((path) => path.includes(`${named}-`))).toEqual([]);
  expect(rejected.text).toContain('rule: rejected');
});

test('a name server outside the cluster can be rejected, the one of the cluster stays', () => {
  const outside = 'shop/Deployment/web > external:192.0.2.53 UDP/53';
  const first = run([WEB_CART, outside, ...REST]);
  const name = /function: (\S+)\n(?:(?!- id)[^\n]*\n)*? {4}- what: 192\.0\.2\.53/.exec(first.text)?.[1] ?? '';
  const said = first.text.replace(`  function: ${name}\n`, `  decision: rejected\n  function: ${name}\n`);
  const { text } = run([WEB_CART, outside, ...REST], said);
  const { pairs, leftOut } = parse(text) as {
    pairs: Pair[];
    leftOut: { heldBack: { rule: string; links: { server: string }[] }[] };
  };
  expect(leftOut.heldBack.find(({ rule }) => rule === 'rejected')?.links).toMatchObject([{ server: '192.0.2.53' }]);
  expect(pairs.some(({ ports }) => ports.some(({ port }) => port === 53))).toBe(true);
});

test('who takes part only in what a person rejected stays isolated, and may resolve names as everybody who is', () => {
  const shell = 'ops/Deployment/shell';
  const workloads = { ...WORKLOADS, [shell]: { labels: { app: 'shell' } } };
  const calls = [WEB_CART, `${shell} > shop/StatefulSet/redis TCP/22`, ...REST];
  const rarely = `${shell} > kube-system/Deployment/coredns UDP/53 days=1 clients=1 hours=1`;
  for (const traffic of [calls, [...calls, rarely]]) {
    const scene = buildEstate({ workloads, traffic });
    const first = filesOf(scene).get('micropolicies.yaml') ?? '';
    const said = first.replace('  function: redis-ssh', '  decision: rejected\n  function: redis-ssh');
    expect(said).not.toBe(first);
    const { pairs, defaultDeny, assignments } = parse(filesOf(scene, {}, said).get('micropolicies.yaml') ?? '') as {
      pairs: Pair[];
      defaultDeny: { egress: { members: string[] } };
      assignments: Record<string, Record<string, string>>;
    };
    expect(defaultDeny.egress.members).toContain(shell);
    expect(pairs.find(({ ports }) => ports.some(({ port }) => port === 53))?.client.members).toContain(shell);
    expect(assignments[shell]).toEqual({ 'default-deny': 'both', dns: 'client' });
  }
});
