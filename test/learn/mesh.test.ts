import { expect, test } from 'vitest';
import { buildEstate, type Estate } from './estate.ts';
import { type DialectRun, runDialect } from './run-dialect.ts';

const WORKLOADS: Estate['workloads'] = {
  'shop/Deployment/web': { labels: { app: 'web' } },
  'shop/Deployment/cart': { labels: { app: 'cart' } },
  'pay/Deployment/pay': { labels: { app: 'pay' } },
  'shop/Deployment/idle': { labels: { app: 'idle' } },
};
const TRAFFIC = [
  'shop/Deployment/web > shop/Deployment/cart TCP/8080',
  'pay/Deployment/pay > shop/Deployment/cart TCP/8080',
  'external:203.0.113.7 > shop/Deployment/web TCP/443',
];

function mesh(accounts: Readonly<Record<string, string>>, more: readonly string[] = [], staged = false): DialectRun {
  const { edges, inventory } = buildEstate({ workloads: WORKLOADS, traffic: [...TRAFFIC, ...more] });
  const workloads = inventory.workloads.map((one) => ({ ...one, serviceAccount: accounts[one.name] ?? '' }));
  const run = runDialect({ edges, inventory: { ...inventory, workloads } }, { dialect: 'istio', staged });
  expect(run.check.denied).toEqual([]);
  return run;
}

const OWN = { web: 'web', cart: 'cart', pay: 'pay', idle: 'idle' };
const rules = ({ notes }: DialectRun) => notes.map(({ rule }) => rule);

test('callers are let in by their identity, at the servers only', () => {
  const run = mesh(OWN);
  const text = run.files.get('istio/shop.cart-service.yaml') ?? '';
  expect(text).toContain('- cluster.local/ns/pay/sa/pay\n        - cluster.local/ns/shop/sa/web');
  expect([...run.files.keys()].filter((path) => path.includes('client'))).toEqual([]);
  expect(rules(run)).toContain('egress-not-expressible');
  expect(rules(run)).not.toContain('account-not-known');
});

test('callers outside the mesh have addresses', () => {
  expect(mesh(OWN).files.get('istio/shop.web-service.yaml')).toContain('ipBlocks:\n        - 203.0.113.7/32');
});

test('a caller whose account is not known is let in with its namespace, and that is said', () => {
  const run = mesh({ ...OWN, pay: '' });
  expect(run.files.get('istio/shop.cart-service.yaml')).toContain('namespaces:\n        - pay');
  expect(run.notes.find(({ rule }) => rule === 'account-not-known')?.message).toContain('pay/Deployment/pay');
});

test('an account that others share is said', () => {
  const run = mesh({ ...OWN, idle: 'web' });
  expect(run.notes.find(({ rule }) => rule === 'shared-account')?.message).toContain('cart');
  expect(rules(mesh(OWN))).not.toContain('shared-account');
});

test('other protocols than TCP stay open, and that is said', () => {
  const run = mesh(OWN, ['shop/Deployment/web > shop/Deployment/cart UDP/8125']);
  expect(rules(run)).toContain('protocol-not-expressible');
  const udp = [...run.verdicts()].filter(([tuple]) => tuple.endsWith('17/8125'));
  expect(udp.map(([, { ingress }]) => ingress.decision)).not.toContain('deny');
});

test('staged, it is a dry run', () => {
  expect(mesh(OWN, [], true).files.get('istio-staged/shop.cart-service.yaml')).toContain('istio.io/dry-run: "true"');
});
