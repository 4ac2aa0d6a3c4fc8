import { expect, test } from 'vitest';
import { unknownLabel } from '../../../src/evaluate/lint/rules/unknown-label.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const pods = ['shop/web app=web,role=client', 'shop/cart app=cart'];

test('finds keys and values that nothing carries, in subjects and peers', () => {
  const yaml = networkPolicy(
    '{podSelector: {matchLabels: {roll: client}}, ingress: [{from: [{podSelector: {matchLabels: {app: crat}}}]}]}',
  );
  expect(problems(unknownLabel, yaml, { pods })).toEqual([
    'policy: no workload has a label roll',
    'policy: no workload is labelled app=crat',
  ]);
});

test('tells labels of namespaces from labels of workloads', () => {
  const yaml = networkPolicy(
    '{podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: shop}}}]}]}',
  );
  expect(problems(unknownLabel, yaml, { pods })).toEqual(['policy: no namespace has a label team']);
  expect(problems(unknownLabel, yaml, { pods, namespaces: { shop: 'team=shop' } })).toEqual([]);
});

test('takes negations and the name of a namespace for granted', () => {
  const yaml = networkPolicy(
    '{podSelector: {matchExpressions: [{key: quarantine, operator: DoesNotExist}]}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: shop}}}]}]}',
  );
  expect(problems(unknownLabel, yaml, { pods })).toEqual([]);
});
