import { podTemplate } from '../../model/pod-template.ts';
import type {
  ServicePort,
  SnapshotNamespace,
  SnapshotNode,
  SnapshotService,
  SnapshotWorkload,
} from '../../model/snapshot.ts';
import { type Fields, fieldsOf, items, textMap, textOf } from '../workloads-fields.ts';
import { type Identified, textsOf } from './objects.ts';
import { type Given, isPort, portsOf, protocolOf, serviceAccountOf, stableLabels } from './pods.ts';

export function readService(
  { uid, name, namespace, created, spec, status }: Identified,
  given: Given,
): SnapshotService {
  const balancers = textsOf(fieldsOf(status.loadBalancer).ingress, 'ip');
  const own = textsOf(spec.clusterIPs).length > 0 ? textsOf(spec.clusterIPs) : textsOf([spec.clusterIP]);
  return {
    uid,
    name,
    namespace,
    since: created || given.at,
    addresses: [...new Set([...own, ...textsOf(spec.externalIPs), ...balancers])].filter((one) => one !== 'None'),
    ports: items(spec.ports).map(fieldsOf).flatMap(servicePort),
    selector: textMap(spec.selector),
  };
}

/** `targetPort` is the port itself when it is not said. */
function servicePort({ name, port, protocol, targetPort }: Fields): ServicePort[] {
  if (!isPort(port)) return [];
  return [{ name: textOf(name), protocol: protocolOf(protocol), port, target: textOf(targetPort) || String(port) }];
}

const NODE_ADDRESSES = new Set(['InternalIP', 'ExternalIP']);

export function readNode({ uid, name, created, status }: Identified, given: Given): SnapshotNode {
  const addresses = items(status.addresses).filter((one) => NODE_ADDRESSES.has(textOf(fieldsOf(one).type)));
  return { uid, name, since: created || given.at, addresses: textsOf(addresses, 'address') };
}

/** Since Kubernetes 1.21 every namespace carries its name as a label. */
export function readNamespace({ name, labels }: Identified): SnapshotNamespace {
  return { name, labels: new Map([...labels, ['kubernetes.io/metadata.name', name]]) };
}

/** Absent when its pods use their nodes' network: they are their nodes then, and no policy selects them. */
export function readWorkload(object: Identified, given: Given): SnapshotWorkload | undefined {
  const { uid, kind, name, namespace, created, spec } = object;
  const steps = podTemplate(kind)?.path.slice(1) ?? [];
  const template = steps.reduce<Fields>((at, step) => fieldsOf(at[step]), spec);
  const podSpec = fieldsOf(template.spec);
  if (podSpec.hostNetwork === true) return undefined;
  return {
    uid,
    kind,
    name,
    namespace,
    since: created || given.at,
    labels: stableLabels(textMap(fieldsOf(template.metadata).labels), given.interner),
    serviceAccount: serviceAccountOf(podSpec),
    ports: portsOf(podSpec),
    replicas: replicasOf(object),
    schedule: kind === 'CronJob' ? textOf(spec.schedule) : '',
  };
}

function replicasOf({ kind, spec, status }: Identified): number {
  if (kind === 'CronJob') return 0;
  const wanted = { DaemonSet: status.desiredNumberScheduled, Job: spec.parallelism }[kind] ?? spec.replicas;
  const least = kind === 'DaemonSet' ? 0 : 1;
  return typeof wanted === 'number' && Number.isInteger(wanted) && wanted >= 0 ? wanted : least;
}
