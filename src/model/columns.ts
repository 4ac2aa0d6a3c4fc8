import type { PositionedFlow } from './batch.ts';
import type { Endpoint } from './endpoint.ts';
import {
  ATTRIBUTIONS,
  CONNECTION_BASES,
  ENDPOINT_KINDS,
  FLOW_VERDICTS,
  FORMATS,
  ORIENTATIONS,
  REASONS,
  VANTAGES,
} from './enums.ts';

/** What a column holds of one row, before it is encoded. Times are milliseconds since the epoch. */
export type ColumnValue = string | number | boolean | readonly string[];

/** `key`: part of what a row is about; `measure`: counted or listed; `meta`: where it came from and when. */
export type ColumnRole = 'key' | 'measure' | 'meta';

interface ColumnShape {
  readonly name: string;
  /** ClickHouse type, spelled as `system.columns` reports it. */
  readonly type: string;
  /** `ZSTD(3)` and the like; absent = the engine's default. */
  readonly codec?: string;
  /** SQL of the default. */
  readonly default?: string;
  readonly role: ColumnRole;
}

/** How a column is read off a row. Columns of one endpoint stand together, so that an encoder can keep them encoded. */
export type FlowColumn = ColumnShape &
  (
    | { readonly of: 'row'; read(row: PositionedFlow): ColumnValue }
    | { readonly of: 'client' | 'server'; read(endpoint: Endpoint): ColumnValue }
    /** Filled by the engine. */
    | { readonly of: 'engine' }
  );

/** Closed set → `Enum8(…)` as ClickHouse spells it. */
export function enumType(values: Readonly<Record<string, number>>): string {
  const members = Object.entries(values).map(([name, number]) => `'${name}' = ${number}`);
  return `Enum8(${members.join(', ')})`;
}

/** Text of which there are few different ones. */
export const NAME = 'LowCardinality(String)';
const NAMES = 'Array(LowCardinality(String))';
/** Milliseconds since the epoch. */
export const TIME = "DateTime64(3, 'UTC')";
const TIME_CODEC = 'DoubleDelta, ZSTD(1)';
const TEXT_CODEC = 'ZSTD(3)';

type Read = (row: PositionedFlow) => ColumnValue;

const key = (name: string, type: string, read: Read): FlowColumn => ({ name, type, role: 'key', of: 'row', read });
const measure = (name: string, type: string, read: Read): FlowColumn => ({
  name,
  type,
  role: 'measure',
  of: 'row',
  read,
});
const meta = (name: string, type: string, read: Read): FlowColumn => ({ name, type, role: 'meta', of: 'row', read });

function endpointColumns(of: 'client' | 'server', prefix: 'src' | 'dst'): FlowColumn[] {
  const column = (name: string, type: string, read: (endpoint: Endpoint) => ColumnValue): FlowColumn => ({
    name: `${prefix}_${name}`,
    type,
    role: 'key',
    of,
    read,
  });
  return [
    column('kind', enumType(ENDPOINT_KINDS), (end) => end.kind),
    column('ns', NAME, (end) => end.namespace),
    column('wl', NAME, (end) => end.workload),
    column('wl_kind', NAME, (end) => end.workloadKind),
    { ...column('pod', 'String', (end) => end.pod), codec: TEXT_CODEC },
    column('labels', 'UInt64', (end) => end.labels.id),
    column('peer', NAME, (end) => end.peer),
    column('principal', NAME, (end) => end.principal),
    column('identity', 'UInt32', (end) => end.identity),
  ];
}

/**
 * The one table of columns of `flows`: DDL, the encoder and names in queries come from it. Types and meaning as in
 * `docs/flow-model.md`; `src_` is the client and `dst_` the server after orientation.
 */
