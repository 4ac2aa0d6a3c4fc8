import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import { REASONS, type Reason, type Vantage } from '../../model/enums.ts';
import { compareText } from '../../util/compare.ts';
import { countingSort, positionsOf } from '../../util/counting-sort.ts';
import { invariant } from '../../util/invariant.ts';
import type { ResultRow } from '../engine/rows.ts';
import type { Store } from '../store.ts';
import { ACTIVITY_SQL, ActivityLists } from './activity-lists.ts';
import { type EdgePages, readEdgePages } from './edge-pages.ts';
import { edgeRelation } from './edge-relation.ts';
import { endpointId, readEndpoints } from './endpoints.ts';
import { type EdgePart, foldEdge, isGuess, OUTCOMES } from './fold-edges.ts';
import { confirmGuesses, readListeners } from './listeners.ts';
import type { TimeWindow } from './window.ts';

/** Which edges to read; an absent field asks nothing. */
export interface EdgeFilter {
  readonly client?: ((end: EdgeEndpoint) => boolean) | undefined;
  readonly server?: ((end: EdgeEndpoint) => boolean) | undefined;
  readonly protocol?: number | undefined;
  readonly port?: number | undefined;
}

const OUTCOME_SQL =
  "multiIf(reason = 'other_drop' OR verdict IN ('unknown', 'error'), 2, verdict = 'deny', 1, 0) AS outcome";

/** A set as one sorted text, one member a line: equal sets are then found by one look-up and built once. */
const set = (column: string, limit: number, member = 'x') =>
  `arrayStringConcat(arraySort(arrayMap(x -> ${member}, groupUniqArrayArray(${limit})(${column}))), '\\n')`;
const addresses = (column: string) => set(column, 17, "replaceOne(toString(x), '::ffff:', '')");

/** One row per edge, outcome, vantage and source, over the hours of the window; rows of one edge in succession. */
const PARTS = [
  `${endpointId('src')} AS client`,
  `${endpointId('dst')} AS server`,
  'proto',
  'dst_port',
  OUTCOME_SQL,
  'vantage',
  'toFloat64(sum(e.records))',
  // A decision and the opening packet of the same connection must not count twice.
  'toFloat64(greatest(sum(e.decisions), sum(e.connections) - sum(e.decisions)))',
  'toFloat64(sum(e.unoriented))',
  'toFloat64(sum(e.guessed))',
  'toFloat64(toUnixTimestamp64Milli(min(e.first_seen)))',
  'toFloat64(toUnixTimestamp64Milli(max(e.last_seen)))',
  ACTIVITY_SQL,
  set('src_pods', 17),
  set('dst_pods', 17),
  addresses('src_ips'),
  addresses('dst_ips'),
  'groupBitOr(bitShiftLeft(1, toUInt8(reason)))',
  set('allowed_by', 64),
  set('denied_by', 64),
  set('dst_names', 32),
].join(', ');

const GROUP_SQL =
  'GROUP BY client, server, proto, dst_port, outcome, vantage, source ORDER BY client, server, proto, dst_port';

/**
 * Every edge of the window (moved outwards to full hours) as `src/model/edge.ts` says, in a total order that does not
 * depend on how they were stored. Equal ends and label sets are the same object. Read in pages, so the engine never
 * holds more than a part of the answer.
 */
