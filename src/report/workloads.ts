import type { Edge, EdgeEndpoint, Observation } from '../model/edge.ts';
import { type Inventory, type Workload, workloadId } from '../model/inventory.ts';
import { compareText } from '../util/compare.ts';

/** The workload as an end of an edge, for questions about traffic that nobody saw. */
export function asEndpoint(workload: Workload): EdgeEndpoint {
  return {
    cluster: workload.cluster,
    kind: 'pod',
    namespace: workload.namespace,
    workload: workload.name,
    workloadKind: workload.kind,
    labels: workload.labels,
    peer: '',
    address: '',
  };
}

const NOTHING_SEEN: Observation = Object.freeze({
  flows: 0,
  connections: 0,
  firstSeen: 0,
  lastSeen: 0,
  activity: [],
  clientPods: [],
  serverPods: [],
  clientAddresses: [],
  serverAddresses: [],
  reasons: [],
  sourcePolicies: [],
});

/** An edge that nobody saw, to ask what policies would say to it. */
export function hypotheticalEdge(
  client: EdgeEndpoint,
  server: EdgeEndpoint,
  on: { readonly protocol: number; readonly port: number },
): Edge {
  return {
    client,
    server,
    protocol: on.protocol,
    port: on.port,
    serverNames: [],
    passed: NOTHING_SEEN,
    oriented: true,
  };
}

/** Key of a workload with one of its label sets. */
export function workloadKey(
  of: Pick<EdgeEndpoint, 'cluster' | 'namespace' | 'workloadKind' | 'workload' | 'labels'>,
): string {
  return [of.cluster, of.namespace, of.workloadKind, of.workload, of.labels.id].join('\0');
}

/** Workloads that edges name, completed from the inventory where it knows them; sorted. */
export function seenWorkloads(edges: readonly Edge[], inventory: Inventory): Workload[] {
  const listed = new Map(inventory.workloads.map((workload) => [workloadKey(asEndpoint(workload)), workload]));
  const seen = new Map<string, Workload>();
  for (const { client, server } of edges) {
    for (const endpoint of [client, server]) {
      if (endpoint.kind !== 'pod') continue;
      const key = workloadKey(endpoint);
      if (!seen.has(key)) seen.set(key, listed.get(key) ?? fromEndpoint(endpoint));
    }
  }
  return [...seen.entries()].sort(([a], [b]) => compareText(a, b)).map(([, workload]) => workload);
}

function fromEndpoint(endpoint: EdgeEndpoint): Workload {
  return {
    cluster: endpoint.cluster,
    namespace: endpoint.namespace,
    kind: endpoint.workloadKind,
    name: endpoint.workload,
    labels: endpoint.labels,
    namedPorts: [],
    serviceAccount: '',
    replicas: 0,
  };
}

/** Distinct workloads, however many label sets they were seen with. */
export function countWorkloads(workloads: readonly Workload[]): number {
  return new Set(workloads.map((workload) => `${workload.cluster}\0${workloadId(workload)}`)).size;
}
