import type { Edge, EdgeEndpoint } from '../model/edge.ts';
import { canonicalLabels } from '../model/labels.ts';
import { compareText } from '../util/compare.ts';
import { CLASSES, type ClassifiedEdge } from './classify.ts';

/** Total order of endpoints by what people read first: cluster, namespace, workload, then everything else. */
export function compareEndpoints(a: EdgeEndpoint, b: EdgeEndpoint): number {
  return (
    compareText(a.cluster, b.cluster) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.workload, b.workload) ||
    compareText(a.workloadKind, b.workloadKind) ||
    compareText(a.kind, b.kind) ||
    compareText(a.peer, b.peer) ||
    compareText(a.address, b.address) ||
    (a.labels === b.labels ? 0 : compareText(canonicalLabels(a.labels.labels), canonicalLabels(b.labels.labels)))
  );
}

/** Total order of edges: client, server, protocol, port. */
export function compareEdges(a: Edge, b: Edge): number {
  return (
    compareEndpoints(a.client, b.client) ||
    compareEndpoints(a.server, b.server) ||
    a.protocol - b.protocol ||
    a.port - b.port ||
    Number(a.oriented) - Number(b.oriented)
  );
}

/** Worst class first, then by edge, what passed before what was denied. */
export function compareEntries(a: ClassifiedEdge, b: ClassifiedEdge): number {
  return (
    CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class) ||
    compareEdges(a.edge, b.edge) ||
    compareText(b.outcome, a.outcome)
  );
}
