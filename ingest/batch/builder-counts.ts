/** What became of the records of a batch, or of all batches together. */
export interface IngestCounts {
  /** Records found, rejected ones included. */
  records: number;
  rows: number;
  rejects: number;
  /** Events that a source says it lost before it could report them. */
  lost: number;
  /** Records that give no row on purpose, by reason. */
  readonly skipped: Map<string, number>;
  /** Rejects by reason, with the place of the first. */
  readonly rejected: Map<string, RejectedReason>;
  /** Rows by format. */
  readonly formats: Map<string, number>;
}

export interface RejectedReason {
  count: number;
  readonly detail: string;
  /** `flows.json:12`, `topic/3@4711`. */
  readonly first: string;
}

export function newCounts(): IngestCounts {
  return {
    records: 0,
    rows: 0,
    rejects: 0,
    lost: 0,
    skipped: new Map(),
    rejected: new Map(),
    formats: new Map(),
  };
}

/** Adds one to the number at `key`. */
export function increment(counts: Map<string, number>, key: string, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** Adds `more` to `total`. */
export function addCounts(total: IngestCounts, more: IngestCounts): void {
  total.records += more.records;
  total.rows += more.rows;
  total.rejects += more.rejects;
  total.lost += more.lost;
  for (const [reason, count] of more.skipped) increment(total.skipped, reason, count);
  for (const [format, count] of more.formats) increment(total.formats, format, count);
  for (const [reason, found] of more.rejected) {
    const known = total.rejected.get(reason);
    if (known === undefined) total.rejected.set(reason, { ...found });
    else known.count += found.count;
  }
}
