/**
 * Book-keeping of one partition: which offsets one insert covers, under which token, and what the consumer group's
 * committed offset says about an insert that may or may not have happened. Pure; `pump.ts` acts on it.
 */

/** Offsets that one insert covers, both ends included. Offsets inside may be missing (compaction, transactions). */
export interface OffsetRange {
  readonly first: number;
  readonly last: number;
  /**
   * Timestamp of the first message, in milliseconds. It keeps the tokens of a topic that was deleted and created again
   * (offsets start at 0 once more) apart from the old ones; a reused token would silently drop the new rows.
   */
  readonly stamp: number;
}

/** What Kafka stores for a group and partition. */
export interface CommittedOffset {
  /** The next offset to read. */
  readonly offset: number;
  readonly metadata: string;
}

const INTENT = /^microwall last=(\d{1,16}) stamp=(-?\d{1,16})$/;

/** Deduplication token of the insert that covers `range`. */
export function batchToken(topic: string, partition: number, range: OffsetRange): string {
  return `${topic}:${partition}:${range.first}-${range.last}@${range.stamp}`;
}

/**
 * Committed before the insert: the position does not move, the metadata says what is about to be written. Whoever owns
 * the partition next rebuilds exactly this range and sends it under the same token.
 */
export function intentCommit(range: OffsetRange): CommittedOffset {
  return { offset: range.first, metadata: `microwall last=${range.last} stamp=${range.stamp}` };
}

/** Committed after the insert: the range is stored. */
export function doneCommit(range: OffsetRange): CommittedOffset {
  return { offset: range.last + 1, metadata: '' };
}

/** The range that was announced and never confirmed; `undefined` when there is none or the metadata is not ours. */
export function openIntent(committed: CommittedOffset): OffsetRange | undefined {
  const match = INTENT.exec(committed.metadata);
  if (!match) return undefined;
  const range = { first: committed.offset, last: Number(match[1]), stamp: Number(match[2]) };
  return range.last >= range.first ? range : undefined;
}
