import { workloadEndpoint } from '../evaluate/match/facts.ts';
import type { Edge, EdgeEndpoint } from '../model/edge.ts';
import { type Inventory, type Workload, workloadId } from '../model/inventory.ts';
import { compareText } from '../util/compare.ts';

/** Key of a workload with one of its label sets. */
export function workloadKey(
  of: Pick<EdgeEndpoint, 'cluster' | 'namespace' | 'workloadKind' | 'workload' | 'labels'>,
): string {
  return [of.cluster, of.namespace, of.workloadKind, of.workload, of.labels.id].join('\0');
}

/** Workloads that edges name, completed from the inventory where it knows them; sorted. */
export function seenWorkloads(edges: readonly Edge[], inventory: Inventory): Workload[] {
  const listed = new Map(inventory.workloads.map((workload) => [workloadKey(workloadEndpoint(workload)), workload]));
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

/** `workloads` and those of `listed` that are not among them; sorted. */
export function withListed(workloads: readonly Workload[], listed: readonly Workload[]): readonly Workload[] {
  if (listed.length === 0) return workloads;
  const all = new Map([...listed, ...workloads].map((one) => [workloadKey(workloadEndpoint(one)), one]));
  return [...all].sort(([a], [b]) => compareText(a, b)).map(([, workload]) => workload);
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

/** Addresses seen of each pod workload, by its key. */
export function addressesByWorkload(edges: readonly Edge[]): Map<string, Set<string>> {
  const addresses = new Map<string, Set<string>>();
  const add = (endpoint: EdgeEndpoint, seen: readonly string[] = []) => {
    if (endpoint.kind !== 'pod' || seen.length === 0) return;
    const key = workloadKey(endpoint);
    const known = addresses.get(key) ?? new Set<string>();
    addresses.set(key, known);
    for (const address of seen) known.add(address);
  };
  for (const { client, server, passed, denied } of edges) {
    for (const observation of [passed, denied]) {
      add(client, observation?.clientAddresses);
      add(server, observation?.serverAddresses);
    }
  }
  return addresses;
}
