import type { EdgeEndpoint } from '../../model/edge.ts';
import type { EndpointQuery } from '../../model/endpoint-query.ts';
import type { EndpointKind, FlowFormat, FlowVerdict, Reason, Vantage } from '../../model/enums.ts';
import type { RecordPosition } from '../../model/flow.ts';
import type { LabelSet } from '../../model/labels.ts';
import { isIpv4 } from '../../util/ip.ts';
import type { Store } from '../store.ts';
import { readLabelSets } from './endpoints.ts';
import { type FlowQuestion, joinedFlows } from './flow-relation.ts';
import { addressText } from './values.ts';
import type { TimeWindow } from './window.ts';

/** Which flows to read; an absent field asks nothing. */
export interface FlowFilter {
  readonly client?: EndpointQuery | undefined;
  readonly server?: EndpointQuery | undefined;
  readonly protocol?: number | undefined;
  readonly port?: number | undefined;
  readonly verdict?: FlowVerdict | undefined;
}

/** One end of a stored flow: unlike ends of edges, pods have a name, an address and a port. */
export interface StoredEnd extends EdgeEndpoint {
  readonly pod: string;
  readonly port: number;
}

/** A stored flow as far as a person asks for it. */
export interface StoredFlow {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly format: FlowFormat;
  readonly node: string;
  readonly vantage: Vantage;
  readonly client: StoredEnd;
  readonly server: StoredEnd;
  readonly protocol: number;
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  readonly serverNames: readonly string[];
  readonly l7: string;
  readonly position: RecordPosition;
}

const END = ['kind', 'ns', 'wl', 'wl_kind', 'labels', 'peer', 'ip', 'pod', 'port'];
const COLUMNS = [
  'toFloat64(toUnixTimestamp64Milli(ts))',
  ...['source', 'node', 'vantage', 'cluster', 'proto', 'verdict', 'reason'],
  ...['allowed_by', 'denied_by', 'dst_names', 'l7', 'topic', 'partition', 'toFloat64(`offset`)', '`index`'],
  ...['src', 'dst'].flatMap((prefix) => END.map((column) => `${prefix}_${column}`)),
];

/**
 * Flows of the window that `filter` accepts, newest first, at most `limit` (0 = all), in groups. Ends that the source
 * told by address only are what the inventory knows of the address at the time.
 */
export async function* readFlows(
  store: Store,
  window: TimeWindow,
  filter: FlowFilter,
  limit: number,
): AsyncGenerator<readonly StoredFlow[]> {
  const labelSets = await readLabelSets(store);
  const { always, ends, holders, parameters } = conditionsOf(window, filter);
  const newest = `ORDER BY ts DESC, topic, partition, \`offset\`, \`index\`${limit > 0 ? ' LIMIT {limit:UInt64}' : ''}`;
  const [builds] = await store.query('SELECT count() FROM inventory_builds');
  const from = Number(builds?.[0]) === 0 ? 'flows' : joinedFlows({ always, ends, holders, newest });
  const where = from === 'flows' ? [...always, ...ends] : ['true', ...ends];
  const sql = `SELECT ${COLUMNS.join(', ')} FROM ${from} AS f WHERE ${where.join(' AND ')} ${newest}`;
  for await (const rows of store.stream(sql, { ...parameters, ...(limit > 0 ? { limit } : {}) }))
    yield rows.map((row) => flowOf(row, labelSets));
}

interface Conditions extends Omit<FlowQuestion, 'newest'> {
  readonly parameters: Readonly<Record<string, unknown>>;
}

function conditionsOf(window: TimeWindow, filter: FlowFilter): Conditions {
  const always = ['ts >= fromUnixTimestamp64Milli({from:Int64})', 'ts < fromUnixTimestamp64Milli({to:Int64})'];
  const ends: string[] = [];
  const parameters: Record<string, unknown> = { from: window.from, to: window.to };
  const ask = (list: string[], name: string, condition: string, value: unknown) => {
    if (value === undefined) return;
    list.push(condition);
    parameters[name] = value;
  };
  ask(always, 'protocol', 'proto = {protocol:UInt8}', filter.protocol);
  ask(always, 'verdict', 'verdict = {verdict:String}', filter.verdict);
  ask(ends, 'port', 'dst_port = {port:UInt16}', filter.port);
  const asked = (['src', 'dst'] as const).flatMap((prefix) => {
    const query = prefix === 'src' ? filter.client : filter.server;
    return query === undefined ? [] : [{ prefix, ...endConditions(prefix, query, parameters) }];
  });
  for (const { prefix, of, byAddress } of asked) (byAddress ? always : ends).push(of(`${prefix}_`));
  const holders = asked
    .filter(({ byAddress }) => !byAddress)
    .map(({ prefix, of }) => ({ prefix, holder: of(''), told: of(`f.${prefix}_`) }));
  return { always, ends, holders, parameters };
}

