import { columnNames, EDGE_COLUMNS, FLOW_COLUMNS, NAME, TIME } from '../../model/columns.ts';
import { hash64 } from '../../util/hash64.ts';
import { INVENTORY_TABLES } from './inventory-tables.ts';
import { INGESTED_AT, type WantedColumn, type WantedTable } from './wanted.ts';

export interface WantedView {
  readonly name: string;
  readonly target: string;
  readonly select: string;
}

/** Blocks whose tokens each table remembers: more than inserts can lie between a first try and its last retry. */
export const DEDUPLICATION_WINDOW = 10_000;

/** A smaller part is one file for all columns: hundreds of files for each insert cost more than the insert itself. */
const WIDE_PART_BYTES = 134_217_728;

const LABELS = 'Map(LowCardinality(String), String)';

const FLOWS: WantedTable = {
  name: 'flows',
  columns: FLOW_COLUMNS,
  engine: 'MergeTree',
  partitionBy: 'toDate(ts)',
  orderBy: ['cluster', 'dst_ns', 'dst_labels', 'dst_port', 'src_ns', 'src_labels', 'ts'],
  // By arrival, not by event time: logs that are replayed late must not vanish at the first merge.
  ttl: 'ingested_at + toIntervalDay(14)',
};

const EDGES: WantedTable = {
  name: 'edges_1h',
  columns: EDGE_COLUMNS,
  engine: 'AggregatingMergeTree',
  partitionBy: 'toMonday(hour)',
  orderBy: columnNames(EDGE_COLUMNS, 'key'),
  ttl: 'ingested_at + toIntervalDay(90)',
};

const POSITION: readonly WantedColumn[] = [
  { name: 'topic', type: NAME },
  { name: 'partition', type: 'UInt32' },
  { name: 'offset', type: 'UInt64' },
  { name: 'index', type: 'UInt32' },
];

/** Every table, in the order of `store status`. */
export const TABLES: readonly WantedTable[] = [
  FLOWS,
  {
    name: 'label_sets',
    columns: [
      { name: 'id', type: 'UInt64' },
      { name: 'labels', type: LABELS },
      { ...INGESTED_AT, name: 'seen' },
    ],
    engine: 'ReplacingMergeTree(seen)',
    orderBy: ['id'],
  },
  {
    name: 'namespaces',
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'namespace', type: 'String' },
      { name: 'labels', type: LABELS },
      { name: 'seen', type: TIME },
    ],
    engine: 'ReplacingMergeTree(seen)',
    orderBy: ['cluster', 'namespace'],
  },
  EDGES,
  {
    name: 'rejects',
    columns: [
      ...POSITION,
      { name: 'line', type: 'UInt64' },
      { name: 'reason', type: NAME },
      { name: 'detail', type: 'String' },
      { name: 'sample', type: 'String', codec: 'ZSTD(3)' },
      INGESTED_AT,
    ],
    engine: 'MergeTree',
    partitionBy: 'toMonday(ingested_at)',
    orderBy: ['topic', 'partition', 'offset', 'index'],
    ttl: 'ingested_at + toIntervalDay(14)',
  },
  {
    name: 'chunks',
    columns: [
      { name: 'parent', type: 'String' },
      { name: 'token', type: 'String' },
      { name: 'name', type: 'String' },
      { name: 'from_byte', type: 'UInt64' },
      { name: 'to_byte', type: 'UInt64' },
      { name: 'lines', type: 'UInt64' },
      { name: 'records', type: 'UInt64' },
      { name: 'rows', type: 'UInt64' },
      { name: 'rejects', type: 'UInt64' },
      INGESTED_AT,
    ],
    engine: 'ReplacingMergeTree(records)',
    orderBy: ['parent', 'token'],
    ttl: 'ingested_at + toIntervalDay(90)',
  },
  {
    name: 'losses',
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'topic', type: NAME },
      { name: 'token', type: 'String' },
      { name: 'hour', type: TIME },
      { name: 'events', type: 'UInt64' },
      INGESTED_AT,
    ],
    engine: 'ReplacingMergeTree(ingested_at)',
    orderBy: ['cluster', 'topic', 'token', 'hour'],
    ttl: 'ingested_at + toIntervalDay(90)',
  },
  ...INVENTORY_TABLES,
];

/** Views that fold rows on arrival. */
export const VIEWS: readonly WantedView[] = [
  {
    name: 'edges_1h_mv',
    target: 'edges_1h',
    select: [
      `SELECT ${EDGE_COLUMNS.map((column) => `${column.select} AS ${column.name}`).join(', ')}`,
      'FROM flows AS f',
      `GROUP BY ${columnNames(EDGE_COLUMNS, 'key').join(', ')}`,
    ].join('\n'),
  },
];

/** Names in backticks: `index` and `offset` are words of SQL. */
export function quoteName(name: string): string {
  return `\`${name}\``;
}

/** `name Type DEFAULT … CODEC(…)`. */
export function columnDefinition(column: WantedColumn): string {
  const byDefault = column.default === undefined ? '' : ` DEFAULT ${column.default}`;
  const codec = column.codec === undefined ? '' : ` CODEC(${column.codec})`;
  return `${quoteName(column.name)} ${column.type}${byDefault}${codec}`;
}

/** The statement that creates `table`. */
export function createTable(table: WantedTable): string {
  return [
    `CREATE TABLE IF NOT EXISTS ${quoteName(table.name)} (`,
    table.columns.map((column) => `  ${columnDefinition(column)}`).join(',\n'),
    `) ENGINE = ${table.engine}`,
    ...(table.partitionBy === undefined ? [] : [`PARTITION BY ${table.partitionBy}`]),
    `ORDER BY (${table.orderBy.map(quoteName).join(', ')})`,
    ...(table.ttl === undefined ? [] : [`TTL ${table.ttl}`]),
    `SETTINGS non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}, min_bytes_for_wide_part = ${WIDE_PART_BYTES}`,
  ].join('\n');
}

/** The statement that creates `view`. */
export function createView(view: WantedView): string {
  const { name, target, select } = view;
  return `CREATE MATERIALIZED VIEW IF NOT EXISTS ${quoteName(name)} TO ${quoteName(target)} AS\n${select}\nCOMMENT '${viewComment(view)}'`;
}

/** Tells whether a view that stands is the wanted one; servers of different versions spell its SELECT differently. */
export function viewComment(view: WantedView): string {
  return `microwall ${hash64(view.select)}`;
}
