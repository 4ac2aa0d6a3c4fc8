import { Failure } from '../../util/failure.ts';
import type { Store } from '../store.ts';
import { columnDefinition, createTable, createView, quoteName, TABLES, VIEWS, viewComment } from './ddl.ts';
import type { WantedTable } from './wanted.ts';

interface FoundTable {
  readonly engine: string;
  readonly sortingKey: string;
  readonly partitionKey: string;
  readonly comment: string;
  readonly columns: ReadonlyMap<string, string>;
}

/** What a migration did, one sentence per step; empty when everything was in place. */
export type MigrationSteps = readonly string[];

/**
 * Brings tables and views to the wanted form: creates what is missing and adds missing columns. Anything else that
 * differs is not ours to change: it is refused with the differences. Running it again does nothing.
 */
export async function migrate(store: Store): Promise<MigrationSteps> {
  const found = await findTables(store);
  const drift = TABLES.flatMap((wanted) => differences(wanted, found.get(wanted.name)));
  if (drift.length > 0) throw driftFailure(store.location, drift);
  const steps: string[] = [];
  for (const wanted of TABLES) steps.push(...(await migrateTable(store, wanted, found.get(wanted.name))));
  steps.push(...(await migrateViews(store, found, steps.length > 0)));
  return steps;
}

async function findTables(store: Store): Promise<ReadonlyMap<string, FoundTable>> {
  const tables = await store.query(
    'SELECT name, engine_full, sorting_key, partition_key, comment FROM system.tables WHERE database = currentDatabase()',
  );
  const columns = await store.query(
    'SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY table, position',
  );
  return new Map(
    tables.map(([name, engine, sortingKey, partitionKey, comment]) => [
      String(name),
      {
        engine: plainEngine(String(engine)),
        sortingKey: String(sortingKey),
        partitionKey: String(partitionKey),
        comment: String(comment),
        columns: new Map(columns.filter(([table]) => table === name).map(([, c, type]) => [String(c), String(type)])),
      },
    ]),
  );
}

/** The engine without its clauses; replicated and cloud engines, which add a path and a replica, count as plain ones. */
function plainEngine(full: string): string {
  const engine = full.replace(/ (PARTITION BY|ORDER BY|PRIMARY KEY|TTL|SETTINGS) .*/s, '');
  return engine.replace(/^(Replicated|Shared)(\w+)\('[^']*', '[^']*'(, )?/, '$2(').replace('()', '');
}

/** Lines of a diff: `-` is what stands there, `+` what is wanted. */
function differences(wanted: WantedTable, found: FoundTable | undefined): string[] {
  if (!found) return [];
  const lines: string[] = [];
  const compare = (what: string, have: string, want: string) => {
    if (plain(have) !== want) lines.push(`- ${wanted.name} ${what} ${have}`, `+ ${wanted.name} ${what} ${want}`);
  };
  compare('engine', found.engine, wanted.engine);
  compare('sorting key', found.sortingKey, wanted.orderBy.join(', '));
  compare('partition key', found.partitionKey, wanted.partitionBy ?? '');
  for (const column of wanted.columns) {
    const type = found.columns.get(column.name);
    if (type !== undefined) compare(`column ${column.name}`, type, column.type);
  }
  for (const name of found.columns.keys()) {
    if (!wanted.columns.some((column) => column.name === name)) lines.push(`- ${wanted.name} column ${name}`);
  }
  return lines;
}

/** Without the backticks and the outer brackets with which servers of different versions report keys. */
function plain(text: string): string {
  return text.replaceAll('`', '').replace(/^\((.*)\)$/, '$1');
}

function driftFailure(location: string, drift: readonly string[]): Failure {
  return new Failure(
    'input',
    `the tables of ${location} differ from what this version of microwall works with (- found, + wanted):\n${drift.join('\n')}`,
    'Use the version that made them or an empty data folder or database; or change the tables by hand to the wanted form.',
  );
}

async function migrateTable(store: Store, wanted: WantedTable, found: FoundTable | undefined): Promise<string[]> {
  if (!found) {
    await store.command(createTable(wanted));
    return [`created table ${wanted.name}`];
  }
  const steps: string[] = [];
  for (const column of wanted.columns) {
    if (found.columns.has(column.name)) continue;
    await store.command(`ALTER TABLE ${quoteName(wanted.name)} ADD COLUMN IF NOT EXISTS ${columnDefinition(column)}`);
    steps.push(`added column ${wanted.name}.${column.name}`);
  }
  return steps;
}

/** A view holds no rows, so one that differs, or whose tables changed, is simply made again. */
async function migrateViews(store: Store, found: ReadonlyMap<string, FoundTable>, changed: boolean): Promise<string[]> {
  const steps: string[] = [];
  for (const view of VIEWS) {
    const standing = found.get(view.name);
    if (standing && !changed && standing.comment === viewComment(view)) continue;
    if (standing) await store.command(`DROP VIEW ${quoteName(view.name)}`);
    await store.command(createView(view));
    steps.push(`created view ${view.name}`);
  }
  return steps;
}
