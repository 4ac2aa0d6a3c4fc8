import type { DayActivity } from '../../model/edge.ts';

const HOURS = 'arraySort(groupUniqArray(toUInt32(intDiv(toUnixTimestamp(hour), 3600)))) AS active_hours';

/**
 * Sorted hours since the epoch, distinct, as a text: where stretches of hours begin, and where they end. Equal activities
 * are then found by one look-up, and what is busy around the clock is told in a few letters.
 */
export const ACTIVITY_SQL = `concat(
    ${numbers(`arrayFilter((h, step) -> step != 1, (${HOURS}), arrayDifference(active_hours))`)}, '|',
    ${numbers('arrayFilter((h, step) -> step != 1, active_hours, arrayPushBack(arrayPopFront(arrayDifference(active_hours)), 0))')})`;

function numbers(array: string): string {
  return `arrayStringConcat(arrayMap(x -> toString(x), ${array}), ' ')`;
}

/** Active days of one result: equal lists are the same object, as most edges are active whenever many others are. */
export class ActivityLists {
  readonly #byHours = new Map<string, readonly DayActivity[]>();
  readonly #byDays = new Map<string, readonly DayActivity[]>();

  /** The days of a text that `ACTIVITY_SQL` made. */
  read(text: string): readonly DayActivity[] {
    let known = this.#byHours.get(text);
    if (known === undefined) {
      known = this.#intern(daysOf(text));
      this.#byHours.set(text, known);
    }
    return known;
  }

  /** The hours of all lists together. */
  union(lists: readonly (readonly DayActivity[])[]): readonly DayActivity[] {
    const [first = []] = lists;
    if (lists.every((list) => list === first)) return first;
    const days = new Map<number, number>();
    for (const list of lists) for (const { day, hours } of list) days.set(day, (days.get(day) ?? 0) | hours);
    return this.#intern(days);
  }

  #intern(days: ReadonlyMap<number, number>): readonly DayActivity[] {
    const sorted = [...days].sort(([a], [b]) => a - b);
    const key = sorted.join();
    const known = this.#byDays.get(key) ?? sorted.map(([day, hours]) => ({ day, hours }));
    this.#byDays.set(key, known);
    return known;
  }
}

function daysOf(text: string): Map<number, number> {
  const [starts = [], ends = []] = text.split('|').map((part) => part.split(' ').map(Number));
  const days = new Map<number, number>();
  starts.forEach((start, i) => {
    for (let hour = start; hour <= (ends[i] ?? start); hour += 1) {
      const day = Math.floor(hour / 24);
      days.set(day, (days.get(day) ?? 0) | (1 << (hour % 24)));
    }
  });
  return days;
}
