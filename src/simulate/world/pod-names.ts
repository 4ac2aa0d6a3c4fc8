import type { Random } from '../../util/random.ts';
import type { GraphWorkload } from '../graph.ts';

/** The letters Kubernetes draws generated names from (no vowels, nothing easily confused). */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** A random suffix as `generateName` and template hashes have it. */
export function suffix(random: Random, length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += LETTERS[random.below(LETTERS.length)];
  return text;
}

export interface PodName {
  readonly pod: string;
  /** Labels that controllers add and that change with every rollout, pod or run. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface PodNaming {
  readonly ordinal: number;
  /** Counts rollouts from 0. */
  readonly generation: number;
  /** Hash of the pod template of this generation. */
  readonly templateHash: string;
  /** When the pod starts, in minutes since the epoch: the suffix of a CronJob's Job. */
  readonly startMinute: number;
}

/** Name and controller labels of one pod, by the conventions of the controller of its kind. */
export function namePod(workload: GraphWorkload, naming: PodNaming, random: Random): PodName {
  const { name, kind } = workload;
  const { ordinal, generation, templateHash } = naming;
  switch (kind) {
    case 'Pod':
      return { pod: workload.replicas > 1 ? `${name}-${ordinal}` : name, labels: {} };
    case 'ReplicaSet':
      return { pod: `${name}-${suffix(random, 5)}`, labels: {} };
    case 'StatefulSet':
      return {
        pod: `${name}-${ordinal}`,
        labels: {
          'apps.kubernetes.io/pod-index': String(ordinal),
          'controller-revision-hash': `${name}-${templateHash}`,
          'statefulset.kubernetes.io/pod-name': `${name}-${ordinal}`,
        },
      };
    case 'DaemonSet':
      return {
        pod: `${name}-${suffix(random, 5)}`,
        labels: { 'controller-revision-hash': templateHash, 'pod-template-generation': String(generation + 1) },
      };
    case 'Job':
    case 'CronJob':
      return namePodOfJob(kind === 'Job' ? name : `${name}-${naming.startMinute}`, random);
    default:
      return {
        pod: `${name}-${templateHash}-${suffix(random, 5)}`,
        labels: { 'pod-template-hash': templateHash },
      };
  }
}

function namePodOfJob(job: string, random: Random): PodName {
  const hex = (digits: number) => random.uint32().toString(16).padStart(8, '0').slice(0, digits);
  const uid = `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(8)}${hex(4)}`;
  return {
    pod: `${job}-${suffix(random, 5)}`,
    labels: {
      'batch.kubernetes.io/controller-uid': uid,
      'batch.kubernetes.io/job-name': job,
      'controller-uid': uid,
      'job-name': job,
    },
  };
}
