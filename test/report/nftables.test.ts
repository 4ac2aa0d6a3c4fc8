import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { microwall } from '../cli/microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-nftables-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What nft says of a ruleset without loading it: nothing when all is well. */
function complaints(ruleset: string): string {
  const { status, stderr, error } = spawnSync('nft', ['-c', '-f', '-'], { input: ruleset, encoding: 'utf8' });
  return status === 0 ? '' : stderr || String(error);
}

/** Why nft cannot be asked here. */
const absent = complaints('table inet microwall_probe {}\n');
const skipped = absent === '' ? '' : `; skipped, nft is not usable: ${absent.trim().split('\n')[0]}`;

const deployment = (namespace: string, name: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: ${namespace}}
spec: {template: {metadata: {labels: {app: ${name}}}, spec: {containers: [{name: a, ports: [{name: web, containerPort: 8080}]}]}}}
`;
const pod = (name: string, ips: string): string =>
  `---\napiVersion: v1\nkind: Pod\nmetadata: {name: ${name}, namespace: shop, labels: {app: ${name}}}\nspec: {containers: [{name: a}]}\nstatus: {podIPs: [${ips}]}\n`;
const policy = (kind: 'NetworkPolicy' | 'GlobalNetworkPolicy', spec: string): string =>
  kind === 'NetworkPolicy'
    ? `---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: ${spec}\n`
    : `---\napiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: p}\nspec: ${spec}\n`;
const WORKLOADS =
  deployment('shop', 'cart') + pod('web', '{ip: 10.0.0.7}, {ip: "2001:db8::7"}') + pod('mail', '{ip: 10.0.0.9}');

async function render(text: string): Promise<string> {
  const file = join(mkdtempSync(join(scratch, 'case-')), 'all.yaml');
  writeFileSync(file, WORKLOADS + text);
  const { exit, out } = await microwall(['render', '--policies', file, '-o', 'nftables', '--data', scratch, '-q']);
  expect(exit).toBe(0);
  return out;
}

describe.skipIf(skipped !== '')(`nft accepts the ruleset${skipped}`, () => {
  test.each([
    ['of nothing at all', ''],
    ['of isolation alone', policy('NetworkPolicy', '{policyTypes: [Ingress, Egress]}')],
    ['of everything', policy('NetworkPolicy', '{ingress: [{}], egress: [{}]}')],
    [
      'of blocks of both families with exceptions',
      policy(
        'NetworkPolicy',
        '{ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.4.0.0/16]}}, {ipBlock: {cidr: "2001:db8::/32"}}], ports: [{port: 1, endPort: 100}, {protocol: UDP}]}]}',
      ),
    ],
    [
      'of pods with and without addresses, and of port names',
      policy(
        'NetworkPolicy',
        '{egress: [{to: [{podSelector: {}}], ports: [{port: web}, {port: 53, protocol: UDP}, {port: 9, protocol: SCTP}]}]}',
      ),
    ],
    [
      'of ICMP and protocols without ports',
      policy(
        'GlobalNetworkPolicy',
        '{types: [Ingress], ingress: [{action: Allow, protocol: ICMP, icmp: {type: 8}}, {action: Allow, protocol: ICMPv6, icmp: {type: 128, code: 0}}, {action: Allow, protocol: UDPLite}, {action: Allow, protocol: 47}, {action: Deny, protocol: TCP, destination: {ports: [22]}}, {action: Allow, protocol: TCP}]}',
      ),
    ],
  ])('%s', async (_, policies) => {
    expect(complaints(await render(policies))).toBe('');
  });
});

test('workloads whose names differ only in what a table cannot be called have tables of their own', async () => {
  const ruleset = await render(
    deployment('a-b', 'c') + deployment('a', 'b-c') + policy('NetworkPolicy', '{policyTypes: [Ingress]}'),
  );
  const tables = [...ruleset.matchAll(/^table inet (\S+) \{$/gm)].map(([, name]) => name);
  expect(tables).toHaveLength(5);
  expect(new Set(tables).size).toBe(5);
});
