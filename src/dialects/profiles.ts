import type { EvaluationProfile, Policy, PolicyDialect, PolicySet, Stage } from '../model/policy.ts';
import { compareText } from '../util/compare.ts';

/** Stages that several dialects share; where they stand depends on the profile. */
export const ADMIN_STAGE = 'admin';
export const NETWORK_POLICY_STAGE = 'networkpolicy';
export const BASELINE_STAGE = 'baseline';

export type ProfileName = EvaluationProfile['name'];

interface ProfileDefinition {
  readonly profile: EvaluationProfile;
  /** The shared stages as this product arranges them; dialects add their own tiers between them by `order`. */
  readonly stages: readonly Stage[];
  /** Where NetworkPolicies live when not in a stage of their own: in a tier, at an order. */
  readonly networkPolicies?: { readonly stage: string; readonly order: number };
}

const KUBERNETES: EvaluationProfile = {
  name: 'kubernetes',
  ipBlockMatchesPods: true,
  nodeToLocalPodAlwaysAllowed: true,
  selfTraffic: 'allowed',
};

const SHARED: readonly Stage[] = [
  { name: ADMIN_STAGE, order: 1000, combine: 'first-match', passTo: NETWORK_POLICY_STAGE },
  { name: NETWORK_POLICY_STAGE, order: 1_000_000, combine: 'deny-overrides' },
  { name: BASELINE_STAGE, order: 10_000_000, combine: 'first-match' },
];

/** The switches and stages of each product (`docs/policy-semantics.md`, "Profiles"). */
export const PROFILES: Readonly<Record<ProfileName, ProfileDefinition>> = {
  kubernetes: { profile: KUBERNETES, stages: SHARED },
  calico: { profile: { ...KUBERNETES, name: 'calico', undecidedBecause: 'profile' }, stages: SHARED },
  cilium: {
    profile: { ...KUBERNETES, name: 'cilium', ipBlockMatchesPods: false, denyBeatsLocalNode: true },
    stages: SHARED,
  },
  antrea: { profile: { ...KUBERNETES, name: 'antrea' }, stages: SHARED },
  istio: { profile: { ...KUBERNETES, name: 'istio' }, stages: SHARED },
};

/** Dialects that only one product enforces, the most telling first. */
const TELLING: readonly (PolicyDialect & ProfileName)[] = ['calico', 'cilium', 'antrea', 'istio'];

/** The product that these policies are most likely written for. */
export function guessProfile(policies: readonly Policy[]): ProfileName {
  const present = new Set(policies.map(({ ref }) => ref.dialect));
  return TELLING.find((name) => present.has(name)) ?? 'kubernetes';
}

/** Policies and stages in the order in which the product `name` walks them. */
export function arrange(name: ProfileName, policies: readonly Policy[], stages: readonly Stage[]): PolicySet {
  const { profile, stages: shared, networkPolicies: home } = PROFILES[name];
  const byName = new Map([...shared, ...stages].map((stage) => [stage.name, stage]));
  return {
    profile,
    stages: [...byName.values()].sort((a, b) => a.order - b.order || compareText(a.name, b.name)),
    policies: policies.map((policy) =>
      home !== undefined && policy.ref.dialect === 'kubernetes' ? { ...policy, ...home } : policy,
    ),
  };
}
