import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import type { ClassifiedEdge } from '../check/classify.ts';

/**
 * Entries whose edge the earlier edges do not contain. Edges are compared by workload, not by labels, so that a changed
 * label is no news; outside clients count as one, because a public service meets new addresses every day.
 */
export function newEntries(entries: readonly ClassifiedEdge[], earlier: readonly Edge[]): ClassifiedEdge[] {
  const known = new Set(earlier.map(edgeKey));
  return entries.filter((entry) => !known.has(edgeKey(entry.edge)));
}

function edgeKey({ client, server, protocol, port }: Edge): string {
  const address = client.kind === 'external' ? '' : client.address;
  return [endpointKey(client), address, endpointKey(server), server.address, protocol, port].join('\0');
}

function endpointKey(endpoint: EdgeEndpoint): string {
  const { cluster, kind, namespace, workloadKind, workload, peer } = endpoint;
  return [cluster, kind, namespace, workloadKind, workload, peer].join('\0');
}
