/** A column as wanted by us or reported by `system.columns`. */
export interface WantedColumn {
  readonly name: string;
  readonly type: string;
  readonly codec?: string;
  readonly default?: string;
}

export interface WantedTable {
  readonly name: string;
  readonly columns: readonly WantedColumn[];
  /** Engine with its arguments, as in `AggregatingMergeTree`. */
  readonly engine: string;
  readonly partitionBy?: string;
  readonly orderBy: readonly string[];
  readonly ttl?: string;
}
