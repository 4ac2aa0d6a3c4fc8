import type { DayActivity } from '../../model/edge.ts';
import { bitCount } from '../../util/bitset.ts';
import { at } from './links.ts';

/** Counts the distinct days and hours in which any of some links was active. */
export type ActiveTime = (links: readonly number[]) => { readonly days: number; readonly hours: number };

/** Counts by the activity of each link, a position in `activities`: of each only once, as many links share theirs. */
export function activeTimeOf(activity: Int32Array, activities: readonly (readonly DayActivity[])[]): ActiveTime {
  const [first, last] = dayRange(activities);
  const masks = new Int32Array(Math.max(0, last - first + 1));
  const counted = new Int32Array(activities.length);
  let round = 0;
  return (links) => {
    round += 1;
    let [low, high] = [masks.length, -1];
    for (const link of links) {
      const number = at(activity, link);
      if (at(counted, number) === round) continue;
      counted[number] = round;
      for (const { day, hours } of activities[number] ?? []) {
        const place = day - first;
        masks[place] = at(masks, place) | hours;
        if (place < low) low = place;
        if (place > high) high = place;
      }
    }
    return takeOut(masks, low, high);
  };
}

/** Counts what stands from `low` to `high`, and leaves zeros. */
function takeOut(masks: Int32Array, low: number, high: number): { readonly days: number; readonly hours: number } {
  let [days, hours] = [0, 0];
  for (let place = low; place <= high; place += 1) {
    if (at(masks, place) !== 0) days += 1;
    hours += bitCount(at(masks, place));
    masks[place] = 0;
  }
  return { days, hours };
}

/** The first and the last day on which anything was active. */
export function dayRange(activities: readonly (readonly DayActivity[])[]): [first: number, last: number] {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const days of activities)
    for (const { day } of days) {
      if (day < first) first = day;
      if (day > last) last = day;
    }
  return first > last ? [0, -1] : [first, last];
}
