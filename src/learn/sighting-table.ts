import type { Edge } from '../model/edge.ts';
import { bitCount } from './bitset.ts';
import { at, type Links } from './links.ts';

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

/** Tabulates what passed on some links. */
export function tabulateSightings(links: Links, chosen: readonly number[]): SightingTable {
  const [first, last] = dayRange(links, chosen);
  const size = Math.max(0, last - first + 1);
  const [masks, all] = [new Uint32Array(size), new Uint32Array(size)];
  const linkHours = new Float64Array(size);
  const patterns = new Map<string, { hours: number[]; links: number }>();
  for (const link of chosen) {
    masks.fill(0);
    for (const { day, hours } of activityOf(links, link)) masks[day - first] = at(masks, day - first) | hours;
    let isBusy = true;
    for (let i = 0; i < size; i += 1) {
      const hours = bitCount(at(masks, i));
      all[i] = at(all, i) | at(masks, i);
      linkHours[i] = at(linkHours, i) + hours;
      isBusy &&= hours >= MANY;
    }
    if (!isBusy) addPattern(patterns, masks);
  }
  const used = [...all.keys()].filter((i) => all[i] !== 0);
  const pick = (column: ArrayLike<number>): number[] => used.map((i) => column[i] ?? 0);
  return {
    links: chosen.length,
    days: used.map((i) => first + i),
    hoursByDay: pick(all.map(bitCount)),
    linkHoursByDay: pick(linkHours),
    patterns: [...patterns.values()].map(({ hours, links: count }) => ({ hours: pick(hours), links: count })),
  };
}

function addPattern(patterns: Map<string, { hours: number[]; links: number }>, masks: Uint32Array): void {
  const hours = Array.from(masks, (mask) => Math.min(bitCount(mask), MANY));
  const key = hours.join('');
  const known = patterns.get(key);
  if (known) known.links += 1;
  else patterns.set(key, { hours, links: 1 });
}

function dayRange(links: Links, chosen: readonly number[]): [first: number, last: number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const link of chosen)
    for (const { day } of activityOf(links, link)) {
      if (day < first) first = day;
      if (day > last) last = day;
    }
  return first > last ? [0, -1] : [first, last];
}

/** The active days of what passed on a link; a day can come several times. */
function activityOf(links: Links, link: number): NonNullable<Edge['passed']>['activity'] {
  const start = at(links.starts, link);
  const only = links.edges[at(links.members, start)] as Edge;
  if (at(links.starts, link + 1) - start === 1) return only.oriented ? (only.passed?.activity ?? []) : [];
  const found: NonNullable<Edge['passed']>['activity'][number][] = [];
  for (let m = start; m < at(links.starts, link + 1); m += 1) {
    const { passed, oriented } = links.edges[at(links.members, m)] as Edge;
    if (passed && oriented) found.push(...passed.activity);
  }
  return found;
}
