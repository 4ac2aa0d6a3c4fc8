import type { EncodedInsert, QueryParameters } from './engine/backend.ts';
import type { ResultRow } from './engine/rows.ts';

/** An open store. Everything but `location` and `close` is for the functions of `src/store`. */
export interface Store {
  readonly location: string;
  /** Runs a SELECT without FORMAT and gives all rows. */
  query(sql: string, parameters?: QueryParameters): Promise<readonly ResultRow[]>;
  /** The same in groups of rows, in bounded memory. */
  stream(sql: string, parameters?: QueryParameters): AsyncIterable<readonly ResultRow[]>;
  command(sql: string, parameters?: QueryParameters): Promise<void>;
  insert(insert: EncodedInsert): Promise<void>;
  close(): Promise<void>;
}
