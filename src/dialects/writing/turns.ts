import { ANYTHING, type Policy, type PolicyRule, policyName, type Side, type Stage } from '../../model/policy.ts';
import { compareText } from '../../util/compare.ts';

/** What a policy says at one point of an ordered stage. */
export interface Turn {
  readonly policy: Policy;
  readonly part: 'rules' | 'denies' | 'isolation';
  readonly ingress: readonly PolicyRule[] | undefined;
  readonly egress: readonly PolicyRule[] | undefined;
}

/**
 * A stage as turns of which the first that matches decides, which is all that tiered dialects know. Where deny overrides,
 * the denies of all policies come first. A policy that isolates denies whatever is left, but only when every other policy
 * of the stage had its turn.
 */
export function turnsOf(stage: Stage, policies: readonly Policy[]): readonly Turn[] {
  const sorted = [...policies].sort(comparePolicies);
  const isolation = sorted.flatMap((policy) => isolationOf(policy) ?? []);
  const isolating = new Set(isolation.map(({ policy }) => policy));
  const says = (one: Turn): boolean => !isEmpty(one) || !isolating.has(one.policy);
  if (stage.combine === 'first-match') {
    return [...sorted.map((policy) => turn(policy, 'rules', () => true)).filter(says), ...isolation];
  }
  const denies = sorted.map((policy) => turn(policy, 'denies', ({ action }) => action === 'deny'));
  const others = sorted.map((policy) => turn(policy, 'rules', ({ action }) => action !== 'deny'));
  return [...denies.filter((one) => !isEmpty(one)), ...others.filter(says), ...isolation];
}

function isEmpty({ ingress, egress }: Turn): boolean {
  return !ingress?.length && !egress?.length;
}

function comparePolicies(a: Policy, b: Policy): number {
  const byName = compareText(a.tie ?? policyName(a.ref), b.tie ?? policyName(b.ref));
  return (a.order === b.order ? 0 : a.order - b.order) || byName || compareText(a.ref.kind, b.ref.kind);
}

function turn(policy: Policy, part: Turn['part'], keep: (rule: PolicyRule) => boolean): Turn {
  return { policy, part, ingress: policy.ingress?.rules.filter(keep), egress: policy.egress?.rules.filter(keep) };
}

function isolationOf(policy: Policy): Turn | undefined {
  const rest = (side: Side): readonly PolicyRule[] | undefined =>
    policy[side]?.isolates ? [{ index: 0, name: 'default-deny', action: 'deny', peer: ANYTHING }] : undefined;
  const [ingress, egress] = [rest('ingress'), rest('egress')];
  return ingress || egress ? { policy, part: 'isolation', ingress, egress } : undefined;
}
