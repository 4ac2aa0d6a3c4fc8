import type { OffsetRange } from './ledger.ts';

/** When an open range is closed and written. */
export interface BatchLimits {
  readonly rows: number;
  /** Bytes of message values. */
  readonly bytes: number;
  /** Milliseconds since the first message of the range arrived. */
  readonly age: number;
}

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
  rows: number;
  bytes: number;
  /** Clock when the first message arrived. */
  since: number;
}

/** An empty range at `first`, or the announced range to be rebuilt. */
export function openRange(first: number, intent?: OffsetRange): OpenRange {
  return { first, intent, last: first - 1, stamp: 0, messages: 0, rows: 0, bytes: 0, since: 0 };
}

/** Whether a message at `offset` no longer belongs to `range`, which has to be closed first. */
export function isBeyond(range: OpenRange, offset: number): boolean {
  return range.intent !== undefined && offset > range.intent.last;
}

/** One more message: its `offset`, its `stamp` (milliseconds), what it holds, and the clock. Offsets only rise. */
export function extendRange(
  range: OpenRange,
  message: { readonly offset: number; readonly stamp: number; readonly rows: number; readonly bytes: number },
  now: number,
): void {
  if (range.messages === 0) {
    range.stamp = message.stamp;
    range.since = now;
  }
  range.last = message.offset;
  range.messages += 1;
  range.rows += message.rows;
  range.bytes += message.bytes;
}

/**
 * Why `range` has to be closed now, if it has to. A rebuilt range ignores all limits: it ends where it was announced to
 * end, else its token would stand for other rows.
 */
export function cutReason(range: OpenRange, limits: BatchLimits, now: number): CutReason | undefined {
  if (range.intent) return range.last >= range.intent.last ? 'rebuilt' : undefined;
  if (range.messages === 0) return undefined;
  if (range.rows >= limits.rows) return 'rows';
  if (range.bytes >= limits.bytes) return 'bytes';
  return now - range.since >= limits.age ? 'age' : undefined;
}

/** Whether the range may be closed early, to drain or to free memory. */
export function isCuttable(range: OpenRange): boolean {
  return range.intent === undefined && range.messages > 0;
}

/** The offsets that `range` stands for once closed; those of the announcement where there was one. */
export function closedRange(range: OpenRange): OffsetRange {
  return range.intent ?? { first: range.first, last: range.last, stamp: range.stamp };
}
