import type { LabelSet } from './labels.ts';

/** A workload as far as flows or snapshots know it; one entry per distinct label set. */
export interface Workload {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
  readonly labels: LabelSet;
  /** Container ports by name, where a snapshot told them. */
  readonly namedPorts: readonly { readonly name: string; readonly protocol: number; readonly port: number }[];
  /** Whether `namedPorts` is known to be complete, as a snapshot makes it; a list with entries counts as complete. */
  readonly portsKnown?: boolean;
  readonly serviceAccount: string;
  /** Most pods seen at one time; 0 when not known. */
  readonly replicas: number;
}

/** What is known of the cluster besides its traffic. */
export interface Inventory {
  readonly workloads: readonly Workload[];
  /**
   * Labels of a namespace by `cluster/name`. A namespace that is not listed carries only
   * `kubernetes.io/metadata.name`, which every cluster since 1.21 sets.
   */
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** `Deployment` in `shop` called `cart` → `shop/Deployment/cart`, the form used in `assignments`. */
export function workloadId(workload: Pick<Workload, 'namespace' | 'kind' | 'name'>): string {
  return `${workload.namespace}/${workload.kind}/${workload.name}`;
}
