import { expect, test } from 'vitest';
import { missingDns } from '../../../src/evaluate/lint/rules/missing-dns.ts';
import { networkPolicy } from '../harness.ts';
import { problems } from './harness.ts';

const pods = ['shop/web', 'kube-system/coredns k8s-app=kube-dns'];

test('finds isolated egress without a way to the resolver', () => {
  const yaml = networkPolicy('{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 443}]}]}');
  expect(problems(missingDns, yaml, { pods })).toEqual([
    'policy: it isolates egress of shop/web, and no policy lets them ask for names (UDP 53)',
  ]);
});

test('is content when another policy allows it, or egress is open', () => {
  const deny = networkPolicy('{podSelector: {}, policyTypes: [Egress]}', 'deny');
  const dns = networkPolicy(
    '{podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 53, protocol: UDP}]}]}',
    'dns',
  );
  expect(problems(missingDns, [deny, dns].join('---\n'), { pods })).toEqual([]);
  expect(problems(missingDns, networkPolicy('{podSelector: {}}'), { pods })).toEqual([]);
});
