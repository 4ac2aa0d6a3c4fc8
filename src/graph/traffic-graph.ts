import { MultiDirectedGraph } from 'graphology';
import type { Edge, EdgeEndpoint } from '../model/edge.ts';
import { compareText } from '../util/compare.ts';

/** Who stands at a node; workloads with several label sets are one node. */
interface TrafficNode {
  readonly end: EdgeEndpoint;
}

interface TrafficArc {
  readonly edge: Edge;
}

/** What passed between endpoints, as a directed graph from client to server. */
export type TrafficGraph = MultiDirectedGraph<TrafficNode, TrafficArc>;

/** The graph of all edges on which something passed. Who opened a connection must be known. */
export function trafficGraph(edges: readonly Edge[]): TrafficGraph {
  const graph: TrafficGraph = new MultiDirectedGraph();
  for (const edge of edges) {
    if (edge.passed === undefined || !edge.oriented) continue;
    const client = nodeKey(edge.client);
    const server = nodeKey(edge.server);
    graph.mergeNode(client, { end: edge.client });
    graph.mergeNode(server, { end: edge.server });
    graph.addDirectedEdge(client, server, { edge });
  }
  return graph;
}

/** One step on the way: `hops` steps from the start, over `edge`. */
export interface Step {
  readonly hops: number;
  /** The end that is reached by this step. */
  readonly end: EdgeEndpoint;
  readonly edge: Edge;
}

export interface ReachOptions {
  /** `servers`: who can be reached from the start; `clients`: who can reach it. */
  readonly towards: 'servers' | 'clients';
  readonly hops: number;
  /** An attacker inside a workload moves on only where this holds; e.g. not out of the cluster and back. */
  readonly passesOn: (end: EdgeEndpoint) => boolean;
}

/**
 * Everything reached from the endpoints that `starts` accepts, breadth first: each newly reached endpoint with every
 * edge by which the hop before leads to it, sorted by hops and name.
 */
export function reach(graph: TrafficGraph, starts: (end: EdgeEndpoint) => boolean, options: ReachOptions): Step[] {
  const seen = new Set(graph.filterNodes((_, { end }) => starts(end)));
  let frontier = [...seen].sort(compareText);
  const steps: Step[] = [];
  for (let hops = 1; hops <= options.hops && frontier.length > 0; hops += 1) {
    const found = frontier
      .flatMap((node) => stepsFrom(graph, node, options.towards))
      .filter(({ node }) => !seen.has(node));
    for (const { node } of found) seen.add(node);
    found.sort((a, b) => compareText(a.node, b.node) || a.edge.protocol - b.edge.protocol || a.edge.port - b.edge.port);
    steps.push(...found.map(({ node, edge }) => ({ hops, edge, end: graph.getNodeAttribute(node, 'end') })));
    const next = new Set(found.map(({ node }) => node));
    frontier = [...next].filter((node) => options.passesOn(graph.getNodeAttribute(node, 'end'))).sort(compareText);
  }
  return steps;
}

function stepsFrom(graph: TrafficGraph, node: string, towards: ReachOptions['towards']) {
  return towards === 'servers'
    ? graph.mapOutEdges(node, (_, { edge }, __, target) => ({ node: target, edge }))
    : graph.mapInEdges(node, (_, { edge }, source) => ({ node: source, edge }));
}

function nodeKey({ cluster, kind, namespace, workloadKind, workload, peer, address, labels }: EdgeEndpoint): string {
  if (workload !== '') return [cluster, kind, namespace, workload, workloadKind].join('\0');
  return [cluster, kind, namespace, peer, address, peer === '' && address === '' ? labels.id : ''].join('\0');
}
