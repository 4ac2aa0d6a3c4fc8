/**
 * A set of whole numbers as inclusive ranges, flat (`from, to, from, to …`), sorted, with a gap between any two ranges.
 * Equal sets are therefore equal lists.
 */
export type Intervals = readonly number[];

export const NO_INTERVALS: Intervals = Object.freeze([]);

/** The set of these ranges, in any order; a range whose end lies before its start is empty. */
export function intervalsOf(ranges: Iterable<readonly [from: number, to: number]>): Intervals {
  const sorted = [...ranges].filter(([from, to]) => from <= to).sort(([a], [b]) => a - b);
  const result: number[] = [];
  for (const [from, to] of sorted) {
    const last = result.length - 1;
    if (last > 0 && from <= (result[last] as number) + 1) result[last] = Math.max(result[last] as number, to);
    else result.push(from, to);
  }
  return result;
}

export function unionOf(a: Intervals, b: Intervals): Intervals {
  if (a.length === 0) return b;
  if (b.length === 0 || a === b) return a;
  return intervalsOf([...pairs(a), ...pairs(b)]);
}

export function intersectionOf(a: Intervals, b: Intervals): Intervals {
  if (a === b) return a;
  const result: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [endA, endB] = [a[i + 1] as number, b[j + 1] as number];
    const from = Math.max(a[i] as number, b[j] as number);
    const to = Math.min(endA, endB);
    if (from <= to) result.push(from, to);
    if (endA < endB) i += 2;
    else j += 2;
  }
  return result;
}

/** What is in `a` and not in `b`. */
export function differenceOf(a: Intervals, b: Intervals): Intervals {
  if (a.length === 0 || b.length === 0) return a;
  const result: number[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i += 2) {
    let from = a[i] as number;
    const to = a[i + 1] as number;
    while (j < b.length && (b[j + 1] as number) < from) j += 2;
    for (let k = j; k < b.length && (b[k] as number) <= to && from <= to; k += 2) {
      if ((b[k] as number) > from) result.push(from, (b[k] as number) - 1);
      from = Math.max(from, (b[k + 1] as number) + 1);
    }
    if (from <= to) result.push(from, to);
  }
  return result;
}

export function sameIntervals(a: Intervals, b: Intervals): boolean {
  return a === b || (a.length === b.length && a.every((value, index) => value === b[index]));
}

export function* pairs(intervals: Intervals): Generator<readonly [from: number, to: number]> {
  for (let at = 0; at < intervals.length; at += 2) yield [intervals[at] as number, intervals[at + 1] as number];
}
