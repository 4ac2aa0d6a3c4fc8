import type { EndpointKind } from './enums.ts';
import type { LabelSet } from './labels.ts';

/**
 * One end of a flow or edge as far as its source knew it. Absent texts are `''`. `peer` is the name of a non-pod that
 * a rule can use: an FQDN, a CIDR, a network set, a cloud service; it is empty for pods.
 */
export interface Endpoint {
  readonly kind: EndpointKind;
  readonly namespace: string;
  readonly workload: string;
  /** Kubernetes kind of the owner (`Deployment`, `StatefulSet` …); `Pod` when the pod stands alone; `''` unknown. */
  readonly workloadKind: string;
  readonly pod: string;
  readonly labels: LabelSet;
  readonly peer: string;
  /** SPIFFE-like identity `spiffe://td/ns/<namespace>/sa/<account>`, where a mesh reports one. */
  readonly principal: string;
  /** Numeric security identity of the source (Cilium); never a key, because it is not stable. */
  readonly identity: number;
}

/** `namespace/workload`, the way people type an endpoint; falls back to the peer name, then to the kind. */
export function endpointName(endpoint: Pick<Endpoint, 'kind' | 'namespace' | 'workload' | 'peer'>): string {
  if (endpoint.workload !== '') return `${endpoint.namespace}/${endpoint.workload}`;
  if (endpoint.peer !== '') return endpoint.peer;
  return endpoint.namespace !== '' ? `${endpoint.namespace}/?` : endpoint.kind;
}
