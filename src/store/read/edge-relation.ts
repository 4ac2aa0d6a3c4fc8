import { columnNames, EDGE_COLUMNS } from '../../model/columns.ts';
import type { QueryParameters } from '../engine/backend.ts';
import type { Store } from '../store.ts';
import { builtRows } from './build-inventory.ts';
import { isOpen, joinEnds } from './joined-ends.ts';
import { hoursOf, IN_HOURS, type TimeWindow } from './window.ts';

/** Edges as readers see them: a sub-query with those columns of `edges_1h` that are read, and its parameters. */
export interface EdgeRelation {
  readonly sql: string;
  readonly parameters: QueryParameters;
  /** Stored rows it is made of, at most. */
  readonly rows: number;
}

const KEYS = columnNames(EDGE_COLUMNS, 'key');
/** Measures that readers use. */
const SUMS = ['records', 'connections', 'decisions', 'unoriented', 'guessed'];
const LISTS: Readonly<Record<string, number>> = {
  src_pods: 17,
  dst_pods: 17,
  src_ips: 17,
  dst_ips: 17,
  allowed_by: 64,
  denied_by: 64,
  dst_names: 32,
};
const READ = [...KEYS, 'first_seen', 'last_seen', ...SUMS, ...Object.keys(LISTS)];

const OPEN = (of: string) => `(${isOpen('src', of)} OR ${isOpen('dst', of)})`;

/** The address of a pod is no part of it, once it cannot help any more to find out which pod it is. */
const shown = (of: string) => (name: string) => {
  const end = name.slice(0, 3);
  return name.endsWith('_addr')
    ? `if(${of}.${end}_kind = 'pod', toIPv6('::'), ${of}.${name}) AS ${name}`
    : `${of}.${name} AS ${name}`;
};

/** Edges as they are stored: what there is without an inventory. */
const STORED = `(SELECT ${READ.map(shown('e')).join(', ')} FROM edges_1h AS e WHERE ${IN_HOURS})`;

/** Edges of which the sources told all there is to know. */
const CLOSED = `SELECT ${READ.map(shown('e')).join(', ')} FROM edges_1h AS e WHERE ${IN_HOURS} AND NOT ${OPEN('e')}`;

/** Addresses that changed hands, with the hours in which they did. */
const SWITCHES = `SELECT cluster, address, toStartOfHour(toDateTime(begins, 'UTC')) AS hour FROM ${builtRows('address_holders')}
  WHERE begins > toDateTime64('1970-01-01 00:00:00', 3, 'UTC')`;

const IS_RETAINED = (hour: string) => `has({retained:Array(UInt32)}, toUInt32(toUnixTimestamp(${hour})))`;

/** Condition: an address of the row changed hands in its hour, and all flows of the hour are there to be asked. */
const SPLITS = (cluster: string, source: string, destination: string, hour: string) =>
  `(${IS_RETAINED(hour)} AND ((${cluster}, ${source}, ${hour}) IN (${SWITCHES}) OR (${cluster}, ${destination}, ${hour}) IN (${SWITCHES})))`;

/** FINAL merges rows of one key first: who had an address all the time depends on all of them. */
const HOURS = `SELECT ${READ.map((name) => `e.${name} AS ${name}`).join(', ')}, e.first_seen AS time_from, e.last_seen AS time_to
  FROM edges_1h AS e FINAL
  WHERE ${IN_HOURS} AND ${OPEN('e')} AND NOT ${SPLITS('e.cluster', 'e.src_addr', 'e.dst_addr', 'e.hour')}`;

const FLOWS_IN_HOURS = "f.ts >= toDateTime({from:UInt32}, 'UTC') AND f.ts < toDateTime({to:UInt32}, 'UTC')";

const selectOf = (column: string): string => EDGE_COLUMNS.find(({ name }) => name === column)?.select ?? '';

/** The others folded by the moment, from flows. */
const MOMENTS = `SELECT *, moment AS time_from, moment AS time_to FROM (
  SELECT ${EDGE_COLUMNS.map(({ name, select }) => `${select} AS ${name}`).join(', ')}, f.ts AS moment FROM flows AS f
  WHERE ${FLOWS_IN_HOURS} AND ${OPEN('f')}
    AND ${SPLITS('f.cluster', selectOf('src_addr'), selectOf('dst_addr'), selectOf('hour'))}
  GROUP BY ${KEYS.join(', ')}, moment)`;

const joined = (rows: string) => joinEnds(rows, READ);

/** Hours of open edges in which an address changed hands and of which every flow is still there. */
const RETAINED = `SELECT toUInt32(toUnixTimestamp(e.hour)) FROM (
    SELECT hour, sum(records) AS records FROM edges_1h AS e WHERE ${IN_HOURS} AND ${OPEN('e')}
      AND hour IN (SELECT hour FROM (${SWITCHES})) GROUP BY hour
  ) AS e INNER JOIN (
    SELECT ${selectOf('hour')} AS hour, count() AS flows FROM flows AS f WHERE ${FLOWS_IN_HOURS} AND ${OPEN('f')} GROUP BY hour
  ) AS f ON e.hour = f.hour WHERE e.records = f.flows ORDER BY e.hour`;

/**
 * What to read the edges of `window` from. Ends that sources told by address or name only get what the inventory knows
 * of them at that time, however late the inventory came. In an hour in which an address changed hands its flows tell
 * whose it was; once they have aged out, only edges of which all flows lie in one holder's time get an end.
 */
export async function edgeRelation(store: Store, window: TimeWindow): Promise<EdgeRelation> {
  const hours = hoursOf(window);
  const [state] = await store.query(
    `SELECT count(), countIf(${OPEN('e')}), (SELECT count() FROM inventory_builds) FROM edges_1h AS e WHERE ${IN_HOURS}`,
    hours,
  );
  const [rows = 0, open, builds] = (state ?? []).map(Number);
  if (open === 0 || builds === 0) return { sql: STORED, parameters: hours, rows };
  const retained = (await store.query(RETAINED, hours)).map(([hour]) => hour);
  const parts = [CLOSED, joined(HOURS), ...(retained.length > 0 ? [joined(MOMENTS)] : [])];
  return { sql: `(${parts.join(' UNION ALL ')})`, parameters: { ...hours, retained }, rows };
}
