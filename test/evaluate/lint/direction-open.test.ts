import { expect, test } from 'vitest';
import { directionOpen } from '../../../src/evaluate/lint/rules/direction-open.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const ingress = networkPolicy('{podSelector: {matchLabels: {app: web}}}', 'web');

test('finds the direction that nobody isolates', () => {
  expect(problems(directionOpen, ingress, { pods: ['shop/web'] })).toEqual([
    'web: egress of shop/web is open: no policy isolates it',
  ]);
});

test('is content when another policy isolates it', () => {
  const egress = networkPolicy('{podSelector: {}, policyTypes: [Egress]}', 'egress');
  const found = problems(directionOpen, [ingress, egress].join('---\n'), { pods: ['shop/web'] });
  expect(found).toEqual([]);
});