export async function readEdges(store: Store, window: TimeWindow, filter: EdgeFilter = {}): Promise<Edge[]> {
  const relation = await edgeRelation(store, window);
  const ends = rankEnds(await readEndpoints(store, relation));
  const clients = chosen(ends, filter.client);
  const servers = chosen(ends, filter.server);
  if (clients?.size === 0 || servers?.size === 0) return [];
  const edges: Edge[] = [];
  const [clientRanks, serverRanks]: [number[], number[]] = [[], []];
  const [clientOf, serverOf] = [endReader(ends), endReader(ends)];
  const guessed = new Set<Edge>();
  const activities = new ActivityLists();
  const readPart = partReader(activities);
  const add = (rows: readonly ResultRow[]): void => {
    const first = rows[0] as ResultRow;
    const client = clientOf(first[0]);
    const server = serverOf(first[1]);
    if (filter.client?.(client.end) === false || filter.server?.(server.end) === false) return;
    const key = { client: client.end, server: server.end, protocol: Number(first[2]), port: Number(first[3]) };
    const parts = rows.map(readPart);
    const edge = foldEdge(key, parts, activities);
    if (isGuess(parts)) guessed.add(edge);
    edges.push(edge);
    clientRanks.push(client.rank);
    serverRanks.push(server.rank);
  };
  const question = { relation, ...pagesOf(filter, clients, servers) };
  for await (const page of readEdgePages(store, question)) await eachEdge(page, add);
  const sorted = sortEdges(edges, { clientRanks, serverRanks, ends: ends.size });
  return guessed.size === 0 ? sorted : confirmGuesses(sorted, guessed, await readListeners(store));
}

/** An end with its place in the order of results. */
interface RankedEnd {
  readonly end: EdgeEndpoint;
  readonly rank: number;
}

function rankEnds(ends: ReadonlyMap<string, EdgeEndpoint>): ReadonlyMap<string, RankedEnd> {
  const ranked = [...ends].sort(([, a], [, b]) => compareEnds(a, b));
  return new Map(ranked.map(([id, end], rank) => [id, { end, rank }]));
}

/** Looks ends up by id. Texts of a result are new objects with each row, and telling two equal is cheaper than looking up. */
function endReader(ends: ReadonlyMap<string, RankedEnd>): (id: unknown) => RankedEnd {
  let lastId: unknown;
  let last: RankedEnd | undefined;
  return (id) => {
    if (last === undefined || id !== lastId) last = ends.get(id as string);
    invariant(last !== undefined, `edges_1h has an end ${id} that its own list of ends has not`);
    lastId = id;
    return last;
  };
}

function chosen(
  ends: ReadonlyMap<string, RankedEnd>,
  accepts: ((end: EdgeEndpoint) => boolean) | undefined,
): ReadonlySet<string> | undefined {
  if (!accepts) return undefined;
  return new Set([...ends].filter(([, { end }]) => accepts(end)).map(([id]) => id));
}

/** More ids than this are not worth sending with the query; the reader leaves the others out itself. */
const SENT_IDS = 2_000;

function pagesOf(
  filter: EdgeFilter,
  clients: ReadonlySet<string> | undefined,
  servers: ReadonlySet<string> | undefined,
): Omit<EdgePages, 'relation'> {
  const where: string[] = [];
  const parameters: Record<string, unknown> = {};
  const ask = (condition: string, name: string, value: unknown) => {
    where.push(condition);
    parameters[name] = value;
  };
  const ids = (chosenIds: ReadonlySet<string>) => [...chosenIds].map(BigInt);
  if (filter.port !== undefined) ask('dst_port = {port:UInt16}', 'port', filter.port);
  if (filter.protocol !== undefined) ask('proto = {protocol:UInt8}', 'protocol', filter.protocol);
  if (clients && clients.size <= SENT_IDS)
    ask(`has({clients:Array(UInt64)}, ${endpointId('src')})`, 'clients', ids(clients));
  if (servers && servers.size <= SENT_IDS)
    ask(`has({servers:Array(UInt64)}, ${endpointId('dst')})`, 'servers', ids(servers));
  return { where, sql: `SELECT ${PARTS}`, tail: GROUP_SQL, parameters };
}

/** Asks for the next chunk before the last one is worked off, so that the engine does not wait for us. */
async function* ahead<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next = iterator.next();
  for (let result = await next; !result.done; result = await next) {
    next = iterator.next();
    next.catch(() => undefined); // told when it is awaited
    yield result.value;
  }
}

/** Calls `add` with the successive rows of each edge. Not a generator: a promise for each of a million edges is felt. */
async function eachEdge(
  page: AsyncIterable<readonly ResultRow[]>,
  add: (rows: readonly ResultRow[]) => void,
): Promise<void> {
  let group: ResultRow[] = [];
  for await (const rows of ahead(page)) {
    for (const row of rows) {
      if (group[0] !== undefined && !sameEdge(group[0], row)) {
        add(group);
        group = [];
      }
      group.push(row);
    }
  }
  if (group.length > 0) add(group);
}

