import type { AskedWindow } from '../../model/asked-window.ts';
import type { Edge, EdgeEndpoint, Observation } from '../../model/edge.ts';
import { endpointJson } from '../../model/endpoint-json.ts';
import { type EndpointQuery, inRange, matchesEndpoint } from '../../model/endpoint-query.ts';
import { protocolName } from '../../model/ports.ts';
import { type OpenStoreOptions, openStore } from '../../store/client.ts';
import { readEdges } from '../../store/read/edges.ts';
import { resolveWindow } from '../../store/read/window.ts';
import { formatTable } from '../../util/table.ts';
import { isoTime, jsonArray, type QueryResult, shortTime } from './output.ts';

export interface EdgeQuestion extends AskedWindow {
  readonly store: OpenStoreOptions;
  readonly client?: EndpointQuery | undefined;
  readonly server?: EndpointQuery | undefined;
  readonly protocol?: number | undefined;
  readonly port?: number | undefined;
  readonly outcome?: 'allow' | 'deny' | 'unclear' | undefined;
  /** 0 = all. */
  readonly limit: number;
  readonly format: { readonly name: 'table' | 'json'; readonly width: number | undefined };
}

/** Who talked to whom: the edges that match, sorted by client, server, protocol and port. */
export async function queryEdges(question: EdgeQuestion): Promise<QueryResult> {
  const store = await openStore(question.store);
  try {
    const window = await resolveWindow(store, question);
    const { client, server, protocol, port } = question;
    const ends = { client: asFilter(client), server: asFilter(server) };
    const edges = (await readEdges(store, window, { ...ends, protocol, port })).filter((edge) =>
      matches(question, edge),
    );
    const shown = question.limit > 0 ? edges.slice(0, question.limit) : edges;
    const text = question.format.name === 'json' ? jsonArray(shown, edgeJson) : tableOf(shown, question.format.width);
    return { text, shown: shown.length, found: edges.length };
  } finally {
    await store.close();
  }
}

/** An address can also be that of a pod; these are looked up in what was observed. */
function asFilter(query: EndpointQuery | undefined): ((end: EdgeEndpoint) => boolean) | undefined {
  if (!query) return undefined;
  return (end) => matchesEndpoint(query, end) || (query.by === 'address' && end.kind === 'pod');
}

const outcomes = (edge: Edge): Observation[] => [edge.passed, edge.denied, edge.unclear].filter((o) => o !== undefined);

function matches({ client, server, outcome }: EdgeQuestion, edge: Edge): boolean {
  if (outcome === 'allow' && !edge.passed) return false;
  if (outcome === 'deny' && !edge.denied) return false;
  if (outcome === 'unclear' && !edge.unclear) return false;
  return (
    observedAt(client, edge.client, () => outcomes(edge).flatMap((seen) => seen.clientAddresses)) &&
    observedAt(server, edge.server, () => outcomes(edge).flatMap((seen) => seen.serverAddresses))
  );
}

function observedAt(query: EndpointQuery | undefined, end: EdgeEndpoint, addresses: () => readonly string[]): boolean {
  if (query?.by !== 'address' || end.kind !== 'pod') return true;
  return addresses().some((address) => inRange(query.range, address));
}

function edgeJson(edge: Edge): unknown {
  const seen = outcomes(edge);
  return {
    client: endpointJson(edge.client),
    server: endpointJson(edge.server),
    protocol: protocolName(edge.protocol),
    port: edge.port,
    flows: total(seen, ({ flows }) => flows),
    connections: total(seen, ({ connections }) => connections),
    passed: edge.passed?.flows ?? 0,
    denied: edge.denied?.flows ?? 0,
    unclear: edge.unclear?.flows ?? 0,
    firstSeen: isoTime(Math.min(...seen.map(({ firstSeen }) => firstSeen))),
    lastSeen: isoTime(Math.max(...seen.map(({ lastSeen }) => lastSeen))),
    ...(edge.serverNames.length > 0 ? { serverNames: edge.serverNames } : {}),
  };
}

function total(seen: readonly Observation[], count: (of: Observation) => number): number {
  return seen.reduce((sum, of) => sum + count(of), 0);
}

function tableOf(edges: readonly Edge[], width: number | undefined): string[] {
  const right = 'right' as const;
  const columns = [
    { title: 'CLIENT', least: 16 },
    { title: 'SERVER', least: 16 },
    { title: 'PORT', least: 9 },
    { title: 'PASSED', align: right },
    { title: 'DENIED', align: right },
    { title: 'UNCLEAR', align: right },
    { title: 'CONNECTIONS', align: right },
    { title: 'FIRST SEEN', least: 16 },
    { title: 'LAST SEEN', least: 16 },
  ];
  return edges.length === 0 ? [] : [formatTable(columns, edges.map(tableRow), width)];
}

function tableRow(edge: Edge): string[] {
  const seen = outcomes(edge);
  const count = (of: Observation | undefined) => String(of?.flows ?? 0);
  return [
    edgeEndName(edge.client),
    edgeEndName(edge.server),
    `${edge.port}/${protocolName(edge.protocol)}`,
    ...[count(edge.passed), count(edge.denied), count(edge.unclear)],
    String(total(seen, ({ connections }) => connections)),
    shortTime(Math.min(...seen.map(({ firstSeen }) => firstSeen))),
    shortTime(Math.max(...seen.map(({ lastSeen }) => lastSeen))),
  ];
}

/** `namespace/workload` of a pod; else name, address or kind, whichever is known first. */
export function edgeEndName({ kind, namespace, workload, peer, address }: EdgeEndpoint): string {
  if (workload !== '') return `${namespace}/${workload}`;
  const name = [peer, address].find((text) => text !== '');
  return name === undefined ? kind : kind === 'external' || peer !== '' ? name : `${kind} ${name}`;
}
