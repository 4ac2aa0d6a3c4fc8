import fc from 'fast-check';
import { expect, test } from 'vitest';
import { transposeInto } from '../../src/evaluate/compile/transpose.ts';

test('bit r of class c is bit c of rule r, whatever the number of classes', () => {
  const columns = fc.array(fc.array(fc.boolean(), { minLength: 70, maxLength: 70 }), { maxLength: 32 });
  fc.assert(
    fc.property(columns, fc.integer({ min: 1, max: 70 }), (bits, classes) => {
      const words = bits.map((column) => {
        const packed = new Uint32Array((classes + 31) >> 5);
        for (let at = 0; at < classes; at++)
          if (column[at]) packed[at >> 5] = (packed[at >> 5] ?? 0) | (1 << (at & 31));
        return packed;
      });
      const rows = new Uint32Array(classes * 2);
      transposeInto(rows, words, { classes, stride: 2, at: 1 });
      for (let at = 0; at < classes; at++) {
        expect(rows[at * 2]).toBe(0);
        for (let rule = 0; rule < 32; rule++) {
          expect((((rows[at * 2 + 1] ?? 0) >>> rule) & 1) === 1).toBe(bits[rule]?.[at] ?? false);
        }
      }
    }),
  );
});
