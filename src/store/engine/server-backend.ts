import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type ClickHouseClient, createClient } from '@clickhouse/client';
import { Failure } from '../../util/failure.ts';
import { quoteName } from '../schema/ddl.ts';
import { type Backend, insertSettings, QUERY_SETTINGS, type QueryParameters } from './backend.ts';
import { storeFailure } from './errors.ts';
import { type ResultRow, rowsOf } from './rows.ts';

/** Long enough for a report over months; an unreachable server fails at once anyway. */
const REQUEST_TIMEOUT_MS = 600_000;
/** A batch takes seconds. A server that neither stores nor refuses is asked again, which its token makes harmless. */
const INSERT_TIMEOUT_MS = 60_000;

/** A first answer takes milliseconds; whoever is silent so long is not there, or is something else. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Opens a ClickHouse server by its URL: `http[s]://user:password@host:8123/database`, with `?request_timeout=` in
 * milliseconds for queries that may take longer than ten minutes. Waits for a first answer.
 */
export async function openServer(url: string, answerWithin = ANSWER_TIMEOUT_MS): Promise<Backend> {
  const parsed = parseUrl(url);
  const client = createClient({
    url: parsed,
    application: 'microwall',
    request_timeout: REQUEST_TIMEOUT_MS,
    compression: { request: true, response: true },
    clickhouse_settings: QUERY_SETTINGS,
    log: { level: 127 }, // off: errors are told by whoever handles them
  });
  const location = `${parsed.protocol}//${parsed.host}${parsed.pathname === '/' ? '' : parsed.pathname}`;
  await firstAnswer(client, location, answerWithin);
  return {
    client,
    location,
    stream: (sql, parameters) => streamRows(client, sql, parameters),
    insert: async ({ table, format, columns, body, token }) => {
      const names = columns.map(({ name }) => quoteName(name)).join(', ');
      const { stream } = await client.exec({
        query: `INSERT INTO ${quoteName(table)} (${names}) FORMAT ${format}`,
        values: Readable.from(body, { objectMode: false }),
        clickhouse_settings: insertSettings(token),
        abort_signal: AbortSignal.timeout(INSERT_TIMEOUT_MS),
      });
      // The connection is free again once the answer, which is empty, has been read.
      await finished(stream.resume());
    },
    close: () => client.close(),
  };
}

/** A server that takes connections and says nothing would hold up every command for as long as the slowest query. */
async function firstAnswer(client: ClickHouseClient, location: string, milliseconds: number): Promise<void> {
  const silence = AbortSignal.timeout(milliseconds);
  try {
    await client.command({ query: 'SELECT 1', abort_signal: silence });
  } catch (error) {
    await client.close();
    if (!silence.aborted) throw storeFailure(error, location);
    throw new Failure(
      'unreachable',
      `${location} does not answer: nothing came for ${milliseconds / 1000} s`,
      'Check that ClickHouse runs there and that the URL is right.',
    );
  }
}

function parseUrl(url: string): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol === 'http:' || parsed?.protocol === 'https:') return parsed;
  throw new Failure(
    'input',
    `not the URL of a ClickHouse server: ${url}`,
    'Write it as http://user:password@host:8123/database, or https:// with port 8443.',
  );
}

async function* streamRows(
  client: ClickHouseClient,
  sql: string,
  parameters: QueryParameters,
): AsyncGenerator<readonly ResultRow[]> {
  const result = await client.exec({ query: `${sql} FORMAT JSONCompactEachRow`, query_params: { ...parameters } });
  yield* rowsOf(result.stream);
}
