import { openStore } from '../../src/store/client.ts';
import type { Store } from '../../src/store/store.ts';

/** What a store holds of one topic; compared as a whole with what was sent. */
export interface StoredTotals {
  readonly rows: number;
  /** Rows whose position occurs more than once. */
  readonly doubles: number;
  readonly rejects: number;
  readonly rejectDoubles: number;
  /** Flow records as the hourly edges have counted them, over all topics of the store. */
  readonly edgeRecords: number;
}

const TOTALS = `SELECT
  (SELECT count() FROM flows WHERE topic = {topic:String}) AS rows,
  (SELECT count() - uniqExact(partition, offset, index) FROM flows WHERE topic = {topic:String}) AS doubles,
  (SELECT count() FROM rejects WHERE topic = {topic:String}) AS rejects,
  (SELECT count() - uniqExact(partition, offset, index) FROM rejects WHERE topic = {topic:String}) AS reject_doubles,
  (SELECT sum(records) FROM edges_1h) AS edge_records`;

/** Reads the totals of `topic`; the store must not be in use by another process. */
export async function storedTotals(where: { data: string; clickhouse?: string }, topic: string): Promise<StoredTotals> {
  const store: Store = await openStore({ ...where, migrate: false });
  try {
    const [row = []] = await store.query(TOTALS, { topic });
    const [rows = 0, doubles = 0, rejects = 0, rejectDoubles = 0, edgeRecords = 0] = row.map(Number);
    return { rows, doubles, rejects, rejectDoubles, edgeRecords };
  } finally {
    await store.close();
  }
}
