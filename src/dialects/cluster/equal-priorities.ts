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
  const groups = new Map<string, Candidate[]>();
  for (const policy of policies) appendTo(groups, `${policy.stage}\0${policy.order}`, candidate(policy));
  for (const group of groups.values()) {
    for (const [index, one] of group.entries()) {
      const other = group.slice(0, Math.min(index, MOST_COMPARED)).find((earlier) => clash(earlier, one));
      if (other !== undefined) findings.push(warning(one.policy, other.policy));
    }
  }
}

/** Each policy is compared with so many of its own priority; whoever has more has been told. */
const MOST_COMPARED = 500;

interface Candidate {
  readonly policy: Policy;
  /** What its rules do, as bits, by direction. */
  readonly actions: Readonly<Record<Side, number>>;
  readonly demands: ReadonlyMap<string, readonly string[]>;
}

function candidate(policy: Policy): Candidate {
  const actions = { ingress: actionBits(policy, 'ingress'), egress: actionBits(policy, 'egress') };
  return { policy, actions, demands: demands(policy.subject) };
}

const BITS = { allow: 1, deny: 2, pass: 4, log: 0 };

function actionBits(policy: Policy, side: Side): number {
  return policy[side]?.rules.reduce((bits, { action }) => bits | BITS[action], 0) ?? 0;
}

function clash(a: Candidate, b: Candidate): boolean {
  return contradict(a, b) && mayOverlap(a, b);
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
function contradict(a: Candidate, b: Candidate): boolean {
  return (['ingress', 'egress'] as const).some((side) => {
    const [one, other] = [a.actions[side], b.actions[side]];
    const both = one | other;
    return one !== 0 && other !== 0 && (both & (both - 1)) !== 0;
  });
}

/** False when both ask for different values of one label. */
function mayOverlap(a: Candidate, b: Candidate): boolean {
  for (const [key, values] of a.demands) {
    const theirs = b.demands.get(key);
    if (theirs !== undefined && !theirs.some((value) => values.includes(value))) return false;
  }
  return true;
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
