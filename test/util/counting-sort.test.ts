import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countingSort, positionsOf } from '../../src/util/counting-sort.ts';

const rows = fc.array(fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 9 })), { maxLength: 40 });

test('sorting by one column after the other orders by the last, then by the one before, then as given', () => {
  fc.assert(
    fc.property(rows, (pairs) => {
      const major = Int32Array.from(pairs, ([a]) => a);
      const minor = Uint8Array.from(pairs, ([, b]) => b);
      const byMinor = countingSort(positionsOf(pairs.length), minor, 10);
      const sorted = [...countingSort(byMinor, major, 4)];
      const column = (list: ArrayLike<number>, i: number): number => list[i] ?? 0;
      const expected = [...pairs.keys()].sort(
        (a, b) => column(major, a) - column(major, b) || column(minor, a) - column(minor, b) || a - b,
      );
      expect(sorted).toEqual(expected);
    }),
  );
});
