import type { ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import type { ConnectivityChange } from '../../evaluate/connectivity/diff-connectivity.ts';
import type { PortSpace } from '../../evaluate/connectivity/ports.ts';
import type { Decision } from '../../model/verdict.ts';
import type { ClassifiedEdge } from '../check/classify.ts';

/** What a change of policies does. */
export interface PolicyDiff {
  readonly ends: readonly ConnectivityEnd[];
  readonly space: PortSpace;
  readonly changes: readonly ConnectivityChange[];
  /** By number of the end: workloads that only one version has. */
  readonly added: ReadonlySet<number>;
  readonly removed: ReadonlySet<number>;
  /** Absent when no store was asked. */
  readonly observed?: readonly ObservedChange[];
}

/** An observed edge on which the two versions disagree. */
export interface ObservedChange {
  readonly before: Decision;
  /** Judged by the new version. */
  readonly entry: ClassifiedEdge;
}

/** Observed traffic that passed, that the old version did not deny and the new one does. */
export function breaks({ before, entry }: ObservedChange): boolean {
  return entry.class === 'escaped' && before !== 'deny';
}

/** Entries that the old and the new version judge differently, what breaks first, else in the order of the new. */
export function observedChanges(old: readonly ClassifiedEdge[], fresh: readonly ClassifiedEdge[]): ObservedChange[] {
  const before = new Map(old.map(({ observation, verdict }) => [observation, verdict.decision]));
  const changes = fresh.flatMap((entry) => {
    const decision = before.get(entry.observation);
    return decision === undefined || decision === entry.verdict.decision ? [] : [{ before: decision, entry }];
  });
  return [...changes.filter(breaks), ...changes.filter((change) => !breaks(change))];
}

/** Pairs that gain and pairs that lose something. */
export function countChanges({ changes }: PolicyDiff): { readonly opened: number; readonly closed: number } {
  return {
    opened: changes.filter(({ opened }) => opened.length > 0).length,
    closed: changes.filter(({ closed }) => closed.length > 0).length,
  };
}

/** Whether the pair changes because one of its workloads is new or gone. */
export function workloadChange(
  { added, removed }: PolicyDiff,
  { from, to }: ConnectivityChange,
): 'added' | 'removed' | undefined {
  if (added.has(from) || added.has(to)) return 'added';
  return removed.has(from) || removed.has(to) ? 'removed' : undefined;
}
