import type { Finding } from '../../model/finding.ts';
import { formatLocation } from '../../model/finding.ts';
import { type EndpointMatcher, type Policy, policyName, type Side } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { appendTo } from '../../util/append-to.ts';

/**
 * Warns of policies of one tier that have the same priority and may contradict each other on some pod: which of them
 * comes first is then undefined (A13, C2, N3). Here they are ordered by name, so that the answer is at least always the
 * same.
 */
export function reportEqualPriorities(policies: readonly Policy[], findings: Finding[]): void {
  const groups = new Map<string, Policy[]>();
  for (const policy of policies) appendTo(groups, `${policy.stage}\0${policy.order}`, policy);
  for (const group of groups.values()) {
    for (const [index, policy] of group.entries()) {
      const other = group.slice(0, index).find((one) => contradict(one, policy) && mayOverlap(one, policy));
      if (other !== undefined) findings.push(warning(policy, other));
    }
  }
}

function warning({ ref, order }: Policy, other: Policy): Finding {
  const place = `${policyName(other.ref)} at ${formatLocation(other.ref.location)}`;
  return {
    severity: 'warning',
    rule: 'equal-priority',
    message: `${policyName(ref)} has priority ${order}, as has ${place}; which comes first is undefined`,
    remedy: 'Give each of them a priority of its own.',
    location: ref.location,
  };
}

/** Rules that all do the same may come in any order. */
function contradict(a: Policy, b: Policy): boolean {
  return (['ingress', 'egress'] as const).some((side) => {
    const [one, other] = [actions(a, side), actions(b, side)];
    return one.size > 0 && other.size > 0 && new Set([...one, ...other]).size > 1;
  });
}

function actions(policy: Policy, side: Side): ReadonlySet<string> {
  return new Set(policy[side]?.rules.map(({ action }) => action));
}

/** False when both ask for different values of one label. */
function mayOverlap(a: Policy, b: Policy): boolean {
  const [one, other] = [demands(a.subject), demands(b.subject)];
  return [...one].every(([key, values]) => {
    const theirs = other.get(key);
    return theirs === undefined || theirs.some((value) => values.includes(value));
  });
}

/** Values that the subject insists on, by label; conditions that are more complicated are left out. */
function demands(matcher: EndpointMatcher): Map<string, readonly string[]> {
  if (matcher.match === 'all') return new Map(matcher.of.flatMap((part) => [...demands(part)]));
  if (matcher.match === 'labels') return insisted(matcher.selector, 'pod ');
  if (matcher.match === 'namespaceLabels') return insisted(matcher.selector, 'namespace ');
  if (matcher.match !== 'namespaceName') return new Map();
  return new Map([['namespace kubernetes.io/metadata.name', matcher.names]]);
}

function insisted(selector: Selector, prefix: string): Map<string, readonly string[]> {
  if (selector.kind === 'and') return new Map(selector.of.flatMap((part) => [...insisted(part, prefix)]));
  return new Map(selector.kind === 'in' ? [[`${prefix}${selector.key}`, selector.values]] : []);
}
