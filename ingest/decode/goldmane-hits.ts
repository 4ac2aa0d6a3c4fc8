import { calicoRef, type PolicyHit } from './calico-trace.ts';
import type { JsonObject } from './decoder.ts';
import { number, object, part, present, text } from './fields.ts';
import { enumName } from './goldmane-spelling.ts';
import type { PolicyRefKind } from './policy-ref.ts';

/** Actions of flows and of steps; the index is the number. */
export const GOLDMANE_ACTIONS: readonly string[] = ['ActionUnspecified', 'Allow', 'Deny', 'Pass'];

const POLICY_KINDS = [
  'KindUnspecified',
  'CalicoNetworkPolicy',
  'GlobalNetworkPolicy',
  'StagedNetworkPolicy',
  'StagedGlobalNetworkPolicy',
  'StagedKubernetesNetworkPolicy',
  'NetworkPolicy',
  'AdminNetworkPolicy',
  'BaselineAdminNetworkPolicy',
  'Profile',
  'EndOfTier',
  'ClusterNetworkPolicy',
];
const REF_KINDS: Readonly<Record<string, PolicyRefKind>> = {
  CalicoNetworkPolicy: 'np',
  GlobalNetworkPolicy: 'gnp',
  StagedNetworkPolicy: 'snp',
  StagedGlobalNetworkPolicy: 'sgnp',
  StagedKubernetesNetworkPolicy: 'sknp',
  NetworkPolicy: 'knp',
  AdminNetworkPolicy: 'anp',
  BaselineAdminNetworkPolicy: 'banp',
  ClusterNetworkPolicyAdminTier: 'gcnp',
  ClusterNetworkPolicyBaselineTier: 'gcnp',
  ClusterNetworkPolicy: 'gcnp',
};

function kindName(value: unknown): string {
  const name = enumName(value, POLICY_KINDS);
  return name === '' && Object.hasOwn(REF_KINDS, text(value)) ? text(value) : name;
}

function refOf(hit: JsonObject, rule: number): string {
  const kind = REF_KINDS[kindName(hit.kind)];
  if (kind === undefined) return '';
  const [namespace, tier, name] = [present(hit.namespace), present(hit.tier), text(hit.name)];
  // Global policies are stored with their tier, so `name` without it and with it must come out alike.
  return calicoRef({ kind, namespace, tier, name, rule });
}

/** A step of the walk, with what it adds to the identity of its flow. */
export interface GoldmaneHit extends PolicyHit {
  readonly identity: string;
}

interface Remembered {
  readonly source: JsonObject;
  readonly hit: GoldmaneHit;
}

/** More policies than a cluster has; beyond, the memory starts anew instead of growing. */
const NAME_LIMIT = 10_000;
/** Steps with one policy's name that are kept beside each other: its rules, actions and places in walks. */
const NAMESAKES = 8;

const HITS = new Map<unknown, Remembered[]>();

/**
 * A step of a policy trace. The same few steps stand in millions of records, so they are remembered; one is used again
 * only when every field that it was read from is equal, so the memory never shows in the result.
 */
export function hitOf(value: unknown): GoldmaneHit {
  const source = part(value);
  const namesakes = HITS.get(source.name);
  if (namesakes !== undefined) for (const known of namesakes) if (isSame(known.source, source)) return known.hit;
  const hit = readHit(source);
  if (typeof source.name !== 'string' || object(source.trigger) !== undefined) return hit;
  if (HITS.size >= NAME_LIMIT) HITS.clear();
  HITS.set(source.name, [{ source, hit }, ...(namesakes ?? []).slice(0, NAMESAKES - 1)]);
  return hit;
}

function isSame(a: JsonObject, b: JsonObject): boolean {
  return (
    a.kind === b.kind &&
    a.namespace === b.namespace &&
    a.tier === b.tier &&
    a.action === b.action &&
    a.rule_index === b.rule_index &&
    a.ruleIndex === b.ruleIndex &&
    a.policy_index === b.policy_index &&
    a.policyIndex === b.policyIndex &&
    a.trigger === b.trigger
  );
}

/** An end of a tier names in `trigger` the policy that selected the endpoint: it is the one that denied. */
function readHit(hit: JsonObject): GoldmaneHit {
  const endOfTier = kindName(hit.kind) === 'EndOfTier';
  const rule = endOfTier ? -1 : (number(hit.rule_index ?? hit.ruleIndex) ?? 0);
  const index = number(hit.policy_index ?? hit.policyIndex) ?? 0;
  const ref = refOf(endOfTier ? part(hit.trigger) : hit, rule);
  const action = enumName(hit.action, GOLDMANE_ACTIONS).toLowerCase();
  return { index, ref, action, rule, identity: `${index} ${ref} ${action}` };
}