export const FLOW_COLUMNS: readonly FlowColumn[] = [
  { ...key('ts', TIME, ({ flow }) => flow.time), codec: TIME_CODEC },
  { ...key('ts_end', TIME, ({ flow }) => flow.endTime), codec: TIME_CODEC },
  { name: 'ingested_at', type: "DateTime('UTC')", default: 'now()', role: 'meta', of: 'engine' },
  key('source', enumType(FORMATS), ({ flow }) => flow.format),
  key('cluster', NAME, ({ flow }) => flow.cluster),
  key('node', NAME, ({ flow }) => flow.node),
  key('vantage', enumType(VANTAGES), ({ flow }) => flow.vantage),
  key('oriented', enumType(ORIENTATIONS), ({ flow }) => flow.oriented),
  key('swapped', 'Bool', ({ flow }) => flow.swapped),
  key('proto', 'UInt8', ({ flow }) => flow.protocol),
  key('src_ip', 'IPv6', ({ flow }) => flow.clientAddress),
  key('src_port', 'UInt16', ({ flow }) => flow.clientPort),
  ...endpointColumns('client', 'src'),
  key('dst_ip', 'IPv6', ({ flow }) => flow.serverAddress),
  key('dst_port', 'UInt16', ({ flow }) => flow.serverPort),
  ...endpointColumns('server', 'dst'),
  { ...key('icmp_type', 'UInt8', ({ flow }) => flow.icmpType), default: '255' },
  key('svc_ns', NAME, ({ flow }) => flow.serviceNamespace),
  key('svc_name', NAME, ({ flow }) => flow.serviceName),
  key('svc_port', 'UInt16', ({ flow }) => flow.servicePort),
  key('dst_names', NAMES, ({ flow }) => flow.serverNames),
  key('verdict', enumType(FLOW_VERDICTS), ({ flow }) => flow.verdict),
  key('reason', enumType(REASONS), ({ flow }) => flow.reason),
  key('attribution', enumType(ATTRIBUTIONS), ({ flow }) => flow.attribution),
  key('allowed_by', NAMES, ({ flow }) => flow.allowedBy),
  key('denied_by', NAMES, ({ flow }) => flow.deniedBy),
  key('pending', NAMES, ({ flow }) => flow.pending),
  measure('connections', 'UInt32', ({ flow }) => flow.connections),
  measure('conn_basis', enumType(CONNECTION_BASES), ({ flow }) => flow.connectionBasis),
  measure('bytes_fwd', 'UInt64', ({ flow }) => flow.bytesForward),
  measure('bytes_rev', 'UInt64', ({ flow }) => flow.bytesReverse),
  measure('packets_fwd', 'UInt64', ({ flow }) => flow.packetsForward),
  measure('packets_rev', 'UInt64', ({ flow }) => flow.packetsReverse),
  { ...measure('sampling', 'UInt32', ({ flow }) => flow.sampling), default: '1' },
  key('l7', NAME, ({ flow }) => flow.l7),
  { ...key('l7_detail', 'String', ({ flow }) => flow.l7Detail), codec: TEXT_CODEC },
  meta('event_id', 'UInt64', ({ flow }) => flow.eventId),
  meta('topic', NAME, ({ position }) => position.topic),
  meta('partition', 'UInt32', ({ position }) => position.partition),
  { ...meta('offset', 'UInt64', ({ position }) => position.offset), codec: 'Delta, ZSTD(1)' },
  meta('index', 'UInt32', ({ position }) => position.index),
];

/** A column of `edges_1h`: `select` says in SQL how the view folds it from rows of `flows` called `f`. */
export type EdgeColumn = ColumnShape & { readonly select: string };

const dimension = (name: string, type: string, select = `f.${name}`): EdgeColumn => ({
  name,
  type,
  role: 'key',
  select,
});
const folded = (name: string, type: string, select: string): EdgeColumn => ({ name, type, role: 'measure', select });

/** One more than `OBSERVED_MEMBERS_LIMIT`, so that a full set tells "exactly 16" from "more". */
const MEMBERS = 17;
const sum = (name: string, select: string): EdgeColumn => folded(name, 'SimpleAggregateFunction(sum, UInt64)', select);
const members = (name: string, type: string, select: string): EdgeColumn =>
  folded(name, `SimpleAggregateFunction(groupUniqArrayArray(${MEMBERS}), Array(${type}))`, select);
