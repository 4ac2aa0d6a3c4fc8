import type { EdgeEndpoint } from '../../model/edge.ts';
import type { EndpointKind } from '../../model/enums.ts';
import type { Inventory, Workload } from '../../model/inventory.ts';
import { UNKNOWN_LABELS } from '../../model/labels.ts';
import { appendTo } from '../../util/append-to.ts';
import type { AddressCells, CellRange } from './address-cells.ts';
import { MAYBE, NO, type Truth, YES } from './truth.ts';

export interface NamedPort {
  readonly name: string;
  readonly protocol: number;
  readonly port: number;
}

/** What is known of an endpoint whatever it sends; absent = not known. */
export interface Facts {
  readonly endpoint: EdgeEndpoint;
  /** Whether it is a pod. Only pods have the facts of pods. */
  readonly pod: Truth;
  readonly labels: ReadonlyMap<string, string> | undefined;
  readonly namespace: string | undefined;
  readonly namespaceLabels: ReadonlyMap<string, string> | undefined;
  readonly serviceAccount: string | undefined;
  readonly namedPorts: readonly NamedPort[] | undefined;
  /** Mesh identity that traffic carried; absent when not told, `''` = known to have none. */
  readonly principal?: string;
  /** Addresses of an endpoint that carries some; edges carry them only of what is not a pod. */
  readonly range: CellRange | undefined;
}

/** Inventory, arranged for looking up what flows do not tell. */
export interface World {
  readonly workloads: ReadonlyMap<string, readonly Workload[]>;
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

export function worldOf(inventory: Inventory): World {
  const workloads = new Map<string, Workload[]>();
  for (const workload of inventory.workloads) appendTo(workloads, workloadKey(workload), workload);
  return { workloads, namespaces: inventory.namespaces };
}

function workloadKey(workload: Pick<Workload, 'cluster' | 'namespace' | 'kind' | 'name'>): string {
  return `${workload.cluster}\0${workload.namespace}\0${workload.kind}\0${workload.name}`;
}

/** The workload's endpoint, as edges would show it. */
export function workloadEndpoint(workload: Workload): EdgeEndpoint {
  const { cluster, namespace, labels } = workload;
  const owner = { workload: workload.name, workloadKind: workload.kind };
  return { cluster, kind: 'pod', namespace, ...owner, labels, peer: '', address: '' };
}

/** A service stands for backends that the source did not tell; of an unknown end nothing is sure. */
const PODS: Partial<Record<EndpointKind, Truth>> = { pod: YES, service: MAYBE, unknown: MAYBE };

export function factsOf(endpoint: EdgeEndpoint, world: World, cells: AddressCells): Facts {
  const { cluster, kind, namespace, labels } = endpoint;
  const pod = PODS[kind] ?? NO;
  const workload = pod === NO ? undefined : workloadOf(endpoint, world);
  const name = namespace === '' ? undefined : namespace;
  return {
    endpoint,
    pod,
    labels: kind !== 'pod' || labels.id === UNKNOWN_LABELS.id ? undefined : labels.labels,
    namespace: name,
    namespaceLabels: name === undefined ? undefined : namespaceLabels(cluster, name, world),
    serviceAccount: workload?.serviceAccount || undefined,
    namedPorts: workload && (workload.portsKnown || workload.namedPorts.length > 0) ? workload.namedPorts : undefined,
    range: pod === YES && endpoint.address === '' ? undefined : cells.rangeOf(endpoint.address || endpoint.peer),
  };
}

function workloadOf(endpoint: EdgeEndpoint, world: World): Workload | undefined {
  const { cluster, namespace, workloadKind: kind, workload: name } = endpoint;
  const known = world.workloads.get(workloadKey({ cluster, namespace, kind, name }));
  return known?.find(({ labels }) => labels.id === endpoint.labels.id) ?? known?.[0];
}

const NAME_LABEL = 'kubernetes.io/metadata.name';

function namespaceLabels(cluster: string, name: string, world: World): ReadonlyMap<string, string> {
  const labels = world.namespaces.get(`${cluster}/${name}`);
  if (labels?.has(NAME_LABEL)) return labels;
  return new Map([...(labels ?? []), [NAME_LABEL, name]]);
}
