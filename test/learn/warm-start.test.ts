import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { buildEstate, type Estate } from './estate.ts';
import { filesOf } from './run-estate.ts';

const SHOP: Estate['workloads'] = {
  'shop/Deployment/web': { labels: { app: 'web' } },
  'shop/Deployment/cart': { labels: { app: 'cart' } },
  'shop/Deployment/user': { labels: { app: 'user' } },
  'shop/Deployment/stock': { labels: { app: 'stock' } },
  'ops/Deployment/tool': { labels: { app: 'tool' } },
};
const WEB = ['cart', 'user', 'stock'].map((name) => `shop/Deployment/web > shop/Deployment/${name} TCP/8080`);
const STRANGER = 'ops/Deployment/tool > shop/Deployment/cart TCP/8080';

const MESH: Estate['workloads'] = Object.fromEntries(
  ['a', 'b', 'c'].map((name) => [`shop/StatefulSet/node-${name}`, { labels: { app: name }, replicas: 1 }]),
);
const GOSSIP = ['a > b', 'a > c', 'b > a', 'b > c', 'c > a', 'c > b'].map(
  (line) => `shop/StatefulSet/node-${line.replace(' > ', ' > shop/StatefulSet/node-')} TCP/7946 clients=1`,
);

function learnt(
  workloads: Estate['workloads'],
  traffic: readonly string[],
  before = '',
  mode: 'labels' | 'selectors' = 'labels',
) {
  const files = filesOf(buildEstate({ workloads, traffic }), { mode }, before);
  const text = files.get('micropolicies.yaml') ?? '';
  const { pairs, assignments } = parse(text) as {
    pairs: {
      id: string;
      function: string;
      kind: string;
      service: { members: string[] };
      client: { members: string[] };
    }[];
    assignments: Record<string, Record<string, string>>;
  };
  const found = pairs.filter((pair) => !pair.function.startsWith('dns'));
  return {
    text,
    assignments,
    pairs: found.map(({ id, function: name, kind, service, client }) => {
      return { id, name, kind, servers: service.members.length, clients: client.members };
    }),
  };
}

test('servers of one namespace that offer the same port to the same clients are one function, named after a lone client', () => {
  expect(learnt(SHOP, WEB).pairs).toMatchObject([
    { name: 'web-tcp-8080', servers: 3, clients: ['shop/Deployment/web'] },
  ]);
});

test('a stranger at one of them becomes a pair of its own, whether it comes later or was there from the start', () => {
  const first = learnt(SHOP, WEB);
  const later = learnt(SHOP, [...WEB, STRANGER], first.text);
  expect(later.pairs).toMatchObject([
    { name: 'cart', servers: 1, clients: ['ops/Deployment/tool'] },
    { id: first.pairs[0]?.id, name: 'web-tcp-8080', servers: 3, clients: ['shop/Deployment/web'] },
  ]);
  for (const [workload, labels] of Object.entries(first.assignments))
    expect(later.assignments[workload]).toMatchObject(labels);
  expect(learnt(SHOP, [...WEB, STRANGER]).pairs.map(({ name, servers }) => [name, servers])).toEqual([
    ['cart', 1],
    ['web-tcp-8080', 3],
  ]);
});

test('pairs that have become alike stay apart, because everybody in them would have to change labels', () => {
  const first = learnt(SHOP, [WEB[0] ?? '', 'ops/Deployment/tool > shop/Deployment/user TCP/8080']);
  const all = ['ops/Deployment/tool', 'shop/Deployment/web'].flatMap((client) =>
    ['cart', 'user'].map((name) => `${client} > shop/Deployment/${name} TCP/8080`),
  );
  const later = learnt(SHOP, all, first.text);
  expect(later.pairs.map(({ id, name, servers }) => [id, name, servers])).toEqual(
    first.pairs.map(({ id, name }) => [id, name, 1]),
  );
  expect(learnt(SHOP, all).pairs).toHaveLength(1);
});

test('a group keeps its label when a stranger calls one of its members', () => {
  const first = learnt(MESH, GOSSIP);
  expect(first.pairs).toMatchObject([{ kind: 'group', servers: 3 }]);
  const workloads = { ...MESH, 'ops/Deployment/tool': { labels: { app: 'tool' } } };
  const later = learnt(workloads, [...GOSSIP, 'ops/Deployment/tool > shop/StatefulSet/node-a TCP/7946'], first.text);
  expect(later.pairs.find(({ id }) => id === first.pairs[0]?.id)).toMatchObject({ kind: 'group', servers: 3 });
  expect(later.pairs).toHaveLength(2);
});

test('who was named by selectors that still fit is named by them again, even if labels elsewhere have changed', () => {
  const workloads: Estate['workloads'] = {
    'shop/Deployment/web': { labels: { app: 'web', tier: 'front' } },
    'shop/Deployment/cart': { labels: { app: 'cart', tier: 'middle' } },
    'shop/Deployment/user': { labels: { app: 'user', tier: 'back' } },
  };
  const selectors = (text: string) =>
    (parse(text) as { pairs: { service: { selectors: unknown }; client: { selectors: unknown } }[] }).pairs.map(
      ({ service, client }) => [service.selectors, client.selectors],
    );
  const traffic = WEB.slice(0, 2);
  const first = learnt(workloads, traffic, '', 'selectors');
  const renamed = { ...workloads, 'shop/Deployment/web': { labels: [{ app: 'web' }, { app: 'webs' }] } };
  expect(selectors(learnt(renamed, traffic, '', 'selectors').text)).not.toEqual(selectors(first.text));
  const later = learnt(renamed, traffic, first.text, 'selectors');
  expect(selectors(later.text)[1]?.[0]).toEqual(selectors(first.text)[1]?.[0]);
});

test('with function labels, existing labels may change without touching a pair', () => {
  const traffic = WEB.slice(0, 2);
  const first = learnt(SHOP, traffic);
  const renamed = { ...SHOP, 'shop/Deployment/web': { labels: { app: 'webshop', tier: 'front' } } };
  expect(learnt(renamed, traffic, first.text).text).toBe(first.text);
});
