import type { Edge, Observation } from '../../model/edge.ts';
import type { Decision, Verdict } from '../../model/verdict.ts';

/**
 * Observed × expected. `permitted` passed and is allowed; `escaped` passed although the policies deny it, so enforcing
 * them would break it; `rejected` was denied and rightly so; `misdropped` was denied although the policies allow it.
 */
export type EdgeClass = 'permitted' | 'escaped' | 'rejected' | 'misdropped' | 'uncertain';

/** What needs a person first comes first. */
export const CLASSES: readonly EdgeClass[] = ['escaped', 'misdropped', 'uncertain', 'rejected', 'permitted'];

/** Outcomes that are evidence about policies. */
export type Outcome = 'passed' | 'denied';

/** One outcome of one edge, judged. */
export interface ClassifiedEdge {
  readonly edge: Edge;
  readonly outcome: Outcome;
  readonly observation: Observation;
  readonly class: EdgeClass;
  readonly verdict: Verdict;
  /** What the two sides do not say, e.g. why it is uncertain; `''` when they say everything. */
  readonly note: string;
}

const CLASS_OF: Readonly<Record<Outcome, Readonly<Record<Decision, EdgeClass>>>> = {
  passed: { allow: 'permitted', deny: 'escaped', uncertain: 'uncertain' },
  denied: { allow: 'misdropped', deny: 'rejected', uncertain: 'uncertain' },
};

/** The class of one outcome of an edge; undefined when the edge had no such outcome. */
export function classify(
  edge: Edge,
  outcome: Outcome,
  { verdict, note }: { readonly verdict: Verdict; readonly note: string },
): ClassifiedEdge | undefined {
  const observation = edge[outcome];
  if (observation === undefined) return undefined;
  const doubt = doubtOf(edge, outcome, verdict);
  const judged = doubt === '' ? CLASS_OF[outcome][verdict.decision] : 'uncertain';
  return { edge, outcome, observation, class: judged, verdict, note: doubt || note };
}

/** Why the observation is no evidence for or against policies that decide on addresses and ports; `''` when it is. */
function doubtOf(edge: Edge, outcome: Outcome, verdict: Verdict): string {
  if (!edge.oriented) return 'who opened it is not known';
  const reasons = edge[outcome]?.reasons ?? [];
  const onlyAbove = reasons.length > 0 && reasons.every((reason) => reason === 'l7_deny' || reason === 'auth');
  if (outcome === 'denied' && onlyAbove && verdict.decision === 'allow') {
    return 'it was denied by its content or its identity, which policies on addresses and ports do not decide';
  }
  return '';
}

/** Entries per class; every class is present. */
export function countClasses(entries: readonly ClassifiedEdge[]): Record<EdgeClass, number> {
  const counts = { permitted: 0, escaped: 0, rejected: 0, misdropped: 0, uncertain: 0 };
  for (const entry of entries) counts[entry.class] += 1;
  return counts;
}
