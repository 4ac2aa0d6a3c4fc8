import { NAME, TIME } from '../../model/columns.ts';
import { INGESTED_AT, type WantedColumn, type WantedTable } from './wanted.ts';

const LABELS = 'Map(String, String)';

/** ClickHouse type of a list of ports: name, protocol, number. */
export const PORTS_TYPE = 'Array(Tuple(String, UInt8, UInt16))';
/** The same with the container port behind each, as number or name. */
export const SERVICE_PORTS_TYPE = 'Array(Tuple(String, UInt8, UInt16, String))';

/** The same in every row of one key, because the key holds a hash of it. */
const of = (name: string, type: string): WantedColumn => ({ name, type: `SimpleAggregateFunction(any, ${type})` });

/**
 * A table of things as snapshots told them. A row is one version of one thing: `version` is a hash of all that was
 * told, so rows of one key only widen the time in which it was seen. In whichever order snapshots come, and however
 * often, the rows are the same.
 */
function versions(name: string, told: readonly WantedColumn[]): WantedTable {
  return {
    name,
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'uid', type: 'String' },
      { name: 'version', type: 'UInt64' },
      ...told,
      { name: 'since', type: `SimpleAggregateFunction(min, ${TIME})` },
      { name: 'first_seen', type: `SimpleAggregateFunction(min, ${TIME})` },
      { name: 'last_seen', type: `SimpleAggregateFunction(max, ${TIME})` },
      { name: 'ingested_at', type: "SimpleAggregateFunction(max, DateTime('UTC'))", default: 'now()' },
    ],
    engine: 'AggregatingMergeTree',
    orderBy: ['cluster', 'uid', 'version'],
    ttl: 'ingested_at + toIntervalDay(180)',
  };
}

/** ClickHouse type of what is behind a Service: protocol, port, pod port, kind, namespace, workload, kind, labels, times. */
const BACKENDS_TYPE = `Array(Tuple(UInt8, UInt16, UInt16, String, String, String, String, UInt64, ${TIME}, ${TIME}))`;

/**
 * What follows from all snapshots together, worked out anew whenever one comes (`build-inventory.ts`). Readers take the
 * rows of the newest finished build of each cluster.
 */
const BUILT_TABLES: readonly WantedTable[] = [
  {
    name: 'inventory_builds',
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'built', type: 'UInt64' },
      { name: 'snapshots', type: 'UInt64' },
    ],
    engine: 'MergeTree',
    orderBy: ['cluster', 'built'],
  },
  {
    name: 'address_holders',
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'built', type: 'UInt64' },
      { name: 'address', type: 'IPv6' },
      { name: 'begins', type: TIME },
      { name: 'leaves', type: TIME },
      { name: 'held', type: 'UInt8' },
      { name: 'kind', type: NAME },
      { name: 'ns', type: 'String' },
      { name: 'wl', type: 'String' },
      { name: 'wl_kind', type: 'String' },
      { name: 'labels', type: 'UInt64' },
      { name: 'peer', type: 'String' },
      { name: 'pod', type: 'String' },
      { name: 'backends', type: BACKENDS_TYPE },
    ],
    engine: 'MergeTree',
    partitionBy: 'cityHash64(cluster, built)',
    orderBy: ['cluster', 'address', 'begins'],
  },
  {
    name: 'workload_names',
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'built', type: 'UInt64' },
      { name: 'ns', type: 'String' },
      { name: 'wl', type: 'String' },
      { name: 'sets', type: 'Array(Tuple(String, UInt64))' },
    ],
    engine: 'MergeTree',
    partitionBy: 'cityHash64(cluster, built)',
    orderBy: ['cluster', 'ns', 'wl'],
  },
];

/** What snapshots told of the cluster, and which snapshots there were. */
export const INVENTORY_TABLES: readonly WantedTable[] = [
  {
    name: 'snapshots',
    columns: [
      { name: 'cluster', type: NAME },
      { name: 'at', type: TIME },
      { name: 'digest', type: 'String' },
      { name: 'covers', type: 'Array(String)' },
      { name: 'objects', type: 'UInt64' },
      INGESTED_AT,
    ],
    engine: 'ReplacingMergeTree(ingested_at)',
    orderBy: ['cluster', 'at', 'digest'],
    ttl: 'ingested_at + toIntervalDay(180)',
  },
  versions('pods', [
    of('namespace', 'String'),
    of('pod', 'String'),
    of('addresses', 'Array(IPv6)'),
    of('workload', 'String'),
    of('workload_kind', 'String'),
    of('labels', 'UInt64'),
    of('all_labels', LABELS),
    of('service_account', 'String'),
    of('node', 'String'),
    of('host_network', 'UInt8'),
    of('ports', PORTS_TYPE),
    { name: 'ended', type: `SimpleAggregateFunction(max, ${TIME})` },
  ]),
  versions('services', [
    of('namespace', 'String'),
    of('service', 'String'),
    of('addresses', 'Array(IPv6)'),
    of('ports', SERVICE_PORTS_TYPE),
    of('selector', LABELS),
  ]),
  versions('nodes', [of('node', 'String'), of('addresses', 'Array(IPv6)')]),
  versions('workloads', [
    of('namespace', 'String'),
    of('kind', 'String'),
    of('workload', 'String'),
    of('labels', 'UInt64'),
    of('service_account', 'String'),
    of('ports', PORTS_TYPE),
    of('replicas', 'UInt32'),
    of('schedule', 'String'),
  ]),
  ...BUILT_TABLES,
];

export type InventoryTable = 'pods' | 'services' | 'nodes' | 'workloads';

/**
 * SQL of the rows of one of these tables, merged and under plain types: types of aggregates become variants where they
 * meet plain ones.
 */
export function inventoryRows(table: InventoryTable): string {
  const columns = INVENTORY_TABLES.find(({ name }) => name === table)?.columns ?? [];
  const plain = columns.map(({ name, type }) => {
    const inner = /^SimpleAggregateFunction\(\w+, (.*)\)$/.exec(type)?.[1];
    return inner === undefined ? `t.${name} AS ${name}` : `CAST(t.${name} AS ${inner}) AS ${name}`;
  });
  return `(SELECT ${plain.join(', ')} FROM ${table} AS t FINAL)`;
}
