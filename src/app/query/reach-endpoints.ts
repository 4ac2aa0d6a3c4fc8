import { reach, type Step, trafficGraph } from '../../graph/traffic-graph.ts';
import type { AskedWindow } from '../../model/asked-window.ts';
import type { EdgeEndpoint } from '../../model/edge.ts';
import { endpointJson } from '../../model/endpoint-json.ts';
import { type EndpointQuery, matchesEndpoint } from '../../model/endpoint-query.ts';
import { protocolName } from '../../model/ports.ts';
import { type OpenStoreOptions, openStore } from '../../store/client.ts';
import { readEdges } from '../../store/read/edges.ts';
import { resolveWindow } from '../../store/read/window.ts';
import { formatTable } from '../../util/table.ts';
import { edgeEndName } from './edges.ts';
import { isoTime, jsonArray, type QueryResult, shortTime } from './output.ts';

export interface ReachQuestion extends AskedWindow {
  readonly store: OpenStoreOptions;
  readonly start: EndpointQuery;
  readonly towards: 'servers' | 'clients';
  readonly hops: number;
  readonly format: { readonly name: 'table' | 'json'; readonly width: number | undefined };
}

/** What observed connections lead to from one endpoint, hop by hop; outside the cluster the way ends. */
export async function reachEndpoints(question: ReachQuestion): Promise<QueryResult> {
  const store = await openStore(question.store);
  try {
    const window = await resolveWindow(store, question);
    const graph = trafficGraph(await readEdges(store, window));
    const steps = reach(graph, (end) => matchesEndpoint(question.start, end), { ...question, passesOn: isPod });
    const text = question.format.name === 'json' ? jsonArray(steps, stepJson) : stepTable(steps, question.format.width);
    return { text, shown: steps.length, found: steps.length };
  } finally {
    await store.close();
  }
}

const isPod = ({ kind }: EdgeEndpoint): boolean => kind === 'pod';

function stepJson({ hops, end, edge }: Step): unknown {
  return {
    hops,
    endpoint: endpointJson(end),
    client: endpointJson(edge.client),
    server: endpointJson(edge.server),
    protocol: protocolName(edge.protocol),
    port: edge.port,
    flows: edge.passed?.flows ?? 0,
    firstSeen: isoTime(edge.passed?.firstSeen ?? 0),
    lastSeen: isoTime(edge.passed?.lastSeen ?? 0),
  };
}

function stepTable(steps: readonly Step[], width: number | undefined): string[] {
  if (steps.length === 0) return [];
  const columns = [
    { title: 'HOPS', align: 'right' as const },
    { title: 'ENDPOINT', least: 16 },
    { title: 'CLIENT', least: 16 },
    { title: 'SERVER', least: 16 },
    { title: 'PORT', least: 9 },
    { title: 'FLOWS', align: 'right' as const },
    { title: 'LAST SEEN', least: 16 },
  ];
  const rows = steps.map(({ hops, end, edge }) => [
    String(hops),
    edgeEndName(end),
    edgeEndName(edge.client),
    edgeEndName(edge.server),
    `${edge.port}/${protocolName(edge.protocol)}`,
    String(edge.passed?.flows ?? 0),
    shortTime(edge.passed?.lastSeen ?? 0),
  ]);
  return [formatTable(columns, rows, width)];
}
