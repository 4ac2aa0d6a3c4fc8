import { describe, expect, it } from 'vitest';
import type { EndpointMatcher, Policy } from '../../src/model/policy.ts';
import type { Selector } from '../../src/model/selector.ts';
import { perWorkloadSize, policySize } from '../bench/eval/size.ts';

const labelled = (namespace: string[], ...values: string[]): EndpointMatcher => {
  const selector: Selector = { kind: 'and', of: [{ kind: 'in', key: 'log', values }] };
  return {
    match: 'all',
    of: [
      { match: 'namespaceName', names: namespace },
      { match: 'labels', selector },
    ],
  };
};

function policy(subject: EndpointMatcher, peer: EndpointMatcher): Policy {
  return {
    ref: {
      ...{ dialect: 'kubernetes', kind: 'NetworkPolicy', namespace: 'shop', name: 'log-service' },
      location: { file: '', document: 1, line: 1 },
    },
    ...{ stage: 'networkpolicy', order: 0, staged: false, subject },
    ingress: {
      isolates: true,
      rules: [{ index: 0, name: '', action: 'allow', peer, ports: [{ protocol: 6, ports: [{ from: 80, to: 80 }] }] }],
    },
  };
}

describe('the size of a policy', () => {
  it('is 4 for a half of a pair in one namespace', () => {
    expect(policySize(policy(labelled(['shop'], 'service'), labelled(['shop'], 'client')))).toBe(4);
  });

  it('grows by lists of values and by other namespaces', () => {
    const wide = policy(labelled(['shop'], 'both', 'service'), labelled(['pay', 'shop'], 'both', 'client'));
    expect(policySize(wide)).toBe(1 + 3 + (3 + 3) + 1);
    expect(policySize(policy(labelled(['shop'], 'service'), labelled(['pay'], 'client')))).toBe(5);
  });
});

describe('one policy per workload', () => {
  it('costs 2 a workload and 2 a tuple and end', () => {
    expect(perWorkloadSize(['s/a s/b TCP/80', 's/a s/c TCP/80'], () => true)).toBe(3 * 2 + 2 * 2 * 2);
  });

  it('costs a term more across namespaces, a port more for DNS, and nothing where nobody is isolated', () => {
    expect(perWorkloadSize(['s/a k/dns UDP/53'], (reference) => reference !== 'k/dns')).toBe(2 + 3 + 1);
  });
});
