import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type BatchLimits,
  closedRange,
  cutReason,
  extendRange,
  isBeyond,
  openRange,
  settleRange,
} from '../../ingest/batch/batcher.ts';
import { batchToken, type CommittedOffset, doneCommit, intentCommit, openIntent } from '../../ingest/kafka/ledger.ts';

test('an announced range is read back as it was', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(1_000_000), fc.integer({ min: -1, max: 2 ** 45 }), (first, length, stamp) => {
      const range = { first, last: first + length, stamp };
      expect(openIntent(intentCommit(range))).toEqual(range);
      expect(openIntent(doneCommit(range))).toBeUndefined();
    }),
  );
});

test('metadata that is not ours, or that ends before it begins, announces nothing', () => {
  for (const metadata of [
    '',
    'other tool',
    'microwall last= stamp=1',
    'microwall last=4 stamp=1',
    'microwall last=9x stamp=1',
  ])
    expect(openIntent({ offset: 5, metadata })).toBeUndefined();
});

test('the token names topic, partition, offsets and the stamp of the first message', () => {
  expect(batchToken('flows', 3, { first: 10, last: 19, stamp: 1700 })).toBe('flows:3:10-19@1700');
});

interface Message {
  readonly offset: number;
  readonly rows: number;
}

/** A log of messages with holes, as compaction and transactions leave them. */
const log = fc.array(fc.record({ gap: fc.nat(3), rows: fc.nat(4) }), { minLength: 1, maxLength: 60 }).map((steps) => {
  let offset = -1;
  return steps.map(({ gap, rows }): Message => {
    offset += 1 + gap;
    return { offset, rows };
  });
});

/** One life of a consumer: its limits, and the step (announce, insert, confirm …) at which it dies. */
const life = fc.record({ rows: fc.integer({ min: 1, max: 12 }), dies: fc.nat(30) });

test('whatever the cuts and wherever it is killed, every message is stored exactly once', () => {
  fc.assert(
    fc.property(log, fc.array(life, { maxLength: 12 }), (messages, lives) => {
      const store = new Map<string, readonly Message[]>();
      let committed: CommittedOffset = { offset: 0, metadata: '' };
      for (const { rows, dies } of [...lives, { rows: 3, dies: Number.POSITIVE_INFINITY }]) {
        committed = live({ messages, store, committed, limits: { rows, bytes: 1e9, age: 1e9 }, dies });
      }
      const stored = [...store.values()].flat().map(({ offset }) => offset);
      expect(stored).toEqual(messages.map(({ offset }) => offset));
    }),
    { numRuns: 500 },
  );
});

interface Life {
  readonly messages: readonly Message[];
  readonly store: Map<string, readonly Message[]>;
  readonly committed: CommittedOffset;
  readonly limits: BatchLimits;
  readonly dies: number;
}

/** Runs one consumer over the log with a store that drops repeated tokens; gives what the group has committed then. */
function live({ messages, store, committed: start, limits, dies }: Life): CommittedOffset {
  let committed = start;
  let steps = 0;
  const alive = () => steps++ < dies;
  let range = openRange(start.offset, openIntent(start));
  let held: Message[] = [];
  const write = (): boolean => {
    const closed = closedRange(range);
    if (!alive()) return false;
    committed = intentCommit(closed);
    if (!alive()) return false;
    const token = batchToken('t', 0, closed);
    if (!store.has(token)) store.set(token, held);
    if (!alive()) return false;
    committed = doneCommit(closed);
    range = openRange(closed.last + 1);
    held = [];
    return true;
  };
  for (const message of messages.filter(({ offset }) => offset >= start.offset)) {
    if (isBeyond(range, message.offset) && !write()) return committed;
    held.push(message);
    extendRange(range, { offset: message.offset, stamp: message.offset, bytes: 1 }, 0);
    settleRange(range, { messages: 1, bytes: 1, rows: message.rows, held: 0 });
    if (cutReason(range, limits, 0) && !write()) return committed;
  }
  if (held.length > 0) write();
  return committed;
}
