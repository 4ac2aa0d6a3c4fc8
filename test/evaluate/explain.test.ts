import { expect, test } from 'vitest';
import { explain } from '../../src/evaluate/explain/explain.ts';
import { judge, networkPolicy, outside, pod, traffic } from './harness.ts';

const cart = pod('shop/cart');
const web = pod('shop/web');

function ingress(spec: string, client = web, server = cart): string {
  return explain(judge(networkPolicy(spec))(client, server), traffic(client, server, 'TCP/80'))[1];
}

test('a sentence says who decided and what was missing', () => {
  expect([
    ingress('{ingress: [{}]}'),
    ingress('{ingress: []}'),
    ingress('{ingress: [{from: [{podSelector: {matchLabels: {app: x}}}]}]}'),
    ingress('{ingress: [{ports: [{port: 90}]}]}'),
    ingress('{}', web, pod('bank/vault')),
    ingress('{}', web, outside('external', '192.0.2.1', 'example.org')),
    ingress('{}', outside('host')),
    ingress('{podSelector: {matchLabels: {app: cart}}}', web, pod('shop/cart', '?')),
  ]).toEqual([
    'ingress allowed by shop/policy rule 1',
    'ingress denied by default: shop/policy selects shop/cart, without any rule',
    'ingress denied by default: shop/policy selects shop/cart, no peer matches shop/web',
    'ingress denied by default: shop/policy selects shop/cart, shop/policy rule 1 matches shop/web but not TCP 80',
    'ingress allowed: no policy selects bank/vault',
    'ingress allowed: example.org is no pod, policies do not select it',
    'ingress allowed: a node always reaches its own pods, here shop/cart',
    'ingress uncertain because of shop/policy: not known: labels of shop/cart',
  ]);
});
