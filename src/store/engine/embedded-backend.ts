import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { Failure } from '../../util/failure.ts';
import { quoteName } from '../schema/ddl.ts';
import { type Backend, type EncodedInsert, insertSettings, QUERY_SETTINGS, type QueryParameters } from './backend.ts';
import { openFailure, prepareFolder } from './embedded.ts';
import { parseRows, type ResultRow } from './rows.ts';

/** Opens the ClickHouse engine inside this process on `folder`. */
export async function openEmbedded(folder: string): Promise<Backend> {
  const path = prepareFolder(folder);
  const { createChdbConnection, Session } = await loadEngine();
  try {
    const client = createClient({
      // Same contract, declared twice: chdb names the types of client-common, the client bundles its own copy of them.
      connection: createChdbConnection({ path }) as unknown as EngineConnection,
      clickhouse_settings: QUERY_SETTINGS,
    });
    // A second connection to the same engine: the ordinary one buffers results whole.
    const session = new Session(path);
    const spool = openSpool(path);
    return {
      client,
      location: path,
      stream: (sql, parameters) => streamRows(session, sql, parameters),
      insert: async (insert) => {
        await insertThroughFile(spool, insert, async (query) => void (await client.command({ query })));
      },
      close: async () => {
        session.close();
        await client.close();
      },
    };
  } catch (error) {
    throw openFailure(path, error);
  }
}

async function loadEngine() {
  try {
    const { createChdbConnection } = await import('chdb/connection');
    const { Session } = await import('chdb');
    return { createChdbConnection, Session };
  } catch (error) {
    throw new Failure(
      'input',
      'the embedded engine (package chdb) is not installed or does not run on this platform',
      'Install it with `npm install chdb`, or use a ClickHouse server with --clickhouse or CLICKHOUSE_URL.',
      { cause: error },
    );
  }
}

type EngineConnection = NonNullable<NonNullable<Parameters<typeof createClient>[0]>['connection']>;
type Session = InstanceType<Awaited<ReturnType<typeof loadEngine>>['Session']>;

async function* streamRows(
  session: Session,
  sql: string,
  parameters: QueryParameters,
): AsyncGenerator<readonly ResultRow[]> {
  const query = `${sql} SETTINGS output_format_json_quote_64bit_integers = 1`;
  const stream = session.queryStreamBind(query, parameters, { format: 'JSONCompactEachRow' });
  for await (const chunk of stream) yield parseRows(chunk.text());
}

interface Spool {
  /** A path that no other insert uses. */
  next(): string;
}

/** Spool files live beside the data; what a killed process left there is removed. */
function openSpool(path: string): Spool {
  // `file()` reads wildcards in paths, so a folder that has such characters in its name spools elsewhere.
  const folder = /[*?{}[\]]/.test(path) ? join(tmpdir(), 'microwall-spool') : join(path, 'spool');
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    if (!isOfLivingProcess(name)) rmSync(join(folder, name), { force: true });
  }
  let count = 0;
  return { next: () => join(folder, `${process.pid}-${process.hrtime.bigint()}-${count++}`) };
}

function isOfLivingProcess(name: string): boolean {
  try {
    return process.kill(Number.parseInt(name, 10), 0);
  } catch {
    return false;
  }
}

/** Inline bodies cost the embedded engine twice as much as reading the same bytes from a file. */
async function insertThroughFile(
  spool: Spool,
  insert: EncodedInsert,
  command: (query: string) => Promise<void>,
): Promise<void> {
  const file = spool.next();
  try {
    writeAll(file, insert.body);
    const names = insert.columns.map((column) => quoteName(column.name)).join(', ');
    const structure = insert.columns.map((column) => `${quoteName(column.name)} ${column.type}`).join(', ');
    const settings = Object.entries(insertSettings(insert.token))
      .map(([name, value]) => `${name} = ${typeof value === 'number' ? value : literal(value)}`)
      .join(', ');
    await command(
      `INSERT INTO ${quoteName(insert.table)} (${names}) SETTINGS ${settings} ` +
        `SELECT ${names} FROM file(${literal(file)}, ${literal(insert.format)}, ${literal(structure)})`,
    );
  } finally {
    rmSync(file, { force: true });
  }
}

function writeAll(file: string, body: Iterable<Buffer>): void {
  const handle = openSync(file, 'w');
  try {
    for (const piece of body) {
      for (let written = 0; written < piece.length; ) written += writeSync(handle, piece, written);
    }
  } finally {
    closeSync(handle);
  }
}

function literal(text: string): string {
  return `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}
