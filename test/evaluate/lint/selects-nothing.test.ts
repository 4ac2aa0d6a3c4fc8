import { expect, test } from 'vitest';
import { selectsNothing } from '../../../src/evaluate/lint/rules/selects-nothing.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

test('finds a policy whose selector or namespace has no workload', () => {
  const yaml = networkPolicy('{podSelector: {matchLabels: {app: web}}}');
  expect(problems(selectsNothing, yaml, { pods: ['shop/cart', 'data/web'] })).toEqual([
    'policy: it selects no workload',
  ]);
  expect(problems(selectsNothing, yaml, { pods: ['shop/web'] })).toEqual([]);
});

test('does not accuse a policy when labels are not known', () => {
  const yaml = networkPolicy('{podSelector: {matchLabels: {app: web}}}');
  expect(problems(selectsNothing, yaml, { pods: ['shop/cart ?'] })).toEqual([]);
});
