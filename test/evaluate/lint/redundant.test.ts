import { expect, test } from 'vitest';
import { redundant } from '../../../src/evaluate/lint/rules/redundant.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

test('finds the narrower of two rules, across policies of a namespace', () => {
  const yaml = [
    networkPolicy('{podSelector: {}, ingress: [{from: [{podSelector: {}}]}]}', 'wide'),
    networkPolicy(
      '{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {matchLabels: {app: cart}}}]}]}',
      'narrow',
    ),
  ].join('---\n');
  expect(problems(redundant, yaml)).toEqual([
    'narrow: ingress rule 1 adds nothing: ingress rule 1 of shop/wide covers it',
  ]);
});

test('names the later of two equal rules only', () => {
  const rule = '{from: [{podSelector: {matchLabels: {app: cart}}}], ports: [{port: 80}]}';
  const yaml = networkPolicy(`{podSelector: {}, ingress: [${rule}, ${rule}]}`);
  expect(problems(redundant, yaml)).toEqual([
    'policy: ingress rule 2 adds nothing: ingress rule 1 of shop/policy covers it',
  ]);
});

test('is content with other ports, other subjects and blocks that overlap', () => {
  const peer = 'from: [{podSelector: {matchLabels: {app: cart}}}]';
  const ports = networkPolicy(
    `{podSelector: {}, ingress: [{${peer}, ports: [{port: 80}]}, {${peer}, ports: [{port: 81}]}]}`,
  );
  const blocks = networkPolicy(
    '{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]}, {from: [{ipBlock: {cidr: 10.1.0.0/24}}]}]}',
  );
  expect(
    [ports, blocks].flatMap((yaml) => problems(redundant, yaml)).filter((text) => !text.includes('rule 2')),
  ).toEqual([]);
});
