import type { OffsetRange } from '../kafka/ledger.ts';

/** When an open range is closed and written. */
export interface BatchLimits {
  readonly rows: number;
  /** Bytes of message values. */
  readonly bytes: number;
  /** Milliseconds since the first message of the range arrived; more in a backlog, see `BACKLOG_PATIENCE`. */
  readonly age: number;
}

/**
 * While a partition is behind, its range may become so many times older: flows that are late already do not get much
 * later by it, and few large inserts let the store catch up where many small ones do not. Behind means that at least a
 * quarter of what the range holds still waits; of a steady stream it is a twentieth.
 */
export const BACKLOG_PATIENCE = 6;

export type CutReason = 'rows' | 'bytes' | 'age' | 'rebuilt';

/** A range that still grows; a small mutable counter, because it is touched for every message. */
export interface OpenRange {
  /** Where the range starts: the committed position, even when no message has this offset. */
  readonly first: number;
  /** Set while a range is rebuilt that an earlier owner announced: it ends there and nowhere else. */
  readonly intent: OffsetRange | undefined;
  last: number;
  stamp: number;
  messages: number;
  /** Rows and rejects; a message that is not decoded yet counts as one. */
  rows: number;
  bytes: number;
  /** Bytes of messages that are not decoded yet. */
  undecoded: number;
  /** Bytes that the decoded ones occupy. */
  encoded: number;
  /** Clock when the first message arrived. */
  since: number;
}

/** An empty range at `first`, or the announced range to be rebuilt. */
export function openRange(first: number, intent?: OffsetRange): OpenRange {
  const counters = { messages: 0, rows: 0, bytes: 0, undecoded: 0, encoded: 0, since: 0 };
  return { first, intent, last: first - 1, stamp: 0, ...counters };
}

/** Whether a message at `offset` no longer belongs to `range`, which has to be closed first. */
export function isBeyond(range: OpenRange, offset: number): boolean {
  return range.intent !== undefined && offset > range.intent.last;
}

/** One more message, not decoded yet: its `offset`, its `stamp` (milliseconds), its bytes, and the clock. Offsets only rise. */
export function extendRange(
  range: OpenRange,
  message: { readonly offset: number; readonly stamp: number; readonly bytes: number },
  now: number,
): void {
  if (range.messages === 0) {
    range.stamp = message.stamp;
    range.since = now;
  }
  range.last = message.offset;
  range.messages += 1;
  range.rows += 1;
  range.bytes += message.bytes;
  range.undecoded += message.bytes;
}

/** Some of its messages, of `bytes` together, were decoded to `rows` that occupy `held` bytes. */
export function settleRange(
  range: OpenRange,
  decoded: { readonly messages: number; readonly bytes: number; readonly rows: number; readonly held: number },
): void {
  range.rows += decoded.rows - decoded.messages;
  range.undecoded -= decoded.bytes;
  range.encoded += decoded.held;
}

/**
 * Why `range` has to be closed now, if it has to; `waiting` messages are still to come in its partition. A rebuilt range
 * ignores all limits: it ends where it was announced to end, else its token would stand for other rows.
 */
export function cutReason(range: OpenRange, limits: BatchLimits, now: number, waiting = 0): CutReason | undefined {
  if (range.intent) return range.last >= range.intent.last ? 'rebuilt' : undefined;
  if (range.messages === 0) return undefined;
  if (range.rows >= limits.rows) return 'rows';
  if (range.bytes >= limits.bytes) return 'bytes';
  const patience = 4 * waiting >= range.messages ? BACKLOG_PATIENCE : 1;
  return now - range.since >= patience * limits.age ? 'age' : undefined;
}

/** Whether the range may be closed early, to drain or to free memory. */
export function isCuttable(range: OpenRange): boolean {
  return range.intent === undefined && range.messages > 0;
}

/** The offsets that `range` stands for once closed; those of the announcement where there was one. */
export function closedRange(range: OpenRange): OffsetRange {
  return range.intent ?? { first: range.first, last: range.last, stamp: range.stamp };
}
