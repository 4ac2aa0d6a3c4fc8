import type { LabelInterner, LabelSet } from '../../model/labels.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import type { NamedPort, SnapshotPod } from '../../model/snapshot.ts';
import { isStableLabel } from '../../model/stable-labels.ts';
import { addressesOf, isSidecar } from '../workloads.ts';
import { type Fields, fieldsOf, items, textOf } from '../workloads-fields.ts';
import { type Identified, timeOf } from './objects.ts';

/** A pod as far as it speaks for itself; what it counts under depends on other objects. */
export type OwnPod = Omit<SnapshotPod, 'workload' | 'workloadKind'>;

export function readPod(pod: Identified, given: Given): OwnPod {
  const { uid, name, namespace, created, spec, status, labels } = pod;
  const since = timeOf(status.startTime) || created || given.at;
  return {
    uid,
    name,
    namespace,
    since,
    addresses: addressesOf(status),
    labels: stableLabels(labels, given.interner),
    allLabels: labels,
    serviceAccount: serviceAccountOf(spec),
    node: textOf(spec.nodeName),
    hostNetwork: spec.hostNetwork === true,
    ports: portsOf(spec),
    ended: isDone(status) ? endOf(pod, given.at) : 0,
  };
}

export interface Given {
  /** Time of the snapshot. */
  readonly at: number;
  readonly interner: LabelInterner;
}

/** The labels that policies can select by without being wrong tomorrow. */
export function stableLabels(labels: ReadonlyMap<string, string>, interner: LabelInterner): LabelSet {
  return interner.intern(new Map([...labels].filter(([key]) => isStableLabel(key))));
}

export function serviceAccountOf(spec: Fields): string {
  return textOf(spec.serviceAccountName) || textOf(spec.serviceAccount) || 'default';
}

/** Ports that containers declare, with or without a name. */
export function portsOf(spec: Fields): NamedPort[] {
  const containers = [...items(spec.containers), ...items(spec.initContainers).filter(isSidecar)].map(fieldsOf);
  return containers
    .flatMap(({ ports }) => items(ports).map(fieldsOf))
    .flatMap(({ name, protocol, containerPort }) =>
      isPort(containerPort) ? [{ name: textOf(name), protocol: protocolOf(protocol), port: containerPort }] : [],
    );
}

export function isPort(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 65_536;
}

export function protocolOf(value: unknown): number {
  return PROTOCOL_NUMBERS[textOf(value) || 'TCP'] ?? 0;
}

/** Its containers have ended for good; the object stays, its addresses are free for others. */
function isDone({ phase }: Fields): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** When the last container ended, as far as the pod tells; at the latest when it was asked. */
function endOf({ status, metadata }: Identified, at: number): number {
  const ends = items(status.containerStatuses).map((one) =>
    timeOf(fieldsOf(fieldsOf(fieldsOf(one).state).terminated).finishedAt),
  );
  const changes = items(status.conditions).map((one) => timeOf(fieldsOf(one).lastTransitionTime));
  return Math.max(0, ...ends) || timeOf(metadata.deletionTimestamp) || Math.max(0, ...changes) || at;
}
