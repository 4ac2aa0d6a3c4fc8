import type { Graph } from './graph.ts';

/** What a user may change about a graph without editing it. */
export interface GraphChanges {
  readonly days?: number;
  readonly seed?: number;
  /** Milliseconds since the epoch. */
  readonly start?: number;
  readonly nodes?: number;
  /** Pods of every Deployment, ReplicaSet and StatefulSet. */
  readonly replicas?: number;
}

const REPLICATED = new Set(['Deployment', 'ReplicaSet', 'StatefulSet']);

/** The graph with the changes made to it. */
export function adjustGraph(graph: Graph, changes: GraphChanges): Graph {
  const { days, seed, start, nodes, replicas } = changes;
  return {
    ...graph,
    days: days ?? graph.days,
    seed: seed ?? graph.seed,
    nodes: nodes ?? graph.nodes,
    start: start === undefined ? graph.start : new Date(start).toISOString(),
    workloads: graph.workloads.map((workload) =>
      replicas !== undefined && REPLICATED.has(workload.kind) ? { ...workload, replicas } : workload,
    ),
  };
}
