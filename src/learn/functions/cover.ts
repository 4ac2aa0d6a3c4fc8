import { compareText } from '../../util/compare.ts';
import { MinHeap } from '../../util/min-heap.ts';
import { type Candidate, countPorts, isComplete } from './candidates.ts';
import type { Item } from './items.ts';

/** Price of a pair, and of each of its ports: integers, so that ties are exact. */
const PAIR_COST = 40;
const PORT_COST = 10;

/** What an earlier pair costs of what it would cost as a new one, in quarters. */
const KEPT_SHARE = 3;
const FULL_SHARE = 4;

interface Offer {
  readonly candidate: Candidate;
  readonly items: readonly number[];
  readonly cost: number;
}

/**
 * Chooses candidates that cover every item, the lowest price per newly covered item first (the classic greedy for
 * weighted set cover). What is chosen overlaps nowhere: a candidate is cut down to what is still uncovered, or dropped
 * where the rest would no longer be one function.
 */
export function chooseCover(candidates: readonly Candidate[], items: readonly Item[]): Candidate[] {
  const covered = new Uint8Array(items.length);
  const heap = new MinHeap<Offer>((a, b) => {
    const order = a.cost * b.items.length - b.cost * a.items.length;
    return (order || b.items.length - a.items.length || compareText(a.candidate.key, b.candidate.key)) < 0;
  });
  for (const candidate of candidates) heap.push(offer(candidate, candidate.items, items));
  const chosen: Candidate[] = [];
  for (let best = heap.pop(); best; best = heap.pop()) {
    const left = best.items.filter((position) => covered[position] === 0);
    if (left.length < best.items.length) {
      const rest = left.map((position) => items[position] as Item);
      if (canBeCut(best.candidate, rest)) heap.push(offer(best.candidate, left, items));
      continue;
    }
    for (const position of left) covered[position] = 1;
    chosen.push({ ...best.candidate, items: left });
  }
  return chosen.sort((a, b) => compareText(a.key, b.key));
}

function offer(candidate: Candidate, left: readonly number[], items: readonly Item[]): Offer {
  const ports = countPorts(left.map((position) => items[position] as Item));
  const share = candidate.form === 'kept' ? KEPT_SHARE : FULL_SHARE;
  return { candidate, items: left, cost: (PAIR_COST + PORT_COST * ports) * share };
}

/** What is left of a group of mutual callers is none; other forms only have to stay complete. */
function canBeCut({ form }: Candidate, left: readonly Item[]): boolean {
  return form !== 'mesh' && left.length > 0 && isComplete(left);
}
