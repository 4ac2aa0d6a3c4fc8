import type { Batch } from '../src/model/batch.ts';
import { type CutReason, closedRange, type OpenRange, openRange } from './batcher.ts';
import type { DeadLetter } from './dead-letter.ts';
import { batchToken, type OffsetRange, openIntent } from './ledger.ts';
import type { Claim, SourceMessage } from './source.ts';

/** What turns the messages of one range into one batch; see `batch-builder.ts`. Deterministic. */
export interface RangeBuilder {
  /** Rows and rejects that `message` gave. */
  add(message: SourceMessage): { readonly rows: number; readonly rejected: string };
  build(token: string): Batch;
}

/** A closed range on its way to the store. */
export interface ClosedBatch {
  readonly range: OffsetRange;
  readonly batch: Batch;
  readonly letters: readonly DeadLetter[];
  readonly rows: number;
  readonly bytes: number;
  readonly reason: CutReason | 'drain' | 'memory';
  /** Clock when the first message arrived. */
  readonly since: number;
}

/** One claimed partition: a range that grows, and closed ranges that wait for the store. */
export interface Lane {
  readonly claim: Claim;
  range: OpenRange;
  builder: RangeBuilder;
  letters: DeadLetter[];
  readonly closed: ClosedBatch[];
  writing: boolean;
  paused: boolean;
  /** High watermark last seen. */
  end: number;
  /** Position after what is stored and committed. */
  stored: number;
}

/** A lane that starts where the group stands, with the range to rebuild when one was announced. */
export function openLane(claim: Claim, builder: RangeBuilder): Lane {
  const { committed } = claim;
  return {
    claim,
    range: openRange(committed.offset, openIntent(committed)),
    builder,
    letters: [],
    closed: [],
    writing: false,
    paused: false,
    end: committed.offset,
    stored: committed.offset,
  };
}

/** Closes the open range of `lane` and opens the next one. */
export function cutLane(lane: Lane, reason: ClosedBatch['reason'], builder: RangeBuilder): ClosedBatch {
  const { claim, range, letters } = lane;
  const closed = closedRange(range);
  const batch = lane.builder.build(batchToken(claim.topic, claim.partition, closed));
  lane.range = openRange(closed.last + 1);
  lane.builder = builder;
  lane.letters = [];
  const result = { range: closed, batch, letters, rows: range.rows, bytes: range.bytes, reason, since: range.since };
  lane.closed.push(result);
  return result;
}
