import { bitCount } from '../../util/bitset.ts';
import { dayRange } from './active-time.ts';
import type { LinkFacts } from './link-facts.ts';
import { at, numberAt } from './links.ts';

/** In how many hours of each day links were seen; links of one pattern are counted together, as there are few patterns. */
export interface SightingTable {
  readonly links: number;
  /** Days with traffic, since the epoch, ascending. */
  readonly days: readonly number[];
  /** Distinct hours with traffic, and the sum over links of theirs. */
  readonly hoursByDay: readonly number[];
  readonly linkHoursByDay: readonly number[];
  /** Hours by day, none above `MANY`, of links that are not busy on every day. */
  readonly patterns: readonly { readonly hours: readonly number[]; readonly links: number }[];
}

/** From so many hours on, it makes no difference for rarity how many there were. */
const MANY = 3;

/** Tabulates what passed on some links: once for each distinct activity, as many links share theirs. */
export function tabulateSightings({ activity, activities }: LinkFacts, links: Int32Array): SightingTable {
  const weights = new Int32Array(activities.length);
  for (const link of links) weights[at(activity, link)] = at(weights, at(activity, link)) + 1;
  const [first, last] = dayRange(activities.filter((_, number) => at(weights, number) > 0));
  const size = Math.max(0, last - first + 1);
  const [masks, all] = [new Int32Array(size), new Int32Array(size)];
  const linkHours = new Float64Array(size);
  const patterns = new Map<string, { hours: number[]; links: number }>();
  activities.forEach((days, number) => {
    const weight = at(weights, number);
    if (weight === 0) return;
    masks.fill(0);
    for (const { day, hours } of days) masks[day - first] = hours;
    let isBusy = true;
    for (let i = 0; i < size; i += 1) {
      const hours = bitCount(at(masks, i));
      all[i] = at(all, i) | at(masks, i);
      linkHours[i] = numberAt(linkHours, i) + hours * weight;
      isBusy &&= hours >= MANY;
    }
    if (!isBusy) addPattern(patterns, masks, weight);
  });
  const used = [...all.keys()].filter((i) => all[i] !== 0);
  const pick = (column: ArrayLike<number>): number[] => used.map((i) => column[i] ?? 0);
  return {
    links: links.length,
    days: used.map((i) => first + i),
    hoursByDay: pick(all.map(bitCount)),
    linkHoursByDay: pick(linkHours),
    patterns: [...patterns.values()].map(({ hours, links: count }) => ({ hours: pick(hours), links: count })),
  };
}

function addPattern(
  patterns: Map<string, { hours: number[]; links: number }>,
  masks: Int32Array,
  weight: number,
): void {
  const hours = Array.from(masks, (mask) => Math.min(bitCount(mask), MANY));
  const key = hours.join('');
  const known = patterns.get(key);
  if (known) known.links += weight;
  else patterns.set(key, { hours, links: weight });
}