const texts = (name: string, limit: number, select: string): EdgeColumn =>
  folded(
    name,
    `SimpleAggregateFunction(groupUniqArrayArray(${limit}), Array(String))`,
    `groupUniqArrayArray(${limit})(${select})`,
  );

/** Pods are told apart by labels; one whose labels the source does not know keeps the address by which they are found. */
function edgeEnd(prefix: 'src' | 'dst'): EdgeColumn[] {
  return [
    dimension(`${prefix}_ns`, NAME),
    dimension(`${prefix}_wl`, NAME),
    dimension(`${prefix}_labels`, 'UInt64'),
    dimension(`${prefix}_kind`, enumType(ENDPOINT_KINDS)),
    dimension(`${prefix}_wl_kind`, NAME),
    dimension(`${prefix}_peer`, NAME),
    dimension(
      `${prefix}_addr`,
      'IPv6',
      `if(f.${prefix}_kind = 'pod' AND f.${prefix}_labels != 0, toIPv6('::'), f.${prefix}_ip)`,
    ),
  ];
}

/** A flow without a pod name contributes its address, as people write it, so that members can be counted. */
function memberName(prefix: 'src' | 'dst'): string {
  const address = `replaceOne(toString(f.${prefix}_ip), '::ffff:', '')`;
  return `if(f.${prefix}_pod != '', f.${prefix}_pod, ${address})`;
}

/**
 * Columns of `edges_1h`. Its `key` columns, in this order, are the sorting key: the hours of one edge lie together, so
 * that an edge is folded from neighbouring rows and a question about one server reads one range.
 */
export const EDGE_COLUMNS: readonly EdgeColumn[] = [
  dimension('cluster', NAME),
  ...edgeEnd('dst'),
  dimension('dst_port', 'UInt16'),
  dimension('proto', 'UInt8'),
  ...edgeEnd('src'),
  dimension('hour', "DateTime('UTC')", "toStartOfHour(toDateTime(f.ts, 'UTC'))"),
  dimension('verdict', enumType(FLOW_VERDICTS)),
  dimension('reason', enumType(REASONS)),
  dimension('vantage', enumType(VANTAGES)),
  dimension('source', enumType(FORMATS)),
  folded('first_seen', `SimpleAggregateFunction(min, ${TIME})`, 'min(f.ts)'),
  folded('last_seen', `SimpleAggregateFunction(max, ${TIME})`, 'max(greatest(f.ts, f.ts_end))'),
  sum('records', 'count()'),
  sum('connections', 'sum(f.connections)'),
  // Some agents report the decision on a connection and its opening packet; these are the ones counted by decision.
  sum('decisions', "sumIf(f.connections, f.conn_basis = 'event')"),
  sum('bytes_fwd', 'sum(f.bytes_fwd * f.sampling)'),
  sum('bytes_rev', 'sum(f.bytes_rev * f.sampling)'),
  sum('unoriented', "countIf(f.oriented = 'unknown')"),
  sum('guessed', "countIf(f.oriented = 'ports')"),
  members('src_pods', 'String', `groupUniqArray(${MEMBERS})(${memberName('src')})`),
  members('dst_pods', 'String', `groupUniqArray(${MEMBERS})(${memberName('dst')})`),
  members('src_ips', 'IPv6', `groupUniqArray(${MEMBERS})(f.src_ip)`),
  members('dst_ips', 'IPv6', `groupUniqArray(${MEMBERS})(f.dst_ip)`),
  texts('allowed_by', 64, 'f.allowed_by'),
  texts('denied_by', 64, 'f.denied_by'),
  texts('pending', 64, 'f.pending'),
  texts('dst_names', 32, 'f.dst_names'),
  texts('principals', 32, "arrayFilter(x -> x != '', [f.src_principal])"),
  folded('ingested_at', "SimpleAggregateFunction(max, DateTime('UTC'))", 'max(f.ingested_at)'),
];

/** Names of the columns of `columns` that have `role`, in order. */
export function columnNames(columns: readonly ColumnShape[], role?: ColumnRole): string[] {
  return columns.filter((column) => role === undefined || column.role === role).map((column) => column.name);
}
