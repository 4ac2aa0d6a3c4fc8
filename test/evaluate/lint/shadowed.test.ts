import { expect, test } from 'vitest';
import { shadowed } from '../../../src/evaluate/lint/rules/shadowed.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const admin = (rules: string) => `
apiVersion: policy.networking.k8s.io/v1alpha1
kind: AdminNetworkPolicy
metadata: {name: admin}
spec: {priority: 1, subject: {namespaces: {}}, ingress: ${rules}}
`;

test('finds a rule behind a wider one', () => {
  const rules =
    '[{action: Allow, from: [{namespaces: {}}]}, {action: Deny, from: [{namespaces: {matchLabels: {team: a}}}]}]';
  expect(problems(shadowed, admin(rules))).toEqual([
    'admin: ingress rule 2 is never reached: ingress rule 1 matches all of its traffic first',
  ]);
});

test('is content when the narrow rule comes first, or the wide one is about other ports', () => {
  const narrow = '{action: Deny, from: [{namespaces: {matchLabels: {team: a}}}]}';
  const wide = '{action: Allow, from: [{namespaces: {}}]';
  const ports = 'ports: [{portNumber: {protocol: TCP, port: 80}}]';
  expect(problems(shadowed, admin(`[${narrow}, ${wide}}]`))).toEqual([]);
  expect(problems(shadowed, admin(`[${wide}, ${ports}}, ${narrow}]`))).toEqual([]);
});

test('does not speak of unions, where every rule counts', () => {
  expect(problems(shadowed, networkPolicy('{podSelector: {}, ingress: [{}, {}]}'))).toEqual([]);
});
