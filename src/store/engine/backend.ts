import type { ClickHouseClient } from '@clickhouse/client';
import type { ResultRow } from './rows.ts';

/** Values bound to `{name:Type}` in SQL. */
export type QueryParameters = Readonly<Record<string, unknown>>;

/** Rows to insert, already encoded in the order of `columns`. */
export interface EncodedInsert {
  readonly table: string;
  readonly format: 'Native' | 'TabSeparated';
  /** With the types under which they are sent. */
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly body: Iterable<Buffer>;
  /** Deduplication token of the block. */
  readonly token: string;
}

/** What differs between the embedded engine and a server; everything above is the same for both. */
export interface Backend {
  readonly client: ClickHouseClient;
  /** Where the data is, for messages. */
  readonly location: string;
  /** Runs a SELECT without FORMAT and gives its rows in groups, never the whole result at once. */
  stream(sql: string, parameters: QueryParameters): AsyncIterable<readonly ResultRow[]>;
  insert(insert: EncodedInsert): Promise<void>;
  close(): Promise<void>;
}

/**
 * Settings of every insert. Defaults of several changed between ClickHouse 25 and 26, so none is left to the server.
 * The block limits keep one insert one block, which is what a deduplication token covers.
 */
export function insertSettings(token: string): Record<string, string | number> {
  return {
    insert_deduplication_token: token,
    insert_deduplicate: 1,
    deduplicate_blocks_in_dependent_materialized_views: 1,
    async_insert: 0,
    wait_for_async_insert: 1,
    max_insert_threads: 1,
    // One block gives one thread work, and code that is compiled for it costs more than it saves.
    max_threads: 1,
    compile_expressions: 0,
    compile_aggregate_expressions: 0,
    compile_sort_description: 0,
    max_insert_block_size: ONE_BLOCK,
    min_insert_block_size_rows: ONE_BLOCK,
    min_insert_block_size_bytes: 0,
    max_partitions_per_insert_block: 0,
  };
}

const ONE_BLOCK = 16_777_216;

/** Settings of every query: JavaScript would round 64-bit integers that are not quoted. */
export const QUERY_SETTINGS = { output_format_json_quote_64bit_integers: 1 } as const;
