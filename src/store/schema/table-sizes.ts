import type { Store } from '../store.ts';
import { TABLES } from './ddl.ts';

export interface TableSize {
  readonly rows: number;
  /** On disk, compressed. */
  readonly bytes: number;
}

/** Rows and bytes of every table of ours that exists. */
export async function readTableSizes(store: Store): Promise<ReadonlyMap<string, TableSize>> {
  const found = await store.query(
    `SELECT t.name, toFloat64(sum(p.rows)), toFloat64(sum(p.bytes_on_disk)) FROM system.tables AS t
     LEFT JOIN (SELECT table, rows, bytes_on_disk FROM system.parts WHERE active AND database = currentDatabase()) AS p
       ON p.table = t.name
     WHERE t.database = currentDatabase() GROUP BY t.name`,
  );
  const sizes = new Map((found as [string, number, number][]).map(([name, rows, bytes]) => [name, { rows, bytes }]));
  return new Map(
    TABLES.flatMap(({ name }) => {
      const size = sizes.get(name);
      return size ? [[name, size] as const] : [];
    }),
  );
}
