import type { PolicyDialect, PolicyRef } from '../../model/policy.ts';
import type { Field, Read } from './fields.ts';
import { converted, ignored, locationOf, mapping, object, required, text, wrong } from './fields.ts';
import { labels, namespaceName, objectName } from './syntax.ts';

/** What policies need of `metadata`. */
export interface Metadata {
  readonly name: string;
  /** `''` when the document names none. */
  readonly namespace: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

const fields = object({
  name: required(objectName),
  namespace: namespaceName,
  labels,
  annotations: mapping(text),
  generateName: ignored,
  creationTimestamp: ignored,
  deletionTimestamp: ignored,
  deletionGracePeriodSeconds: ignored,
  finalizers: ignored,
  generation: ignored,
  managedFields: ignored,
  ownerReferences: ignored,
  resourceVersion: ignored,
  selfLink: ignored,
  uid: ignored,
});

/** `metadata` of any object, including the fields an API server adds. */
export const metadata: Read<Metadata> = converted(fields, (read) => ({
  name: read.name,
  namespace: read.namespace ?? '',
  labels: read.labels ?? new Map(),
  annotations: read.annotations ?? new Map(),
}));

/** A whole object whose `spec` is read by `spec`. `status` says nothing about traffic. */
export function resource<T>(spec: Read<T>, meta: Read<Metadata> = metadata) {
  return object({
    apiVersion: required(text),
    kind: required(text),
    metadata: required(meta),
    spec,
    status: ignored,
  });
}

/** `metadata` of a kind that belongs to the whole cluster. */
export const clusterMetadata: Read<Metadata> = converted(metadata, (read, field) => {
  if (read.namespace === '') return read;
  return wrong(field, 'unexpected-namespace', 'this kind belongs to no namespace', 'Remove metadata.namespace.');
});

/** Reference to the policy of the document `field` is the root of; it stands at the line of its name. */
export function policyRef(
  field: Field,
  dialect: PolicyDialect,
  kind: string,
  name: Pick<Metadata, 'name' | 'namespace'>,
): PolicyRef {
  const location = locationOf({ ...field, path: ['metadata', 'name'] });
  return { dialect, kind, namespace: name.namespace, name: name.name, location };
}
