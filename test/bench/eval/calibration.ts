import type { Edge } from '../../../src/model/edge.ts';
import type { Learned } from '../../../src/model/pair.ts';
import { hoursOf } from './allowed.ts';
import { tupleOfEdge } from './tuples.ts';

/** What the learner said it had not seen yet, beside what then came. Counted in tuple-hours, so runs can be added up. */
export interface Calibration {
  /** Tuple-hours of the second half. */
  readonly hours: number;
  /** Those of tuples that the first half had not shown. */
  readonly unseen: number;
  /** What the learner's missing mass foretold of them. */
  readonly foretold: number;
}

/** Undefined when the learner says nothing of its coverage. */
export function calibrationOf(
  learned: Learned,
  seen: { has(tuple: string): boolean },
  later: readonly Edge[],
): Calibration | undefined {
  const missing = missingMassOf(learned);
  if (missing === undefined) return undefined;
  let hours = 0;
  let unseen = 0;
  for (const edge of later) {
    hours += hoursOf(edge);
    if (!seen.has(tupleOfEdge(edge) ?? '')) unseen += hoursOf(edge);
  }
  return { hours, unseen, foretold: missing * hours };
}

function missingMassOf(learned: Learned): number | undefined {
  const { coverage } = learned as { readonly coverage?: { readonly missingMass?: number } };
  return coverage?.missingMass;
}

/** Foretold by came, over all runs: 1 is perfect. Undefined while nothing unseen came. */
export function calibrationRatio(list: readonly Calibration[]): number | undefined {
  const foretold = list.reduce((sum, one) => sum + one.foretold, 0);
  const unseen = list.reduce((sum, one) => sum + one.unseen, 0);
  return unseen === 0 ? undefined : foretold / unseen;
}
