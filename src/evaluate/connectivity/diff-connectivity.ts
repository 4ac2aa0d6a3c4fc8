import { differenceOf, type Intervals } from '../../util/intervals.ts';
import type { Connectivity } from './connectivity.ts';
import { NOTHING, type ServiceSets } from './service-sets.ts';

/** What one pair of ends gains and loses, by number of the ends. */
export interface ConnectivityChange {
  readonly from: number;
  readonly to: number;
  readonly opened: Intervals;
  readonly closed: Intervals;
}

export interface DiffParts {
  /** Both over the same list of ends, and with the same table of sets. */
  readonly old: Connectivity;
  readonly fresh: Connectivity;
  readonly ends: number;
  readonly sets: ServiceSets;
}

/** Every pair for which the two versions surely allow different services, by source and destination. */
export function diffConnectivity({ old, fresh, ends, sets }: DiffParts): ConnectivityChange[] {
  const changes: ConnectivityChange[] = [];
  const known = new Map<number, Pick<ConnectivityChange, 'opened' | 'closed'>>();
  for (let from = 0; from < ends; from++) {
    const [before, after] = [old.outcomesFrom(from), fresh.outcomesFrom(from)];
    for (let to = 0; to < ends; to++) {
      const [a, b] = [before[to] ?? NOTHING, after[to] ?? NOTHING];
      if (a === b) continue;
      const change = known.get(a * 0x4000000 + b) ?? changeOf(sets.get(a).sure, sets.get(b).sure);
      known.set(a * 0x4000000 + b, change);
      if (change.opened.length > 0 || change.closed.length > 0) changes.push({ from, to, ...change });
    }
  }
  return changes;
}

function changeOf(before: Intervals, after: Intervals): Pick<ConnectivityChange, 'opened' | 'closed'> {
  return { opened: differenceOf(after, before), closed: differenceOf(before, after) };
}
