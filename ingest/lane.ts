import type { Batch } from '../src/model/batch.ts';
import { type CutReason, closedRange, type OpenRange, openRange } from './batcher.ts';
import type { IngestCounts } from './builder-counts.ts';
import { type DeadLetter, deadLetters } from './dead-letter.ts';
import { batchToken, type OffsetRange, openIntent } from './ledger.ts';
import type { Claim, SourceMessage } from './source.ts';

/** What turns the messages of one range into one batch; see `message-builder.ts`. Deterministic. */
export interface RangeBuilder {
  /** What `message` gave: rows and rejects together, and how many of them are rejects. */
  add(message: SourceMessage): { readonly rows: number; readonly rejects: number };
  /** Empties the builder. */
  build(token: string): { readonly batch: Batch; readonly counts: IngestCounts };
}

/** A closed range on its way to the store. */
export interface ClosedBatch {
  readonly range: OffsetRange;
  readonly batch: Batch;
  readonly counts: IngestCounts;
  /** Messages of the range that gave a reject. */
  readonly letters: readonly DeadLetter[];
  readonly rows: number;
  readonly bytes: number;
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
    end: committed.offset,
  };
}

/** Closes the open range of `lane` and opens the next one. */
export function cutLane(lane: Lane, reason: ClosedBatch['reason']): ClosedBatch {
  const { claim, range, rejected } = lane;
  const closed = closedRange(range);
  const { batch, counts } = lane.builder.build(batchToken(claim.topic, claim.partition, closed));
  const { rows, bytes } = range;
  const letters = deadLetters(rejected, batch.rejects);
  lane.range = openRange(closed.last + 1);
  lane.rejected = [];
  const result = { range: closed, batch, counts, letters, rows, bytes, reason };
  lane.closed.push(result);
  return result;
}
