import type { Attribution, FlowVerdict, Reason } from '../../src/model/enums.ts';
import { type PolicyRefKind, policyRef } from './policy-ref.ts';

/** One step of the walk through tiers that Calico reports with a flow, in either of its spellings. */
export interface PolicyHit {
  /** Order of the walk; lists arrive unsorted. */
  readonly index: number;
  /** Reference of the policy; `''` for a profile, which means that no policy selected the endpoint. */
  readonly ref: string;
  readonly action: string;
  /** Number of the rule; -1 = default action at the end of the tier, -2 = not known. */
  readonly rule: number;
}

/** Everything of a flow that its policy trace decides. */
export interface TraceOutcome {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly attribution: Attribution;
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  readonly pending: readonly string[];
}

export interface CalicoPolicy {
  readonly kind: PolicyRefKind;
  readonly namespace: string;
  readonly tier: string;
  /** Possibly still with the tier before it, as older releases demanded. */
  readonly name: string;
  readonly rule: number;
}

/** Namespaced: `np:shop/tier.name#0`, the default tier unwritten; global: `gnp:tier/name#0`. */
export function calicoRef({ kind, namespace, tier, name, rule }: CalicoPolicy): string {
  const bare = name.startsWith(`${tier}.`) ? name.slice(tier.length + 1) : name;
  const tiered = kind === 'np' || kind === 'snp';
  const global = kind === 'gnp' || kind === 'sgnp';
  return policyRef({
    kind,
    scope: global ? tier : namespace,
    name: tiered && tier !== '' && tier !== 'default' && bare !== name ? name : bare,
    rule: rule === -2 ? '' : String(rule),
  });
}

function ordered(hits: readonly PolicyHit[]): readonly PolicyHit[] {
  for (let i = 1; i < hits.length; i++)
    if ((hits[i - 1] as PolicyHit).index > (hits[i] as PolicyHit).index)
      return [...hits].sort((a, b) => a.index - b.index);
  return hits;
}

const same = (a: readonly PolicyHit[], b: readonly PolicyHit[]): boolean =>
  a.length === b.length && a.every((hit, i) => hit === b[i] || (hit.ref === b[i]?.ref && hit.action === b[i]?.action));

/**
 * Verdict, reason and references from the record's action and its traces. An allow is credited to the whole chain, a
 * deny only to its last step. `pending` names each step `ref=action` of the walk with staged policies in force, and
 * stays empty when that walk is the enforced one.
 */
export function traceOutcome(
  action: string,
  enforcedHits: readonly PolicyHit[],
  pendingHits: readonly PolicyHit[],
): TraceOutcome {
  const enforced = ordered(enforcedHits);
  const staged = ordered(pendingHits);
  const last = enforced.at(-1);
  const isDenied = action === 'deny';
  return {
    verdict: isDenied || action === 'allow' ? action : 'unknown',
    reason: reasonOf(action, last, staged),
    attribution: enforced.length > 0 ? 'full' : 'none',
    allowedBy: action === 'allow' ? refsOf(enforced) : NO_TEXTS,
    deniedBy: isDenied && last !== undefined && last.ref !== '' ? [last.ref] : NO_TEXTS,
    pending: same(enforced, staged) ? NO_TEXTS : stepsOf(staged),
  };
}

const NO_TEXTS: readonly string[] = Object.freeze([]);

function reasonOf(action: string, last: PolicyHit | undefined, staged: readonly PolicyHit[]): Reason {
  if (action === 'deny') return last?.rule === -1 ? 'default_deny' : 'explicit_deny';
  return action === 'allow' && staged.some((hit) => hit.action === 'deny') ? 'would_deny' : 'none';
}

function refsOf(hits: readonly PolicyHit[]): string[] {
  const refs: string[] = [];
  for (const { ref } of hits) if (ref !== '') refs.push(ref);
  return refs;
}

function stepsOf(hits: readonly PolicyHit[]): string[] {
  const steps: string[] = [];
  for (const { ref, action } of hits) if (ref !== '') steps.push(`${ref}=${action}`);
  return steps;
}
