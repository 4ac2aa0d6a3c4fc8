import { expect, test } from 'vitest';
import { writeNetworkPolicy } from '../../src/dialects/kubernetes/write.ts';
import { readPolicies } from '../../src/dialects/read.ts';
import { yamlText } from '../../src/dialects/yaml-text.ts';
import type { EndpointMatcher, Policy, PolicyRule } from '../../src/model/policy.ts';

const APP_WEB: EndpointMatcher = {
  match: 'labels',
  selector: { kind: 'and', of: [{ kind: 'in', key: 'app', values: ['web'] }] },
};

function policy(peer: EndpointMatcher, extra: Partial<PolicyRule> = {}): Policy {
  const rule: PolicyRule = { index: 0, name: '', action: 'allow', peer, ...extra };
  return {
    ref: {
      dialect: 'kubernetes',
      kind: 'NetworkPolicy',
      namespace: 'shop',
      name: 'x',
      location: { file: '', document: 1, line: 0 },
    },
    stage: 'networkpolicy',
    order: 0,
    staged: false,
    subject: { match: 'all', of: [{ match: 'namespaceName', names: ['shop'] }, APP_WEB] },
    ingress: { isolates: true, rules: [rule] },
  };
}

function spec(given: Policy): unknown {
  const written = writeNetworkPolicy(given);
  return 'document' in written ? written.document.spec : written.refusal;
}

test('a peer of the own namespace needs no namespace selector, one of others is one item with both', () => {
  const own = policy({ match: 'all', of: [{ match: 'namespaceName', names: ['shop'] }, APP_WEB] });
  const others = policy({ match: 'all', of: [{ match: 'namespaceName', names: ['pay', 'shop'] }, APP_WEB] });
  expect(spec(own)).toMatchObject({ ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }] }] });
  expect(spec(others)).toMatchObject({
    ingress: [
      {
        from: [
          {
            namespaceSelector: { matchExpressions: [{ values: ['pay', 'shop'] }] },
            podSelector: { matchLabels: { app: 'web' } },
          },
        ],
      },
    ],
  });
});

test('exceptions go to the block that holds them, and only there', () => {
  const given = policy({ match: 'cidr', cidrs: ['0.0.0.0/0', '::/0'], except: ['10.0.0.0/8', 'fc00::/7'] });
  expect(spec(given)).toMatchObject({
    ingress: [
      {
        from: [
          { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.0/8'] } },
          { ipBlock: { cidr: '::/0', except: ['fc00::/7'] } },
        ],
      },
    ],
  });
});

test('policyTypes name exactly the directions, and isolation without rules is an empty list', () => {
  const given: Policy = { ...policy({ match: 'anything' }), ingress: { isolates: true, rules: [] } };
  expect(spec(given)).toMatchObject({ policyTypes: ['Ingress'], ingress: [] });
});

test('what NetworkPolicy cannot say is refused, never widened', () => {
  expect(spec(policy({ match: 'nothing' }))).toContain('no peer matches');
  expect(spec(policy({ match: 'dnsName', patterns: ['a.example'] }))).toContain('dnsName');
  expect(spec(policy(APP_WEB, { action: 'deny' }))).toContain('deny');
  expect(spec(policy(APP_WEB, { ports: [{ protocol: 1 }] }))).toContain('TCP, UDP and SCTP');
});

test('what is written is read back as the same policy', () => {
  const given = policy(
    {
      match: 'some',
      of: [
        { match: 'all', of: [{ match: 'namespaceName', names: ['shop'] }, APP_WEB] },
        { match: 'cidr', cidrs: ['192.0.2.0/24'], except: [] },
      ],
    },
    {
      ports: [
        { protocol: 6, ports: [{ from: 80, to: 90 }] },
        { protocol: 17, ports: [{ from: 53, to: 53 }] },
      ],
    },
  );
  const written = writeNetworkPolicy(given);
  const text = yamlText('document' in written ? written.document : '');
  const { policySet, findings } = readPolicies([{ name: 'x.yaml', text }]);
  expect(findings).toEqual([]);
  const again = policySet.policies
    .map((read) => writeNetworkPolicy(read))
    .map((result) => ('document' in result ? yamlText(result.document) : result.refusal));
  expect(again).toEqual([text]);
});
