import type { PolicySet, Stage } from '../../model/policy.ts';
import { NETWORK_POLICY_STAGE } from '../stages.ts';
import { BASELINE_TIER, BUILT_IN_TIERS, DEFAULT_TIER, RESERVED_NUMBERS, tierOfStage } from './tiers.ts';

/** Where the policies of a stage go. */
export interface TierPlan {
  readonly stage: Stage;
  readonly tier: string;
  readonly number: number;
  /** Why not. */
  readonly refusal?: string;
  readonly passRefusal?: string;
}

/** Tiers that play the part of stages of other dialects. */
const TIERS: Readonly<Record<string, string>> = {
  admin: 'securityops',
  adminnetworkpolicy: 'securityops',
  'kube-admin': 'securityops',
  [NETWORK_POLICY_STAGE]: DEFAULT_TIER,
  default: DEFAULT_TIER,
  baseline: BASELINE_TIER,
  'kube-baseline': BASELINE_TIER,
};

/** A tier for each stage that has policies, in walking order; tiers of other dialects keep their names and numbers. */
export function tierPlans(set: PolicySet): readonly TierPlan[] {
  const used = new Set(set.policies.map(({ stage }) => stage));
  const stages = set.stages.filter(({ name }) => used.has(name)).sort((a, b) => a.order - b.order);
  let last = -1;
  return stages.map((stage) => {
    const tier = tierOfStage(stage.name) ?? TIERS[stage.name] ?? stage.name;
    const number = BUILT_IN_TIERS.get(tier) ?? stage.order;
    const refusal = stage.layer ? 'Antrea enforces in the network only, not in a mesh' : misplaced(tier, number, last);
    if (refusal === undefined) last = number;
    return { stage, tier, number, ...(refusal && { refusal }), ...passRefusal(stage, tier, stages) };
  });
}

function misplaced(tier: string, number: number, last: number): string | undefined {
  if (!BUILT_IN_TIERS.has(tier)) {
    const free = Number.isInteger(number) && number >= 0 && number < 250 && !RESERVED_NUMBERS.has(number);
    if (!free) return `${number} cannot be the number of tier ${tier}`;
    if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(tier)) return `${tier} cannot be the name of a tier`;
  }
  return number > last ? undefined : `tier ${tier} would not come after the tier before it`;
}

/** N5: a pass leaves all tiers for the NetworkPolicies. */
function passRefusal(stage: Stage, tier: string, stages: readonly Stage[]): Pick<TierPlan, 'passRefusal'> {
  if (tier === BASELINE_TIER) return { passRefusal: 'there is nothing behind the baseline tier to pass to' };
  const next = stages[stages.indexOf(stage) + 1];
  const leaves = stage.passTo === NETWORK_POLICY_STAGE || next === undefined;
  return leaves ? {} : { passRefusal: `an Antrea Pass goes on with the NetworkPolicies, and not with ${next.name}` };
}
