import type { Stage } from '../../model/policy.ts';
import { BASELINE_STAGE, NETWORK_POLICY_STAGE } from '../stages.ts';

/** N1: the tiers of every cluster by name; their numbers cannot be changed. */
export const BUILT_IN_TIERS: ReadonlyMap<string, number> = new Map([
  ['emergency', 50],
  ['securityops', 100],
  ['networkops', 150],
  ['platform', 200],
  ['application', 250],
  ['baseline', 253],
]);

/** Tier of policies that name none. */
export const DEFAULT_TIER = 'application';

/** The tier behind Kubernetes NetworkPolicies. */
export const BASELINE_TIER = 'baseline';

/** N1: numbers at which ClusterNetworkPolicy (tier Admin) and AdminNetworkPolicy stand between the tiers. */
export const CLUSTER_ADMIN_NUMBER = 220;
export const ADMIN_NUMBER = 251;

/** Numbers that no tier of one's own may take. */
export const RESERVED_NUMBERS: ReadonlySet<number> = new Set([...BUILT_IN_TIERS.values(), CLUSTER_ADMIN_NUMBER]);
/** Tiers of one's own have lower numbers. */
export const FIRST_BUILT_IN_ONLY = 250;

/** Baseline tier policies come between NetworkPolicies and the baseline of the cluster (N2). */
const BASELINE_ORDER = 5_000_000;

/** Stage names carry a prefix, because a tier may be called as one of the shared stages is. */
const PREFIX = 'antrea/';

export function stageName(tier: string): string {
  return `${PREFIX}${tier}`;
}

/** Name of the tier whose stage this is; absent when it is the stage of something else. */
export function tierOfStage(stage: string): string | undefined {
  return stage.startsWith(PREFIX) ? stage.slice(PREFIX.length) : undefined;
}

/** N5: first match; a pass leaves all of Antrea's tiers for the NetworkPolicies. */
export function tierStage(tier: string, number: number): Stage {
  const baseline = tier === BASELINE_TIER;
  return {
    name: stageName(tier),
    order: baseline ? BASELINE_ORDER : number,
    combine: 'first-match',
    passTo: baseline ? BASELINE_STAGE : NETWORK_POLICY_STAGE,
  };
}
