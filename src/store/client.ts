import type { Backend } from './engine/backend.ts';
import { openEmbedded } from './engine/embedded-backend.ts';
import { storeFailure } from './engine/errors.ts';
import type { ResultRow } from './engine/rows.ts';
import { openServer } from './engine/server-backend.ts';
import { migrate } from './schema/migrate.ts';
import type { Store } from './store.ts';

export interface OpenStoreOptions {
  /** Data folder of the embedded engine. */
  readonly data: string;
  /** URL of a ClickHouse server; used instead of `data`. */
  readonly clickhouse?: string | undefined;
  /** Milliseconds that a server may take for its first answer; a usual value when absent. */
  readonly answerWithin?: number;
  /** Bring the tables up to date on opening; `store status` looks without touching. Default true. */
  readonly migrate?: boolean;
}

/**
 * Opens the store: the embedded engine on `data`, or the server of `clickhouse`. Throws a `Failure` with a remedy when
 * the folder is held by another process or cannot be used, or when the server is out of reach or refuses.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const backend =
    options.clickhouse === undefined || options.clickhouse === ''
      ? await openEmbedded(options.data)
      : await openServer(options.clickhouse, options.answerWithin);
  const store = storeOf(backend);
  try {
    if (options.migrate !== false) await migrate(store);
    return store;
  } catch (error) {
    await store.close();
    throw storeFailure(error, backend.location);
  }
}

function storeOf(backend: Backend): Store {
  const { client } = backend;
  return {
    location: backend.location,
    query: async (sql, parameters = {}) => {
      const result = await client.query({ query: sql, query_params: { ...parameters }, format: 'JSONCompactEachRow' });
      return result.json<ResultRow>();
    },
    stream: (sql, parameters = {}) => backend.stream(sql, parameters),
    command: async (sql, parameters = {}) => {
      await client.command({ query: sql, query_params: { ...parameters } });
    },
    insert: (insert) => backend.insert(insert),
    close: () => backend.close(),
  };
}
