import { controllerOf } from '../workloads.ts';
import type { Identified } from './objects.ts';

/** What pods count under. */
export interface Owner {
  readonly kind: string;
  readonly name: string;
}

/** Only made by others, as steps on the way to pods. */
const STEPS = new Set(['ReplicaSet', 'Job']);

/** How a CronJob names its Jobs: after the minute of their schedule (kubernetes pkg/controller/cronjob/utils.go). */
const CRON_JOB = /^(.+)-\d{8}$/;

/** What has to be known of a pod to find its owner. */
export type PodIdentity = Pick<Identified, 'namespace' | 'name' | 'labels' | 'metadata'>;

/** Direct owners of ReplicaSets and Jobs, by `ownerKey`. */
export type StepOwners = ReadonlyMap<string, Owner>;

export function ownerKey(namespace: string, { kind, name }: Owner): string {
  return `${namespace}/${kind}/${name}`;
}

/** The controller of a ReplicaSet or Job, which its pods then count under; absent for everything else. */
export function stepOwner(object: Identified): Owner | undefined {
  return STEPS.has(object.kind) ? controllerOf(object.metadata, object.namespace) : undefined;
}

/**
 * What a pod counts under: its controller, or that one's controller when it is a mere step (ReplicaSet → Deployment,
 * Job → CronJob), or the pod itself. A step that is not listed is known by its name: a Deployment's ends with the hash
 * that its pods carry as a label, a CronJob's with a minute.
 */
export function topOwner(pod: PodIdentity, steps: StepOwners): Owner {
  const owner = controllerOf(pod.metadata, pod.namespace);
  if (owner === undefined) return { kind: 'Pod', name: pod.name };
  const { kind, name } = owner;
  const above = steps.get(ownerKey(pod.namespace, owner));
  if (above !== undefined) return above;
  const hash = pod.labels.get('pod-template-hash') ?? '';
  if (kind === 'ReplicaSet' && hash !== '' && name.endsWith(`-${hash}`))
    return { kind: 'Deployment', name: name.slice(0, -hash.length - 1) };
  const cron = kind === 'Job' ? CRON_JOB.exec(name)?.[1] : undefined;
  return cron === undefined ? { kind, name } : { kind: 'CronJob', name: cron };
}
