import type { Batch } from '../../src/model/batch.ts';
import { batchToken, type OffsetRange, openIntent } from '../kafka/ledger.ts';
import type { Claim, SourceMessage } from '../kafka/source.ts';
import { type CutReason, closedRange, type OpenRange, openRange } from './batcher.ts';
import type { IngestCounts } from './builder-counts.ts';

/** What some messages gave. */
export interface Decoded {
  /** Rows and rejects together. */
  readonly rows: number;
  /** Bytes that these occupy until they are written, about. */
  readonly held: number;
  /** Offsets of messages that gave a reject. */
  readonly rejected: readonly number[];
}

export interface BuiltRange {
  readonly batch: Batch;
  readonly counts: IngestCounts;
}

/** What turns the messages of one range into one batch, here or in a thread. Deterministic. */
export interface RangeBuilder {
  /** Takes messages, in order; `done` is called at once or later, and always before the range is built. */
  add(messages: readonly SourceMessage[], done: (decoded: Decoded) => void): void;
  /** Empties the builder. Rejects when the thread has failed. */
  build(token: string): Promise<BuiltRange>;
  /** Gives up what was added since; nothing is called after it but what `build` has promised. */
  close(): void;
}

/** A closed range on its way to the store. */
export interface ClosedBatch {
  readonly range: OffsetRange;
  readonly token: string;
  readonly built: Promise<BuiltRange>;
  /** Messages of the range that gave a reject. */
  readonly rejected: readonly SourceMessage[];
  /** The counters of the range; `encoded` still moves until it is built. */
  readonly counters: OpenRange;
  readonly reason: CutReason | 'drain' | 'memory';
}

/** One claimed partition: a range that grows, and closed ranges that wait for the store. */
export interface Lane {
  readonly claim: Claim;
  range: OpenRange;
  readonly builder: RangeBuilder;
  /** Messages of the open range that gave a reject, kept only where dead letters are wanted. */
  rejected: SourceMessage[];
  readonly closed: ClosedBatch[];
  writing: boolean;
  paused: boolean;
  /** Position after the last message, also past offsets that hold none. */
  next: number;
  /** High watermark last seen. */
  end: number;
}

/** A lane that starts where the group stands, with the range to rebuild when one was announced. */
export function openLane(claim: Claim, builder: RangeBuilder): Lane {
  const { committed } = claim;
  return {
    claim,
    range: openRange(committed.offset, openIntent(committed)),
    builder,
    rejected: [],
    closed: [],
    writing: false,
    paused: false,
    next: committed.offset,
    end: committed.offset,
  };
}

/** Closes the open range of `lane` and opens the next one. */
export function cutLane(lane: Lane, reason: ClosedBatch['reason']): ClosedBatch {
  const { claim, range: counters, rejected } = lane;
  const range = closedRange(counters);
  const token = batchToken(claim.topic, claim.partition, range);
  const built = lane.builder.build(token);
  // The error is thrown where the batch is awaited; without this it would also count as unhandled.
  built.catch(() => {});
  lane.range = openRange(range.last + 1);
  lane.rejected = [];
  const closed = { range, token, built, rejected, counters, reason };
  lane.closed.push(closed);
  return closed;
}

/** Bytes that a lane holds: messages that are not decoded yet, and rows. */
export function heldBytes({ range, closed }: Lane): number {
  const all = [range, ...closed.map(({ counters }) => counters)];
  return all.reduce((sum, { undecoded, encoded }) => sum + undecoded + encoded, 0);
}

/** Messages that wait in the partition and were not delivered yet. */
export function waitingMessages({ next, end }: Lane): number {
  return Math.max(0, end - next);
}
