import type { Policy, PolicySet, Stage } from '../../model/policy.ts';
import { compareText } from '../../util/compare.ts';
import { ADMIN_STAGE, BASELINE_STAGE, NETWORK_POLICY_STAGE } from '../stages.ts';
import { Inexpressible } from './selector-text.ts';
import { BUILT_IN_TIERS, type CalicoTier, DEFAULT_TIER, NETWORK_POLICY_ORDER } from './tiers.ts';

/** How the policies of one stage are written. */
export interface TierPlan {
  readonly tier: CalicoTier;
  readonly builtIn: boolean;
  readonly orderOf: (policy: Policy) => number;
  /** Why the stage itself cannot be a tier. */
  readonly refusal?: string;
  /** Why `pass` rules cannot be written: they would continue somewhere else. */
  readonly passRefusal?: string;
  readonly denyRefusal?: string;
}

/** Shared stages by the tier that plays their part in Calico (P9, P35). */
const TIERS: Readonly<Record<string, string>> = {
  [ADMIN_STAGE]: 'kube-admin',
  [NETWORK_POLICY_STAGE]: DEFAULT_TIER,
  [BASELINE_STAGE]: 'kube-baseline',
};

/** A tier for each stage that has policies, by the name of the stage. */
export function tierPlans(set: PolicySet): ReadonlyMap<Stage['name'], TierPlan> {
  const used = new Set(set.policies.map(({ stage }) => stage));
  const stages = set.stages
    .filter(({ name }) => used.has(name))
    .sort((a, b) => a.order - b.order || compareText(a.name, b.name));
  return new Map(stages.map((stage, index) => [stage.name, planOf(stage, stages[index + 1], set)]));
}

function planOf(stage: Stage, next: Stage | undefined, set: PolicySet): TierPlan {
  const name = tierName(stage, set);
  const fixed = BUILT_IN_TIERS.find((tier) => tier.name === name);
  const members = set.policies.filter((policy) => policy.stage === stage.name);
  const isolating = members.some(({ ingress, egress }) => ingress?.isolates || egress?.isolates);
  const order = stage.order < Number.MAX_VALUE ? { order: stage.order } : {};
  const tier = fixed ?? { name, ...order, defaultAction: isolating ? 'Deny' : 'Pass' };
  const moved = stage.name === NETWORK_POLICY_STAGE && name === DEFAULT_TIER;
  return {
    tier,
    builtIn: fixed !== undefined,
    orderOf: (policy) => (moved ? NETWORK_POLICY_ORDER : policy.order),
    ...refusals(stage, next, { set, name }),
  };
}

/** Stages of Calico's own profile are tiers already, whatever they are called. */
function tierName({ name }: Stage, { profile }: PolicySet): string {
  return profile.name === 'calico' ? name : (TIERS[name] ?? name);
}

function refusals(
  stage: Stage,
  next: Stage | undefined,
  { set, name }: { readonly set: PolicySet; readonly name: string },
): Pick<TierPlan, 'refusal' | 'passRefusal' | 'denyRefusal'> {
  const target = set.stages.find((one) => one.name === stage.passTo);
  const skips = target !== undefined && next !== undefined && next.order < target.order;
  return {
    ...(stage.layer !== undefined &&
      stage.layer !== '' && { refusal: 'Calico enforces in the network only, not in a mesh' }),
    ...(!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name) && { refusal: `${name} cannot be the name of a tier` }),
    ...(skips && { passRefusal: `a Calico Pass goes on in the next tier, ${next.name}, and not in ${target.name}` }),
    ...(stage.combine === 'deny-overrides' && {
      denyRefusal: `in ${stage.name} a deny beats allows of all policies, which no order does`,
    }),
  };
}

/** The plan of the policy's stage, when the policy means there what it means now. */
export function inTier(policy: Policy, plans: ReadonlyMap<Stage['name'], TierPlan>): TierPlan {
  const plan = plans.get(policy.stage);
  if (plan === undefined) throw new Inexpressible(`there is no stage ${policy.stage}`);
  if (plan.refusal !== undefined) throw new Inexpressible(plan.refusal);
  for (const direction of [policy.ingress, policy.egress]) {
    if (direction === undefined) continue;
    if (direction.isolates !== (plan.tier.defaultAction === 'Deny')) {
      const does = direction.isolates ? 'denies' : 'leaves open';
      throw new Inexpressible(`it ${does} what no rule matches, and its tier ${plan.tier.name} does not`);
    }
    for (const { action, otherwise } of direction.rules) {
      const refusal = action === 'pass' ? plan.passRefusal : action === 'deny' ? plan.denyRefusal : undefined;
      if (refusal !== undefined) throw new Inexpressible(refusal);
      if (otherwise !== undefined) throw new Inexpressible('what fails a condition cannot be denied in the same rule');
    }
  }
  return plan;
}
