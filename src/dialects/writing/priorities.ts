import type { Turn } from './turns.ts';

/** Something to be written at some priority, in the order in which it has to be looked at. */
export interface Ranked {
  readonly turn: Turn;
}

export interface Limits {
  readonly least: number;
  readonly most: number;
  /** Only whole numbers. */
  readonly whole: boolean;
  /** What is added to orders that are taken over. */
  readonly shift: number;
}

/** Room for what people put between. */
const STEP = 10;

/**
 * Priorities for the documents of one tier. They keep their policies' orders where these fit and tell apart what does
 * different things; otherwise they are numbered anew. Absent when there are more than the tier has priorities.
 */
export function prioritiesOf(documents: readonly Ranked[], limits: Limits): readonly number[] | undefined {
  const { least, most } = limits;
  const kept = documents.map(({ turn }) => turn.policy.order + limits.shift);
  const ranks = ranksOf(documents);
  const keep = (_: Ranked, at: number): boolean => fits(kept[at] as number, limits) && keeps({ documents, ranks }, at);
  if (documents.every(keep)) return kept;
  const count = (ranks.at(-1) ?? 0) + 1;
  const step = Math.min(STEP, Math.floor((most - least) / count));
  return step < 1 ? undefined : ranks.map((rank) => least + (rank + 1) * step);
}

interface Sequence {
  readonly documents: readonly Ranked[];
  readonly ranks: readonly number[];
}

/**
 * The only document of a policy that stands where its order says. Dialects with priorities leave open which of two equal
 * ones comes first, so it must not matter.
 */
function keeps({ documents, ranks }: Sequence, at: number): boolean {
  const [one, before] = [documents[at] as Ranked, documents[at - 1]];
  if (one.turn.part !== 'rules' || before?.turn === one.turn) return false;
  return before?.turn.policy.order !== one.turn.policy.order || ranks[at - 1] === ranks[at];
}

function fits(order: number, { least, most, whole }: Limits): boolean {
  return order >= least && order <= most && (!whole || Number.isInteger(order));
}

/** Neighbours whose rules all do the same may come in any order, so they share a rank. */
function ranksOf(documents: readonly Ranked[]): number[] {
  let rank = 0;
  let actions = new Set<string>();
  return documents.map(({ turn }) => {
    const own = actionsOf(turn);
    if (own.length > 0 && actions.size > 0 && new Set([...actions, ...own]).size > 1) {
      rank++;
      actions = new Set();
    }
    for (const action of own) actions.add(action);
    return rank;
  });
}

function actionsOf({ ingress = [], egress = [] }: Turn): string[] {
  return [...ingress, ...egress].map(({ action }) => action);
}
