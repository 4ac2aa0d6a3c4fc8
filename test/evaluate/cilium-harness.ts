import { expect } from 'vitest';
import { readPolicies } from '../../src/dialects/read.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Decision } from '../../src/model/verdict.ts';
import { type Given, judge, outside, pod, type Service } from './harness.ts';

export const cart = pod('shop/cart');
export const web = pod('shop/web');
export const other = pod('bank/web');
export const world = outside('external', '93.184.216.34');
export const worldV6 = outside('external', '2001:db8::1');
export const node = outside('host', '10.1.0.1');
export const apiserver = outside('apiserver', '10.1.0.2');

/** Rule sets in YAML flow style as documents in `shop`, or of the whole cluster. */
export function cnp(spec: string, name = 'policy'): string {
  return `---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;
}

export function ccnp(spec: string, name = 'policy'): string {
  return `---\napiVersion: cilium.io/v2\nkind: CiliumClusterwideNetworkPolicy\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
}

/** `ingress: …` of all pods in `shop`. */
export function ingress(rules: string, more = ''): string {
  return cnp(`{endpointSelector: {}, ingress: ${rules}${more}}`);
}

export function egress(rules: string, more = ''): string {
  return cnp(`{endpointSelector: {}, egress: ${rules}${more}}`);
}

type Peer = ReturnType<typeof pod>;

/** Decisions at `cart` about these clients. */
export function from(
  yaml: string,
  clients: readonly Peer[],
  service: Service = 'TCP/80',
  given: Given = {},
): Decision[] {
  const ask = judge(yaml, given);
  return clients.map((client) => ask(client, cart, service, { sameNode: false }).ingress.decision);
}

/** Decisions at `cart` about these servers. */
export function to(yaml: string, servers: readonly Peer[], service: Service = 'TCP/80', given: Given = {}): Decision[] {
  const ask = judge(yaml, given);
  return servers.map((server) => ask(cart, server, service).egress.decision);
}

/** What is wrong with policies, as `severity rule: message`. */
export function findings(yaml: string): string[] {
  return readPolicies([{ name: 'policies.yaml', text: yaml }])
    .findings.filter(({ severity }: Finding) => severity !== 'note')
    .map(({ severity, rule, message }) => `${severity} ${rule}: ${message}`);
}

/** The only finding is this error. */
export function refused(yaml: string, rule: string): void {
  expect(findings(yaml).map((text) => text.split(':')[0])).toEqual([`error ${rule}`]);
}
