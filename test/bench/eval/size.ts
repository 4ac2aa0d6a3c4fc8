import type { HalfPolicy } from '../../../src/learn/pairs/to-policies.ts';
import type { EndpointMatcher, Policy, PolicyRule } from '../../../src/model/policy.ts';
import type { Selector } from '../../../src/model/selector.ts';

/**
 * Weighted structural complexity: the sum over policies of 1 + terms of the subject + terms of the peers + ports. A term
 * that names one value counts 1, a list 1 and its values; the own namespace of a policy costs nothing.
 */
export function policySize(policy: Policy): number {
  const own = policy.ref.namespace;
  const rules = [...(policy.egress?.rules ?? []), ...(policy.ingress?.rules ?? [])];
  return 1 + matcherSize(policy.subject, own) + rules.reduce((sum, rule) => sum + ruleSize(rule, own), 0);
}

/** The same for the halves of pairs, where policies that say the same, each of its own namespace, count once. */
export function pairsSize(halves: readonly HalfPolicy[]): number {
  const sizes = new Map<string, number>();
  for (const { pair, half, policy } of halves) {
    if (pair === undefined) continue;
    const { subject, egress, ingress, ref } = policy;
    const said = JSON.stringify([pair.id, half, subject, egress, ingress], (_, value) =>
      value === ref.namespace ? 'own' : value,
    );
    sizes.set(said, policySize(policy));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function ruleSize({ peer, ports }: PolicyRule, own: string): number {
  return matcherSize(peer, own) + (ports?.length ?? 0);
}

function matcherSize(matcher: EndpointMatcher, own: string): number {
  switch (matcher.match) {
    case 'all':
    case 'some':
      return matcher.of.reduce((sum, part) => sum + matcherSize(part, own), 0);
    case 'not':
      return matcherSize(matcher.of, own);
    case 'labels':
    case 'namespaceLabels':
      return selectorSize(matcher.selector);
    case 'namespaceName':
      return matcher.names.length === 1 && matcher.names[0] === own ? 0 : listSize(matcher.names.length);
    case 'cidr':
      return matcher.cidrs.length + matcher.except.length;
    default:
      return 1;
  }
}

function selectorSize(selector: Selector): number {
  switch (selector.kind) {
    case 'and':
    case 'or':
      return selector.of.reduce((sum, part) => sum + selectorSize(part), 0);
    case 'not':
      return selectorSize(selector.of);
    case 'in':
      return listSize(selector.values.length);
    default:
      return 1;
  }
}

function listSize(values: number): number {
  return values === 1 ? 1 : 1 + values;
}

/**
 * The same for one two-sided policy per workload with one term to name a workload: 2 for each workload, and a peer and a
 * port for each tuple at each end whose namespace is isolated; a peer in another namespace costs a term more, and DNS a
 * second port, since answers too long for UDP come over TCP.
 */
export function perWorkloadSize(tuples: Iterable<string>, isSubject: (reference: string) => boolean): number {
  const workloads = new Set<string>();
  let size = 0;
  for (const tuple of tuples) {
    const [client = '', server = '', port] = tuple.split(' ');
    const ends = [client, server].filter(isSubject);
    for (const end of ends) workloads.add(end);
    size += ends.length * ((namespaceOf(client) === namespaceOf(server) ? 2 : 3) + (port === 'UDP/53' ? 1 : 0));
  }
  return size + 2 * workloads.size;
}

function namespaceOf(reference: string): string {
  return reference.slice(0, reference.indexOf('/'));
}
