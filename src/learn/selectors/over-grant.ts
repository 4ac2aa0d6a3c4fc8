import type { Party } from '../parties/parties.ts';

/** How sure it has to be that a bound holds: the chance to see what was seen if it did not. */
const DOUBT = 0.05;
/** Groups of fewer members than this say nothing by themselves. */
const SMALLEST_GROUP = 10;

/**
 * Whether at most `bound` of a population really stands apart, when `strangers` of `members` were not seen taking part:
 * the lower Clopper–Pearson limit of the share that takes part is at least 1 − bound, at 95 %. With nobody missing this
 * takes 59 members for 0.05, and 14 for 0.2. (Clopper and Pearson, "The use of confidence or fiducial limits", 1934.)
 */
export function boundHolds(members: number, strangers: number, bound: number): boolean {
  if (strangers > members * bound) return false;
  let term = (1 - bound) ** members;
  let tail = 0;
  for (let missing = 0; missing <= strangers; missing += 1) {
    tail += term;
    term *= ((members - missing) / (missing + 1)) * (bound / (1 - bound));
  }
  return tail <= DOUBT;
}

/**
 * Whether no group hides behind a good average: among all who carry one label value, not more than twice the bound may
 * stand apart. (The reliability of Cotrini et al., "Mining ABAC Rules from Sparse Logs", 2018.)
 */
export function holdsInGroups(parties: readonly Party[], takesPart: (party: Party) => boolean, bound: number): boolean {
  const groups = new Map<string, { members: number; strangers: number }>();
  for (const party of parties)
    for (const label of new Set(party.labels.flatMap((set) => [...set].map((pair) => pair.join('='))))) {
      const group = groups.get(label) ?? { members: 0, strangers: 0 };
      group.members += 1;
      if (!takesPart(party)) group.strangers += 1;
      groups.set(label, group);
    }
  return [...groups.values()].every(
    ({ members, strangers }) => members < SMALLEST_GROUP || strangers <= 2 * bound * members,
  );
}
