import { type OpenStoreOptions, openStore } from '../store/client.ts';
import { migrate } from '../store/schema/migrate.ts';
import { readTableSizes } from '../store/schema/table-sizes.ts';
import { formatTable } from '../util/table.ts';
import { thousands } from '../util/thousands.ts';

/** Rows and bytes of every table, as a table or as `{"tables":{"flows":{"rows":N,"bytes":N},…}}`. */
export async function storeStatus(where: OpenStoreOptions, format: 'table' | 'json'): Promise<string> {
  const store = await openStore(where);
  try {
    const sizes = await readTableSizes(store);
    if (format === 'json') return `${JSON.stringify({ tables: Object.fromEntries(sizes) }, null, 2)}\n`;
    const columns = [
      { title: 'TABLE' },
      { title: 'ROWS', align: 'right' },
      { title: 'BYTES', align: 'right' },
    ] as const;
    return formatTable(
      columns,
      [...sizes].map(([name, { rows, bytes }]) => [name, thousands(rows), thousands(bytes)]),
    );
  } finally {
    await store.close();
  }
}

/** Brings the tables up to date and says what was done, one sentence a line. */
export async function migrateStore(where: OpenStoreOptions): Promise<string> {
  const store = await openStore({ ...where, migrate: false });
  try {
    const steps = await migrate(store);
    return steps.length === 0 ? 'nothing to do: all tables are up to date\n' : `${steps.join('\n')}\n`;
  } finally {
    await store.close();
  }
}
