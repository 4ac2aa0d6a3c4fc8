import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import { UNKNOWN_LABELS } from '../../model/labels.ts';
import type { ClassifiedEdge } from '../check/classify.ts';
import type { BlindSpots } from './week.ts';

/** What of these edges no policy question can be answered for. */
export function blindSpots(
  edges: readonly Edge[],
  entries: readonly ClassifiedEdge[],
  lostEvents: number | null,
): BlindSpots {
  const unclear = edges.filter((edge) => edge.unclear !== undefined);
  const uncertain = entries.filter((entry) => entry.class === 'uncertain');
  return {
    unclearEdges: unclear.length,
    unclearFlows: unclear.reduce((sum, edge) => sum + (edge.unclear?.flows ?? 0), 0),
    unorientedEdges: edges.filter((edge) => !edge.oriented).length,
    unlabelledEdges: edges.filter((edge) => isUnlabelled(edge.client) || isUnlabelled(edge.server)).length,
    uncertainEdges: new Set(uncertain.map((entry) => entry.edge)).size,
    lostEvents,
  };
}

function isUnlabelled(endpoint: EdgeEndpoint): boolean {
  return endpoint.kind === 'pod' && endpoint.labels.id === UNKNOWN_LABELS.id;
}