function sameEdge(a: ResultRow, b: ResultRow): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[3] === b[3] && a[2] === b[2];
}

/** Reads rows into parts. */
function partReader(activities: ActivityLists): (row: ResultRow) => EdgePart {
  const lists = new Map<string, readonly string[]>();
  const reader = () => listReader(lists);
  const [clientPods, serverPods, clientAddresses, serverAddresses] = [reader(), reader(), reader(), reader()];
  const [allowedBy, deniedBy, serverNames] = [reader(), reader(), reader()];
  return (row) => ({
    outcome: OUTCOMES[Number(row[4])] ?? 'unclear',
    vantage: row[5] as Vantage,
    flows: Number(row[6]),
    connections: Number(row[7]),
    unoriented: Number(row[8]),
    guessed: Number(row[9]),
    firstSeen: Number(row[10]),
    lastSeen: Number(row[11]),
    activity: activities.read(row[12] as string),
    clientPods: clientPods(row[13]),
    serverPods: serverPods(row[14]),
    clientAddresses: clientAddresses(row[15]),
    serverAddresses: serverAddresses(row[16]),
    reasons: reasonsOf(row[17] as number),
    allowedBy: allowedBy(row[18]),
    deniedBy: deniedBy(row[19]),
    serverNames: serverNames(row[20]),
  });
}

/** Reads the lists of one column. They repeat from edge to edge: equal ones become one object. Empty texts say nothing. */
function listReader(lists: Map<string, readonly string[]>): (value: unknown) => readonly string[] {
  let last = '';
  let list: readonly string[] = [];
  return (value) => {
    const text = value as string;
    if (text === last) return list;
    last = text;
    const known = lists.get(text);
    list = known ?? listOf(text);
    if (known === undefined) lists.set(text, list);
    return list;
  };
}

function listOf(text: string): readonly string[] {
  return [...new Set(text.split('\n'))].filter((one) => one !== '' && one !== '::').sort(compareText);
}

/** Reasons by their bits, sorted; `none` is not one. */
function reasonsOf(bits: number): readonly Reason[] {
  return bits === 1 ? [] : REASON_BITS.filter(([, bit]) => (bits & bit) !== 0).map(([reason]) => reason);
}

const REASON_BITS = Object.entries(REASONS)
  .filter(([, number]) => number > 0)
  .map(([reason, number]) => [reason as Reason, 1 << number] as const)
  .sort(([a], [b]) => compareText(a, b));

interface Ranks {
  readonly clientRanks: readonly number[];
  readonly serverRanks: readonly number[];
  readonly ends: number;
}

/** By client, server, protocol and port. */
function sortEdges(edges: readonly Edge[], { clientRanks, serverRanks, ends }: Ranks): Edge[] {
  const ports = new Uint16Array(edges.length);
  const protocols = new Uint8Array(edges.length);
  edges.forEach(({ port, protocol }, i) => {
    ports[i] = port;
    protocols[i] = protocol;
  });
  let order = countingSort(positionsOf(edges.length), ports, 65_536);
  order = countingSort(order, protocols, 256);
  order = countingSort(order, Int32Array.from(serverRanks), ends);
  order = countingSort(order, Int32Array.from(clientRanks), ends);
  const sorted: Edge[] = [];
  for (const i of order) sorted.push(edges[i] as Edge);
  return sorted;
}

function compareEnds(a: EdgeEndpoint, b: EdgeEndpoint): number {
  return (
    compareText(a.cluster, b.cluster) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.workload, b.workload) ||
    compareText(a.kind, b.kind) ||
    compareText(a.workloadKind, b.workloadKind) ||
    compareText(a.peer, b.peer) ||
    compareText(a.address, b.address) ||
    compareText(a.labels.id, b.labels.id)
  );
}
