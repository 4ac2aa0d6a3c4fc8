import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BACKLOG_PATIENCE,
  closedRange,
  cutReason,
  extendRange,
  isBeyond,
  isCuttable,
  openRange,
  settleRange,
} from '../../ingest/batch/batcher.ts';

const LIMITS = { rows: 10, bytes: 1_000, age: 5_000 };
const message = (offset: number, bytes = 10) => ({ offset, stamp: 1_700 + offset, bytes });

describe('an open range', () => {
  test('is never cut while it is empty, however old', () => {
    expect(cutReason(openRange(7), LIMITS, 1e12)).toBeUndefined();
    expect(isCuttable(openRange(7))).toBe(false);
  });

  test('is cut by rows, by bytes, and by the age of its first message', () => {
    const rows = openRange(0);
    extendRange(rows, message(0), 100);
    expect(cutReason(rows, LIMITS, 100)).toBeUndefined();
    settleRange(rows, { messages: 1, bytes: 10, rows: 10, held: 2_560 });
    expect(cutReason(rows, LIMITS, 100)).toBe('rows');
    const bytes = openRange(0);
    extendRange(bytes, message(0, 1_000), 100);
    expect(cutReason(bytes, LIMITS, 100)).toBe('bytes');
    const age = openRange(0);
    extendRange(age, message(0), 100);
    extendRange(age, message(1), 5_000);
    expect(cutReason(age, LIMITS, 5_099)).toBeUndefined();
    expect(cutReason(age, LIMITS, 5_100)).toBe('age');
  });

  test('may grow older while a quarter of what it holds still waits', () => {
    const range = openRange(0);
    for (let offset = 0; offset < 8; offset++) extendRange(range, message(offset), 0);
    expect(cutReason(range, LIMITS, LIMITS.age, 1)).toBe('age');
    expect(cutReason(range, LIMITS, LIMITS.age, 2)).toBeUndefined();
    expect(cutReason(range, LIMITS, BACKLOG_PATIENCE * LIMITS.age, 1e6)).toBe('age');
  });

  test('counts a message that is not decoded yet as one row, and holds its bytes', () => {
    const range = openRange(0);
    for (const offset of [0, 1, 2]) extendRange(range, message(offset, 100), 0);
    expect(range).toMatchObject({ rows: 3, undecoded: 300, encoded: 0 });
    settleRange(range, { messages: 2, bytes: 200, rows: 0, held: 7 });
    expect(range).toMatchObject({ rows: 1, undecoded: 100, encoded: 7, bytes: 300 });
  });

  test('starts at the committed position even when the first message comes later', () => {
    const range = openRange(3);
    extendRange(range, message(8), 0);
    expect(closedRange(range)).toEqual({ first: 3, last: 8, stamp: 1_708 });
  });

  test('that is rebuilt ignores every limit and ends where it was announced to end', () => {
    const intent = { first: 0, last: 5, stamp: 42 };
    const range = openRange(0, intent);
    extendRange(range, message(2, 1_000_000), 0);
    expect(cutReason(range, LIMITS, 1e12)).toBeUndefined();
    expect(isCuttable(range)).toBe(false);
    expect(isBeyond(range, 5)).toBe(false);
    expect(isBeyond(range, 6)).toBe(true);
    extendRange(range, message(5), 0);
    expect(cutReason(range, LIMITS, 0)).toBe('rebuilt');
    expect(closedRange(range)).toBe(intent);
  });
});

test('the same messages and clock give the same cuts', () => {
  const steps = fc.array(fc.record({ gap: fc.nat(4), rows: fc.nat(5), bytes: fc.nat(400), wait: fc.nat(3_000) }));
  const cuts = (input: readonly { gap: number; rows: number; bytes: number; wait: number }[]) => {
    let [range, offset, now] = [openRange(0), -1, 0];
    const result = [];
    for (const { gap, rows, bytes, wait } of input) {
      offset += 1 + gap;
      now += wait;
      extendRange(range, message(offset, bytes), now);
      settleRange(range, { messages: 1, bytes, rows, held: 0 });
      if (!cutReason(range, LIMITS, now)) continue;
      result.push(closedRange(range));
      range = openRange(offset + 1);
    }
    return result;
  };
  fc.assert(
    fc.property(steps, (input) => {
      const result = cuts(input);
      expect(cuts(input)).toEqual(result);
      // Ranges touch: nothing lies between two of them.
      result.forEach((range, index) => {
        expect(range.first).toBe(index === 0 ? 0 : (result[index - 1]?.last ?? 0) + 1);
      });
    }),
  );
});
