import type { PolicyRef, Stage } from '../../model/policy.ts';

export type TierAction = 'Deny' | 'Pass';

/** A tier, from a Tier object or from what every cluster has. */
export interface CalicoTier {
  readonly name: string;
  /** Absent: behind all tiers that have one (P1). */
  readonly order?: number;
  readonly defaultAction: TierAction;
}

/** Tier of policies that name none, and of Kubernetes NetworkPolicies. */
export const DEFAULT_TIER = 'default';

/** Order of Kubernetes NetworkPolicies inside the default tier (P9). */
export const NETWORK_POLICY_ORDER = 1000;

/** P2: the tiers of every cluster. Their orders and actions cannot be changed. */
export const BUILT_IN_TIERS: readonly CalicoTier[] = [
  { name: 'kube-admin', order: 1000, defaultAction: 'Pass' },
  { name: DEFAULT_TIER, order: 1_000_000, defaultAction: 'Deny' },
  { name: 'kube-baseline', order: 10_000_000, defaultAction: 'Pass' },
];

/** What Calico takes a policy's tier to be while there is no Tier object: behind all others, and denying (P1). */
export function undefinedTier(name: string): CalicoTier {
  return { name, order: Number.POSITIVE_INFINITY, defaultAction: 'Deny' };
}

/** P4–P6: first match in a tier; what is selected and not matched gets the tier's default action. */
export function tierStage({ name, order = Number.MAX_VALUE }: CalicoTier): Stage {
  return { name, order, combine: 'first-match', defaultBecause: 'tierDefaultAction' };
}

/** P3: policies of one order go by name, then namespace, then kind, compared as one text. */
export function policyTie({ dialect, kind, namespace, name }: PolicyRef): string {
  return `${name}/${namespace}/${dialect === 'kubernetes' ? 'KubernetesNetworkPolicy' : kind}`;
}
