import type { EvaluationProfile, Policy, PolicyDialect, PolicyRef, PolicySet, Stage } from '../model/policy.ts';
import { compareText } from '../util/compare.ts';
import { ADMIN_NUMBER, CLUSTER_ADMIN_NUMBER } from './antrea/tiers.ts';
import { BUILT_IN_TIERS, DEFAULT_TIER, NETWORK_POLICY_ORDER, policyTie, tierStage } from './calico/tiers.ts';
import { ADMIN_STAGE, BASELINE_STAGE, NETWORK_POLICY_STAGE } from './stages.ts';

export type ProfileName = EvaluationProfile['name'];

interface ProfileDefinition {
  readonly profile: EvaluationProfile;
  /** The shared stages as this product arranges them; dialects add their own tiers between them by `order`. */
  readonly stages: readonly Stage[];
  /** Where policies of a shared stage live instead, when the product has its own tiers for them. */
  readonly homes?: Readonly<Record<string, Home>>;
  /** How policies of equal order are told apart, when it is not by namespace and name. */
  readonly tie?: (ref: PolicyRef) => string;
}

interface Home {
  readonly stage: string;
  readonly order?: number;
  /** The only dialect whose policies live there; absent = all. */
  readonly of?: PolicyDialect;
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

/** N1: the two versions of admin policies stand at different places among Antrea's tiers. */
const ANTREA: readonly Stage[] = [
  ...SHARED.map((stage) => (stage.name === ADMIN_STAGE ? { ...stage, order: CLUSTER_ADMIN_NUMBER } : stage)),
  { name: 'adminnetworkpolicy', order: ADMIN_NUMBER, combine: 'first-match', passTo: NETWORK_POLICY_STAGE },
];

/** The switches and stages of each product (`docs/policy-semantics.md`, "Profiles"). */
export const PROFILES: Readonly<Record<ProfileName, ProfileDefinition>> = {
  kubernetes: { profile: KUBERNETES, stages: SHARED },
  calico: {
    profile: { ...KUBERNETES, name: 'calico', undecidedBecause: 'profile' },
    stages: BUILT_IN_TIERS.map(tierStage),
    homes: {
      [ADMIN_STAGE]: { stage: 'kube-admin' },
      [NETWORK_POLICY_STAGE]: { stage: DEFAULT_TIER, order: NETWORK_POLICY_ORDER },
      [BASELINE_STAGE]: { stage: 'kube-baseline' },
    },
    tie: policyTie,
  },
  cilium: {
    profile: {
      ...KUBERNETES,
      name: 'cilium',
      ipBlockMatchesPods: false,
      ipBlockMatchesNodes: false,
      denyBeatsLocalNode: true,
    },
    stages: SHARED,
  },
  antrea: {
    profile: { ...KUBERNETES, name: 'antrea' },
    stages: ANTREA,
    homes: { [ADMIN_STAGE]: { stage: 'adminnetworkpolicy', of: 'admin' } },
  },
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
  const { profile, stages: shared, homes = {}, tie } = PROFILES[name];
  const byName = new Map([...shared, ...stages].map((stage) => [stage.name, passingHome(stage, homes)]));
  return {
    profile,
    stages: [...byName.values()].sort((a, b) => a.order - b.order || compareText(a.name, b.name)),
    policies: policies.map((policy) => ({
      ...policy,
      ...(policy.ref.dialect !== name && movedHome(policy, homes)),
      ...(tie && { tie: tie(policy.ref) }),
    })),
  };
}

function movedHome({ stage, ref }: Policy, homes: Readonly<Record<string, Home>>): Partial<Policy> {
  const home = homes[stage];
  if (home === undefined || (home.of !== undefined && home.of !== ref.dialect)) return {};
  return { stage: home.stage, ...(home.order !== undefined && { order: home.order }) };
}

/** A pass goes where the policies of its target went. */
function passingHome(stage: Stage, homes: Readonly<Record<string, Home>>): Stage {
  const home = stage.passTo === undefined ? undefined : homes[stage.passTo];
  return home === undefined || home.of !== undefined ? stage : { ...stage, passTo: home.stage };
}
