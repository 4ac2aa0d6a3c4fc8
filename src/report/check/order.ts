import type { EdgeEndpoint } from '../../model/edge.ts';
import { canonicalLabels } from '../../model/labels.ts';
import { compareText } from '../../util/compare.ts';
import { CLASSES, type ClassifiedEdge } from './classify.ts';

/**
 * Worst class first, then client, server, protocol and port, what passed before what was denied: a total order that
 * does not depend on where the entries come from. Endpoints are ranked once, so that entries compare by number.
 */
export function sortEntries(entries: readonly ClassifiedEdge[]): ClassifiedEdge[] {
  const ranks = rankEndpoints(entries);
  const rank = (endpoint: EdgeEndpoint) => ranks.get(endpoint) ?? 0;
  return [...entries].sort(
    (a, b) =>
      CLASSES.indexOf(a.class) - CLASSES.indexOf(b.class) ||
      rank(a.edge.client) - rank(b.edge.client) ||
      rank(a.edge.server) - rank(b.edge.server) ||
      a.edge.protocol - b.edge.protocol ||
      a.edge.port - b.edge.port ||
      compareText(b.outcome, a.outcome),
  );
}

function rankEndpoints(entries: readonly ClassifiedEdge[]): Map<EdgeEndpoint, number> {
  const endpoints = [...new Set(entries.flatMap(({ edge }) => [edge.client, edge.server]))].sort(compareEndpoints);
  const ranks = new Map<EdgeEndpoint, number>();
  let rank = 0;
  endpoints.forEach((endpoint, i) => {
    const before = endpoints[i - 1];
    if (before !== undefined && compareEndpoints(before, endpoint) !== 0) rank += 1;
    ranks.set(endpoint, rank);
  });
  return ranks;
}

/** Total order of endpoints by what people read first: cluster, namespace, workload, then everything else. */
function compareEndpoints(a: EdgeEndpoint, b: EdgeEndpoint): number {
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
