import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf, intersectionOf, intervalsOf, pairs, sameIntervals, unionOf } from '../../src/util/intervals.ts';

const ranges = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: -1, max: 8 })), { maxLength: 6 });
const intervals = ranges.map((list) => intervalsOf(list.map(([from, size]) => [from, from + size])));

const members = (set: readonly number[]): number[] =>
  [...pairs(set)].flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => from + index));

test('operations agree with those on plain sets, and equal sets are equal lists', () => {
  fc.assert(
    fc.property(intervals, intervals, (a, b) => {
      const [left, right] = [new Set(members(a)), new Set(members(b))];
      const all = Array.from({ length: 40 }, (_, number) => number);
      expect(members(unionOf(a, b))).toEqual(all.filter((one) => left.has(one) || right.has(one)));
      expect(members(intersectionOf(a, b))).toEqual(all.filter((one) => left.has(one) && right.has(one)));
      expect(members(differenceOf(a, b))).toEqual(all.filter((one) => left.has(one) && !right.has(one)));
      expect(sameIntervals(unionOf(a, b), unionOf(b, a))).toBe(true);
      expect(unionOf(differenceOf(a, b), intersectionOf(a, b))).toEqual(a);
    }),
  );
});
