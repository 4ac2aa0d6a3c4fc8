import type { Edge } from '../../model/edge.ts';
import { type ClassifiedEdge, countClasses, type EdgeClass } from './classify.ts';

/** Policies that a product evaluates and does not enforce. */
export interface StagedPolicies {
  /** Judged as if they were in force. */
  readonly enforced: boolean;
  /** As `StagedNetworkPolicy shop/cart`. */
  readonly policies: readonly string[];
}

/** What `check` found; formats see only this. */
export interface CheckResult {
  /** Entries per class; an edge that both passed and was denied is two entries. */
  readonly summary: Readonly<Record<EdgeClass, number>>;
  /** Edges with outcomes that say nothing about policies: lost in the data path, or with an unknown verdict. */
  readonly unclear: number;
  /** Everything judged, worst class first. */
  readonly entries: readonly ClassifiedEdge[];
  /** Policies judged as in force; staged ones count only when they are. */
  readonly policies: number;
  /** Absent: none is staged. */
  readonly staged?: StagedPolicies;
  /** Milliseconds since the epoch; absent when the store is empty. */
  readonly window?: { readonly from: number; readonly to: number };
}

/** Counts and entries of judged edges. */
export function checkResult(
  edges: readonly Edge[],
  entries: readonly ClassifiedEdge[],
  about: Pick<CheckResult, 'policies' | 'staged' | 'window'>,
): CheckResult {
  const unclear = edges.filter((edge) => edge.unclear !== undefined).length;
  return { summary: countClasses(entries), unclear, entries, ...about };
}

/** The entries a reader asked for: all, or all but what is permitted. */
export function shownEntries(result: CheckResult, all: boolean): readonly ClassifiedEdge[] {
  return all ? result.entries : result.entries.filter((entry) => entry.class !== 'permitted');
}