interface EndCondition {
  /** The condition on columns of an end whose names begin with `columns`. */
  of(columns: string): string;
  /** Whether only the address counts, which no inventory changes. */
  readonly byAddress: boolean;
}

/** What `query` asks of an end; its values are added to `parameters`. */
function endConditions(prefix: string, query: EndpointQuery, parameters: Record<string, unknown>): EndCondition {
  const bind = (name: string, type: string, value: unknown) => {
    parameters[`${prefix}_${name}`] = value;
    return `{${prefix}_${name}:${type}}`;
  };
  switch (query.by) {
    case 'name': {
      const namespace = bind('ns', 'String', query.namespace);
      const workload = query.workload === undefined ? undefined : bind('wl', 'String', query.workload);
      const and = (columns: string) => (workload === undefined ? '' : ` AND ${columns}wl = ${workload}`);
      return { of: (columns) => `(${columns}ns = ${namespace}${and(columns)})`, byAddress: false };
    }
    case 'kind': {
      const kinds = bind('kinds', 'Array(String)', query.kinds);
      return { of: (columns) => `has(${kinds}, toString(${columns}kind))`, byAddress: false };
    }
    case 'address': {
      const first = bind('first', 'String', ipv6Text(query.range.from));
      const last = bind('last', 'String', ipv6Text(query.range.to));
      const within = (columns: string) => `${columns}ip >= toIPv6(${first}) AND ${columns}ip <= toIPv6(${last})`;
      return { of: (columns) => `(${within(columns)})`, byAddress: true };
    }
    case 'labels': {
      const terms = query.terms.map(({ key, value, equal }, at) => {
        const wanted = bind(`value${at}`, 'String', value);
        const name = bind(`key${at}`, 'String', key);
        const same = `(mapContains(labels, ${name}) AND labels[${name}] = ${wanted})`;
        return equal ? same : `NOT ${same}`;
      });
      const sets = `SELECT id FROM label_sets WHERE ${terms.join(' AND ')}`;
      return { of: (columns) => `(${columns}kind = 'pod' AND ${columns}labels IN (${sets}))`, byAddress: false };
    }
  }
}

/** An address of `util/ip` as IPv6 text. */
function ipv6Text(address: bigint): string {
  const value = isIpv4(address) ? 0xffff_0000_0000n + (address & 0xffff_ffffn) : address;
  const hex = value.toString(16).padStart(32, '0');
  return (hex.match(/.{4}/g) ?? []).join(':');
}

function flowOf(row: readonly unknown[], labelSets: ReadonlyMap<string, LabelSet>): StoredFlow {
  const [time, format, node, vantage, cluster, protocol, verdict, reason] = row;
  const [allowedBy, deniedBy, serverNames, l7, topic, partition, offset, index] = row.slice(8);
  const end = (at: number) => endOf(row.slice(at, at + END.length), String(cluster), labelSets);
  return {
    time: Number(time),
    format: format as FlowFormat,
    node: node as string,
    vantage: vantage as Vantage,
    client: end(16),
    server: end(16 + END.length),
    protocol: Number(protocol),
    verdict: verdict as FlowVerdict,
    reason: reason as Reason,
    allowedBy: allowedBy as string[],
    deniedBy: deniedBy as string[],
    serverNames: serverNames as string[],
    l7: l7 as string,
    position: { topic: topic as string, partition: Number(partition), offset: Number(offset), index: Number(index) },
  };
}

function endOf(values: readonly unknown[], cluster: string, labelSets: ReadonlyMap<string, LabelSet>): StoredEnd {
  const [kind, namespace, workload, workloadKind, labels, peer, address, pod, port] = values as string[];
  return {
    cluster,
    kind: (kind ?? 'unknown') as EndpointKind,
    namespace: namespace ?? '',
    workload: workload ?? '',
    workloadKind: workloadKind ?? '',
    labels: labelSets.get(labels ?? '0') ?? { id: labels ?? '0', labels: new Map() },
    peer: peer ?? '',
    address: addressText(address ?? '::'),
    pod: pod ?? '',
    port: Number(port),
  };
}
