import type { LabelSet } from './labels.ts';

/** What `kubectl get … -o json` said of a cluster at one time. Times are milliseconds since the epoch. */
export interface Snapshot {
  readonly cluster: string;
  readonly at: number;
  /** Hash of the content: the same content is the same snapshot. */
  readonly digest: string;
  /**
   * Kinds of which everything in the cluster is listed: what is not in the list does not exist at `at`. Empty for a
   * partial snapshot.
   */
  readonly covers: readonly string[];
  readonly pods: readonly SnapshotPod[];
  readonly services: readonly SnapshotService[];
  readonly nodes: readonly SnapshotNode[];
  readonly workloads: readonly SnapshotWorkload[];
  readonly namespaces: readonly SnapshotNamespace[];
}

export interface NamedPort {
  /** `''` when it has none. */
  readonly name: string;
  /** IANA number. */
  readonly protocol: number;
  readonly port: number;
}

interface SnapshotObject {
  readonly uid: string;
  readonly name: string;
  /** When it came into being. */
  readonly since: number;
}

export interface SnapshotPod extends SnapshotObject {
  readonly namespace: string;
  readonly addresses: readonly string[];
  /** The owner at the end of the chain ReplicaSet → Deployment, Job → CronJob; the pod itself when it has none. */
  readonly workload: string;
  readonly workloadKind: string;
  /** Policy-relevant labels. */
  readonly labels: LabelSet;
  /** All labels: Services may select by any of them. */
  readonly allLabels: ReadonlyMap<string, string>;
  readonly serviceAccount: string;
  readonly node: string;
  readonly hostNetwork: boolean;
  readonly ports: readonly NamedPort[];
  /** When it gave its addresses back, as far as it tells; 0 = it still has them. */
  readonly ended: number;
}

export interface ServicePort extends NamedPort {
  /** Number or name of the container port behind it. */
  readonly target: string;
}

export interface SnapshotService extends SnapshotObject {
  readonly namespace: string;
  /** Cluster, external and load balancer addresses; empty when it is headless. */
  readonly addresses: readonly string[];
  readonly ports: readonly ServicePort[];
  /** Empty when it selects nothing by itself. */
  readonly selector: ReadonlyMap<string, string>;
}

export interface SnapshotNode extends SnapshotObject {
  readonly addresses: readonly string[];
}

/** What makes pods. Owners in between (a Deployment's ReplicaSets, a CronJob's Jobs) are not listed. */
export interface SnapshotWorkload extends SnapshotObject {
  readonly namespace: string;
  readonly kind: string;
  /** Policy-relevant labels of its pod template. */
  readonly labels: LabelSet;
  readonly serviceAccount: string;
  readonly ports: readonly NamedPort[];
  /** Wanted pods; 0 where that is not fixed (DaemonSet, CronJob). */
  readonly replicas: number;
  /** Cron expression of a CronJob, else `''`. */
  readonly schedule: string;
}

export interface SnapshotNamespace {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
}
