import { expect, test } from 'vitest';
import { tooBroad } from '../../../src/evaluate/lint/rules/too-broad.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const ingress = (rule: string) => problems(tooBroad, networkPolicy(`{podSelector: {}, ingress: [${rule}]}`));

test.each([
  ['{}', 'policy: ingress rule 1 allows all traffic from anywhere'],
  ['{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}', 'policy: ingress rule 1 allows all traffic from anywhere'],
  ['{from: [{namespaceSelector: {}}]}', 'policy: ingress rule 1 allows all traffic from every pod of the cluster'],
  ['{from: [{podSelector: {}}], ports: [{port: 1, endPort: 30000}]}', 'policy: ingress rule 1 opens 30000 ports'],
])('finds %s', (rule, message) => {
  expect(ingress(rule)).toEqual([message]);
});

test.each([
  '{ports: [{port: 443}]}',
  '{from: [{podSelector: {}}]}',
  '{from: [{namespaceSelector: {}}], ports: [{port: 53}]}',
])('is content with %s', (rule) => {
  expect(ingress(rule)).toEqual([]);
});
