/** Where the pod labels of a workload kind are written; `path` leads to the object that holds `metadata.labels`. */
export interface PodTemplate {
  readonly apiVersion: string;
  readonly path: readonly string[];
}

const TEMPLATES: Readonly<Record<string, PodTemplate>> = {
  Deployment: { apiVersion: 'apps/v1', path: ['spec', 'template'] },
  StatefulSet: { apiVersion: 'apps/v1', path: ['spec', 'template'] },
  DaemonSet: { apiVersion: 'apps/v1', path: ['spec', 'template'] },
  ReplicaSet: { apiVersion: 'apps/v1', path: ['spec', 'template'] },
  Job: { apiVersion: 'batch/v1', path: ['spec', 'template'] },
  CronJob: { apiVersion: 'batch/v1', path: ['spec', 'jobTemplate', 'spec', 'template'] },
  ReplicationController: { apiVersion: 'v1', path: ['spec', 'template'] },
  Pod: { apiVersion: 'v1', path: [] },
};

/** The pod template of a workload kind; undefined for kinds whose shape is not known, which cannot be patched. */
export function podTemplate(kind: string): PodTemplate | undefined {
  return Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind] : undefined;
}
