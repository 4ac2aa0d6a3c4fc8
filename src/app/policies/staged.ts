import { enforceStaged } from '../../evaluate/compile/enforce-staged.ts';
import { type PolicyRef, type PolicySet, policyName } from '../../model/policy.ts';
import type { StagedPolicies } from '../../report/check/result.ts';
import { thousands } from '../../util/thousands.ts';

/** What to make of policies that a product evaluates and does not enforce. */
export type StagedAs = 'ignore' | 'enforce';

/** A policy set as it shall be judged, and what became of the staged ones. */
export interface JudgedStaged {
  readonly policySet: PolicySet;
  /** Absent: none is staged. */
  readonly staged?: StagedPolicies;
  /** Lines for people. */
  readonly stagedNotes: readonly string[];
}

/** Leaves staged policies out, as the cluster does, or puts them into force, as letting them go would. */
export function judgeStaged(set: PolicySet, how: StagedAs = 'ignore'): JudgedStaged {
  const refs = distinct(set.policies.filter(({ staged }) => staged).map(({ ref }) => ref));
  if (refs.length === 0) return { policySet: set, stagedNotes: [] };
  const policies = refs.map(refText);
  const count = `${thousands(refs.length)} staged ${refs.length === 1 ? 'policy' : 'policies'}`;
  if (how === 'ignore') {
    const note = `${count} left out, as in the cluster (--staged enforce judges as if in force): ${listed(policies)}`;
    return { policySet: set, staged: { enforced: false, policies }, stagedNotes: [note] };
  }
  const { policySet, replaced, removed, leftOut } = enforceStaged(set);
  return {
    policySet,
    staged: { enforced: true, policies },
    stagedNotes: [
      `${count} judged as if in force: ${listed(policies)}`,
      ...about(replaced, 'policies give way to the staged ones of their names'),
      ...about(removed, 'policies are taken as removed, as staged ones with stagedAction Delete say'),
      ...about(leftOut, 'staged policies are left out all the same, as their stagedAction says'),
    ],
  };
}

function about(refs: readonly PolicyRef[], what: string): string[] {
  const policies = distinct(refs).map(refText);
  return policies.length === 0 ? [] : [`${what}: ${listed(policies)}`];
}

/** One object can be read as several policies. */
function distinct(refs: readonly PolicyRef[]): PolicyRef[] {
  return [...new Map(refs.map((ref) => [refText(ref), ref])).values()];
}

function refText(ref: PolicyRef): string {
  return `${ref.kind} ${policyName(ref)}`;
}

const NAMED = 3;

function listed(policies: readonly string[]): string {
  const more = policies.length > NAMED ? ` and ${thousands(policies.length - NAMED)} more` : '';
  return `${policies.slice(0, NAMED).join(', ')}${more}`;
}
