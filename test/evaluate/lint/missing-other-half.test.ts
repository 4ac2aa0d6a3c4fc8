import { expect, test } from 'vitest';
import { missingOtherHalf } from '../../../src/evaluate/lint/rules/missing-other-half.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const pods = ['shop/web', 'shop/cart'];
const half = networkPolicy(
  '{podSelector: {matchLabels: {app: cart}}, ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 80}]}]}',
  'cart',
);

test('finds a grant whose other end is denied by its own policies', () => {
  const closed = networkPolicy('{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress]}', 'web');
  expect(problems(missingOtherHalf, [half, closed].join('---\n'), { pods })).toEqual([
    'cart: ingress rule 1 allows traffic from shop/web, whose own egress policies deny it',
  ]);
});

test('is content when the other end is open or allows it', () => {
  const open = networkPolicy(
    '{podSelector: {matchLabels: {app: web}}, policyTypes: [Egress], egress: [{to: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 80}]}]}',
    'web',
  );
  expect(problems(missingOtherHalf, half, { pods })).toEqual([]);
  expect(problems(missingOtherHalf, [half, open].join('---\n'), { pods })).toEqual([]);
});
