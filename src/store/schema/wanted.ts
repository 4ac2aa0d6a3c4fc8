/** A column as wanted by us or reported by `system.columns`. */
export interface WantedColumn {
  readonly name: string;
  readonly type: string;
  readonly codec?: string;
  readonly default?: string;
}

/** When the row came, by the clock of the engine: what a table's TTL counts from. */
export const INGESTED_AT: WantedColumn = { name: 'ingested_at', type: "DateTime('UTC')", default: 'now()' };

export interface WantedTable {
  readonly name: string;
  readonly columns: readonly WantedColumn[];
  /** Engine with its arguments, as in `AggregatingMergeTree`. */
  readonly engine: string;
  readonly partitionBy?: string;
  readonly orderBy: readonly string[];
  readonly ttl?: string;
}
