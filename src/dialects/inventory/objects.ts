import { type Fields, fieldsOf, items, textMap, textOf } from '../workloads-fields.ts';

/** What every object says of itself. */
export interface Identified {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Milliseconds since the epoch; 0 = not said. */
  readonly created: number;
  readonly labels: ReadonlyMap<string, string>;
  readonly metadata: Fields;
  readonly spec: Fields;
  readonly status: Fields;
}

/** Kinds that are taken, and whether they live in a namespace. */
const KINDS: Readonly<Record<string, boolean>> = {
  Pod: true,
  Namespace: false,
  Service: true,
  Node: false,
  Deployment: true,
  ReplicaSet: true,
  ReplicationController: true,
  StatefulSet: true,
  DaemonSet: true,
  Job: true,
  CronJob: true,
};

/** Why an object was not taken: of no use here, or wrong. */
export type Untaken = { readonly ignored: string } | { readonly wrong: string };

/**
 * The object in `value`; `listKind` is the kind of its list, which stands for its own kind where the elements of a list
 * do not repeat it (`PodList`).
 */
export function identify(value: Fields, listKind: string): Identified | Untaken {
  const kind = textOf(value.kind) || listKind.replace(/List$/, '');
  if (kind === '') return { wrong: 'an object without kind: this is no output of kubectl get … -o json' };
  const namespaced = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (namespaced === undefined) return { ignored: kind };
  const metadata = fieldsOf(value.metadata);
  const name = textOf(metadata.name);
  const namespace = namespaced ? textOf(metadata.namespace) : '';
  if (name === '') return { wrong: `a ${kind} without metadata.name` };
  if (namespaced && namespace === '') return { wrong: `${kind} ${name} has no metadata.namespace` };
  const created = timeOf(metadata.creationTimestamp);
  return {
    kind,
    namespace,
    name,
    uid: textOf(metadata.uid) || [kind, namespace, name, created].join('/'),
    created,
    labels: textMap(metadata.labels),
    metadata,
    spec: fieldsOf(value.spec),
    status: fieldsOf(value.status),
  };
}

/** RFC 3339 → milliseconds since the epoch; 0 when it is none. */
export function timeOf(value: unknown): number {
  const text = textOf(value);
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) || 0 : 0;
}

/** The texts of `field` in a list of objects, or of the list itself, without empty ones and repetitions. */
export function textsOf(list: unknown, field?: string): string[] {
  const texts = items(list).map((one) => textOf(field === undefined ? one : fieldsOf(one)[field]));
  return [...new Set(texts.filter((text) => text !== ''))];
}
