import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildEstate, type Estate } from './estate.ts';
import { filesOf } from './run-estate.ts';

const WORKLOADS: Estate['workloads'] = {
  'shop/Deployment/web': { labels: { app: 'web' }, replicas: 2 },
  'shop/Deployment/cart': { labels: { app: 'cart' } },
  'shop/StatefulSet/cart': { labels: { app: 'cart-db' } },
  'kube-system/Deployment/coredns': { labels: { 'k8s-app': 'kube-dns' } },
};
const SEEN_ONCE = 'TCP/8080 days=1 clients=1 hours=1';
const DEPLOYMENT = `shop/Deployment/web > shop/Deployment/cart ${SEEN_ONCE}`;
const STATEFUL_SET = `shop/Deployment/web > shop/StatefulSet/cart ${SEEN_ONCE}`;
const DNS = 'shop/Deployment/web > kube-system/Deployment/coredns UDP/53';

interface Link {
  readonly id: string;
  readonly client: string;
  readonly server: string;
}

function run(traffic: readonly string[], before = '') {
  const text = filesOf(buildEstate({ workloads: WORKLOADS, traffic: [...traffic, DNS] }), {}, before).get(
    'micropolicies.yaml',
  ) as string;
  const { pairs, leftOut, notes } = parse(text) as {
    pairs: { ports: { port: number }[]; service: { members: string[] } }[];
    leftOut: { heldBack: { rule: string; links: Link[] }[] };
    notes: { rule: string; message: string }[];
  };
  const granted = pairs.filter(({ ports }) => ports[0]?.port === 8080).flatMap(({ service }) => service.members);
  const held = leftOut.heldBack.flatMap(({ rule, links }) => links.map((link) => ({ rule, ...link })));
  return { text, granted, held, notes: notes.map(({ rule }) => rule) };
}

/** With one decision on a link, as `approve` and `reject` record it. */
function decided({ text }: { readonly text: string }, { id, client, server }: Link, decision: string): string {
  const entry = `links:\n- { id: ${id}, client: ${client}, server: ${server}, protocol: TCP, port: 8080, decision: ${decision} }\n`;
  return text.replace(/^defaultDeny:/m, `${entry}defaultDeny:`);
}

test('links to workloads of one name and of several kinds are told apart, and decided one by one', () => {
  const first = run([DEPLOYMENT, STATEFUL_SET]);
  expect(first.held.map(({ server }) => server)).toEqual(['shop/Deployment/cart', 'shop/StatefulSet/cart']);
  const other = first.held[1] as Link;
  expect(first.held[0]?.id).not.toBe(other.id);
  const second = run([DEPLOYMENT, STATEFUL_SET], decided(first, other, 'approved'));
  expect(second.granted).toEqual(['shop/StatefulSet/cart']);
  expect(second.held.map(({ server }) => server)).toEqual(['shop/Deployment/cart']);
  expect(run([DEPLOYMENT, STATEFUL_SET], second.text).text).toBe(second.text);
});

test('a link keeps its id and its decision as long as nobody shares a name with its ends', () => {
  const workloads = Object.fromEntries(Object.entries(WORKLOADS).filter(([id]) => id !== 'shop/StatefulSet/cart'));
  const text = filesOf(buildEstate({ workloads, traffic: [DEPLOYMENT, DNS] })).get('micropolicies.yaml');
  expect(text).toContain('- id: link-e0dc5ac6\n      client: shop/web\n      server: shop/cart\n');
});

test('what was decided before the name was shared rejects all that bear it, and grants none of them', () => {
  const first = run([DEPLOYMENT, STATEFUL_SET]);
  const bare = { id: 'link-00000000', client: 'shop/web', server: 'shop/cart' };
  const rejected = run([DEPLOYMENT, STATEFUL_SET], decided(first, bare, 'rejected'));
  expect(rejected.held.map(({ rule }) => rule)).toEqual(['rejected', 'rejected']);
  const approved = run([DEPLOYMENT, STATEFUL_SET], decided(first, bare, 'approved'));
  expect(approved.granted).toEqual([]);
  expect(approved.notes).toContain('ambiguous-approval');
  expect(rejected.notes).not.toContain('ambiguous-approval');
});

test('the note on workloads that labels cannot tell apart names them apart', () => {
  const workloads = {
    ...WORKLOADS,
    'shop/StatefulSet/cart': { labels: { app: 'cart' } },
    'ops/Deployment/tool': { labels: { app: 'tool' } },
  };
  const traffic = ['ops/Deployment/tool > shop/Deployment/cart TCP/8080'];
  const text = filesOf(buildEstate({ workloads, traffic }), { excludedNamespaces: ['shop'] }).get('micropolicies.yaml');
  expect(text).toContain('cannot tell shop/Deployment/cart from shop/StatefulSet/cart, which was not seen');
});

test('names outside are told apart by what they are', () => {
  const calls = ['external', 'private'].map(
    (kind, i) => `shop/Deployment/web > ${kind}:api.shop.example=10.0.${i}.7 ${SEEN_ONCE.replace('8080', '443')}`,
  );
  const { held } = run(calls);
  expect(held.map(({ server }) => server)).toEqual(['api.shop.example (external)', 'api.shop.example (private)']);
});
