import { describe, expect, test } from 'vitest';
import { writeCilium } from '../../src/dialects/cilium/write.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import type { Policy, PolicyRule } from '../../src/model/policy.ts';
import { ccnp, cnp } from '../evaluate/cilium-harness.ts';
import { networkPolicy } from '../evaluate/harness.ts';

function write(text: string) {
  const { policySet, findings } = readPolicies([{ name: 'policies.yaml', text }], { profile: 'cilium' });
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  return writeCilium(policySet);
}

function spec(text: string): unknown {
  const { documents, refusals } = write(text);
  expect(refusals).toEqual([]);
  return documents[0]?.spec;
}

/** Why a rule of the policy `shop/policy` is not written. */
function refusal(more: Partial<PolicyRule>, policy: Partial<Policy> = {}): string | undefined {
  const [base] = readPolicies([{ name: 'a.yaml', text: networkPolicy('{ingress: [{}]}') }]).policySet.policies;
  const rule: PolicyRule = { index: 0, name: '', action: 'allow', peer: { match: 'anything' }, ...more };
  return writeCilium({ policies: [{ ...(base as Policy), ingress: { isolates: true, rules: [rule] }, ...policy }] })
    .refusals[0]?.reason;
}

describe('documents', () => {
  test('a NetworkPolicy becomes a CiliumNetworkPolicy; any peer is the entity all', () => {
    expect(spec(networkPolicy('{podSelector: {matchLabels: {app: cart}}, ingress: [{ports: [{port: 80}]}]}'))).toEqual({
      endpointSelector: { matchLabels: { app: 'cart' } },
      ingress: [{ fromEntities: ['all'], toPorts: [{ ports: [{ port: '80', protocol: 'TCP' }] }] }],
    });
  });

  test('a direction that only isolates is one empty entry', () => {
    expect(spec(networkPolicy('{policyTypes: [Ingress, Egress]}'))).toEqual({
      endpointSelector: {},
      ingress: [{}],
      egress: [{}],
    });
  });

  test('peers of different kinds become entries, other namespaces are said, exceptions stay with their block', () => {
    const from =
      '[{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {team: a}}}, {namespaceSelector: {}}, {ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}]';
    expect(spec(networkPolicy(`{ingress: [{from: ${from}}]}`))).toEqual({
      endpointSelector: {},
      ingress: [
        {
          fromEndpoints: [
            { matchLabels: { app: 'web' } },
            {
              matchLabels: { 'k8s:io.cilium.k8s.namespace.labels.team': 'a' },
              matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }],
            },
            { matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'Exists' }] },
          ],
        },
        { fromCIDRSet: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }] },
      ],
    });
  });

  test('more than 40 ports become several port rules', () => {
    const ports = Array.from({ length: 45 }, (_, index) => `{port: ${index + 1}}`).join(', ');
    const written = spec(networkPolicy(`{ingress: [{ports: [${ports}]}]}`)) as {
      ingress: { toPorts: { ports: unknown[] }[] }[];
    };
    expect(written.ingress[0]?.toPorts.map((rule) => rule.ports.length)).toEqual([40, 5]);
  });

  test('rule sets of one document stay together, and what denies nothing by default says so', () => {
    const open = '{endpointSelector: {}, ingressDeny: [{fromEntities: [world]}], enableDefaultDeny: {ingress: false}}';
    const { documents } = write(
      `${ccnp(open)}specs: [{endpointSelector: {}, egress: [{toFQDNs: [{matchPattern: "*.io"}]}]}]\n`,
    );
    expect(documents).toEqual([
      {
        apiVersion: 'cilium.io/v2',
        kind: 'CiliumClusterwideNetworkPolicy',
        metadata: { name: 'policy' },
        specs: [
          { endpointSelector: {}, enableDefaultDeny: { ingress: false }, ingressDeny: [{ fromEntities: ['world'] }] },
          { endpointSelector: {}, egress: [{ toFQDNs: [{ matchPattern: '*.io' }] }] },
        ],
      },
    ]);
  });

  test('a clusterwide policy that only excludes pods keeps the proxies it selects', () => {
    const selector = '{matchExpressions: [{key: io.kubernetes.pod.namespace, operator: NotIn, values: [kube-system]}]}';
    expect(spec(ccnp(`{endpointSelector: ${selector}, ingress: [{}]}`))).toMatchObject({
      endpointSelector: {
        matchExpressions: [{ key: 'k8s:io.kubernetes.pod.namespace', operator: 'NotIn', values: ['kube-system'] }],
      },
    });
  });
});

describe('what Cilium cannot say is refused', () => {
  test.each([
    [{ conditions: ['HTTP request GET'] }, 'what a proxy decides'],
    [{ notPorts: [{ protocol: 6 }] }, 'destination ports only'],
    [{ self: { match: 'pod' } }, 'destination ports only'],
    [{ action: 'pass' }, 'no pass rules'],
    [{ peer: { match: 'cidr', cidrs: ['10.0.0.0/8'], except: [], pods: true } }, 'never mean pods'],
    [{ peer: { match: 'dnsName', patterns: ['a.io'] } }, 'egress only'],
    [{ peer: { match: 'principal', patterns: ['*'] } }, '"principal"'],
    [{ peer: { match: 'kind', kinds: ['external'] } }, 'no entity for "external" alone'],
    [{ peer: { match: 'labels', selector: { kind: 'contains', key: 'a', value: 'b' } } }, 'contains'],
    [{ ports: [{ protocol: 1 }] }, 'ICMP as a whole'],
    [{ ports: [{ protocol: 1, icmpType: 3, icmpCode: 4 }] }, 'by type alone'],
  ] as [Partial<PolicyRule>, string][])('%j', (rule, reason) => {
    expect(refusal(rule)).toContain(reason);
  });

  test('tiers, staged policies, and subjects beyond the namespace', () => {
    expect(refusal({}, { stage: 'admin' })).toContain('no ordered tiers');
    expect(refusal({}, { staged: true })).toContain('no staged');
    expect(refusal({}, { subject: { match: 'pod' } })).toContain('own namespace only');
    expect(refusal({}, { subject: { match: 'nothing' } })).toContain('selects nothing');
  });

  test('a denial by name, and a policy without any opinion', () => {
    const [egress] = write(cnp('{endpointSelector: {}, egress: [{toFQDNs: [{matchName: a.io}]}]}')).documents;
    expect(egress?.spec).toEqual({ endpointSelector: {}, egress: [{ toFQDNs: [{ matchName: 'a.io' }] }] });
    expect(write(cnp('{endpointSelector: {}, ingress: []}')).refusals[0]?.reason).toContain('decides nothing');
  });
});
