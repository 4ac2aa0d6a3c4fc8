import type { EdgeEndpoint } from './edge.ts';
import type { EndpointKind } from './enums.ts';
import { UNKNOWN_LABELS } from './labels.ts';

/** Things that policies name by what they are; their address says little. */
const ENTITIES: ReadonlySet<EndpointKind> = new Set(['unknown', 'host', 'apiserver', 'ingress', 'health']);

/**
 * The stable JSON form of an end of an edge: `{namespace, workload, labels}` of a pod, else `{cidr}` of an address, else
 * `{entity}`. Further fields appear only where they are needed to tell ends apart: `labelsKnown: false` where the
 * source did not say labels, `name` of an address that has one, `address` of an entity.
 */
export function endpointJson(endpoint: EdgeEndpoint): Record<string, unknown> {
  const { kind, namespace, workload, labels, peer, address } = endpoint;
  if (kind === 'pod' || workload !== '') {
    const unknown = labels.id === UNKNOWN_LABELS.id ? { labelsKnown: false } : {};
    return { namespace, workload, labels: Object.fromEntries(labels.labels), ...unknown };
  }
  if (ENTITIES.has(kind) || address === '') {
    return { entity: peer === '' ? kind : peer, ...(address === '' ? {} : { address }) };
  }
  return { cidr: `${address}/${address.includes(':') ? 128 : 32}`, ...(peer === '' ? {} : { name: peer }) };
}
