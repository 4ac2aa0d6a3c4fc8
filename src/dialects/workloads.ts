import type { Finding } from '../model/finding.ts';
import type { Workload } from '../model/inventory.ts';
import { LabelInterner } from '../model/labels.ts';
import { podTemplate } from '../model/pod-template.ts';
import { PROTOCOL_NUMBERS } from '../model/ports.ts';
import { appendTo } from '../util/append-to.ts';
import { compareText } from '../util/compare.ts';
import type { PolicyDocument } from './document/document.ts';
import { type Fields, fieldsOf, items, textMap, textOf } from './workloads-fields.ts';

/** Pods of one owner that share labels, account and ports, as manifests describe them. */
export interface ManifestWorkload extends Workload {
  /** Addresses of the pods, where the manifests are of running pods. */
  readonly addresses: readonly string[];
  readonly hostNetwork: boolean;
}

export interface ManifestInventory {
  /** By namespace, kind and name; one for each form in which pods of an owner occur. */
  readonly workloads: readonly ManifestWorkload[];
  /** Labels of Namespace objects by name. */
  readonly namespaces: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly findings: readonly Finding[];
}

/**
 * The workloads among these documents. Only what policies can tell apart is read, and nothing is validated: these are
 * other people's manifests. Pods count under the owner that controls them, and owners under theirs as far as manifests
 * tell, so that a Deployment, its ReplicaSets and their pods are one.
 */
export function readWorkloads(documents: readonly PolicyDocument[], defaultNamespace = 'default'): ManifestInventory {
  const objects = documents.flatMap((document) => objectOf(document, defaultNamespace) ?? []);
  const owners = new Map(objects.flatMap((one) => (one.owner ? [[keyOf(one), one.owner] as const] : [])));
  const interner = new LabelInterner();
  const forms = new Map<string, ManifestWorkload>();
  for (const one of objects) {
    if (isOldRevision(one)) continue;
    const workload = workloadOf(one, topOwner(one, owners), interner);
    const key = formOf(workload);
    const known = forms.get(key);
    forms.set(key, known === undefined ? workload : merged(known, workload));
  }
  const namespaces = new Map(documents.flatMap((document) => namespaceOf(document.value) ?? []));
  return {
    workloads: [...forms].sort(([a], [b]) => compareText(a, b)).map(([, workload]) => workload),
    namespaces,
    findings: duplicates(objects),
  };
}

interface Identity {
  readonly namespace: string;
  readonly kind: string;
  readonly name: string;
}

interface PodOwner extends Identity {
  readonly document: PolicyDocument;
  readonly owner: Identity | undefined;
  readonly template: Fields;
  readonly value: Fields;
}

function keyOf({ namespace, kind, name }: Identity): string {
  return `${namespace}\0${kind}\0${name}`;
}

function objectOf(document: PolicyDocument, defaultNamespace: string): PodOwner | undefined {
  const value = fieldsOf(document.value);
  const kind = textOf(value.kind);
  const template = podTemplate(kind);
  if (template === undefined || textOf(value.apiVersion).split('/')[0] !== template.apiVersion.split('/')[0])
    return undefined;
  const metadata = fieldsOf(value.metadata);
  const name = textOf(metadata.name) || textOf(metadata.generateName);
  const namespace = textOf(metadata.namespace) || defaultNamespace;
  if (name === '') return undefined;
  const pod = template.path.reduce<Fields>((at, step) => fieldsOf(at[step]), value);
  return { namespace, kind, name, document, owner: controllerOf(metadata, namespace), template: pod, value };
}

/** The owner that controls the object; a lone owner need not say that it does. */
export function controllerOf(metadata: Fields, namespace: string): Identity | undefined {
  const owners = items(metadata.ownerReferences).map(fieldsOf);
  const owner = owners.find(({ controller }) => controller === true) ?? (owners.length === 1 ? owners[0] : undefined);
  const [kind, name] = [textOf(owner?.kind), textOf(owner?.name)];
  return kind === '' || name === '' || kind === 'Node' ? undefined : { namespace, kind, name };
}

function topOwner(start: PodOwner, owners: ReadonlyMap<string, Identity>): Identity {
  let top: Identity = start;
  for (let steps = 0; steps < 5; steps++) {
    const above = owners.get(keyOf(top));
    if (above === undefined) break;
    top = above;
  }
  return top;
}

/** A ReplicaSet that its Deployment has scaled to nothing. */
function isOldRevision({ kind, owner, value }: PodOwner): boolean {
  return kind === 'ReplicaSet' && owner !== undefined && fieldsOf(value.spec).replicas === 0;
}

function workloadOf(
  { template, value, kind: ownKind }: PodOwner,
  owner: Identity,
  interner: LabelInterner,
): ManifestWorkload {
  const spec = fieldsOf(template.spec);
  const { replicas } = fieldsOf(value.spec);
  return {
    cluster: '',
    namespace: owner.namespace,
    kind: owner.kind,
    name: owner.name,
    labels: interner.intern(textMap(fieldsOf(template.metadata).labels)),
    namedPorts: namedPorts(spec),
    portsKnown: true,
    serviceAccount: textOf(spec.serviceAccountName) || textOf(spec.serviceAccount) || 'default',
    replicas: ownKind === 'Pod' ? 1 : typeof replicas === 'number' ? replicas : 1,
    addresses: ownKind === 'Pod' ? addressesOf(fieldsOf(value.status)) : [],
    hostNetwork: spec.hostNetwork === true,
  };
}

function namedPorts(spec: Fields): Workload['namedPorts'] {
  const containers = [...items(spec.containers), ...items(spec.initContainers).filter(isSidecar)].map(fieldsOf);
  return containers
    .flatMap(({ ports }) => items(ports).map(fieldsOf))
    .flatMap(({ name, protocol, containerPort }) =>
      typeof name === 'string' && typeof containerPort === 'number'
        ? [{ name, protocol: PROTOCOL_NUMBERS[textOf(protocol) || 'TCP'] ?? 0, port: containerPort }]
        : [],
    );
}

/** An init container that keeps running beside the others. */
export function isSidecar(container: unknown): boolean {
  return fieldsOf(container).restartPolicy === 'Always';
}

export function addressesOf(status: Fields): string[] {
  const all = [...items(status.podIPs).map((one) => textOf(fieldsOf(one).ip)), textOf(status.podIP)];
  return [...new Set(all.filter((address) => address !== ''))].sort(compareText);
}

function formOf({
  namespace,
  kind,
  name,
  labels,
  serviceAccount,
  namedPorts: ports,
  hostNetwork,
}: ManifestWorkload): string {
  return [namespace, kind, name, labels.id, serviceAccount, JSON.stringify(ports), hostNetwork].join('\0');
}

function merged(a: ManifestWorkload, b: ManifestWorkload): ManifestWorkload {
  const addresses = [...new Set([...a.addresses, ...b.addresses])].sort(compareText);
  return { ...a, addresses, replicas: a.addresses.length + b.addresses.length > 0 ? addresses.length : a.replicas };
}

function namespaceOf(value: unknown): [[string, ReadonlyMap<string, string>]] | undefined {
  const { apiVersion, kind, metadata } = fieldsOf(value);
  const { name, labels } = fieldsOf(metadata);
  if (apiVersion !== 'v1' || kind !== 'Namespace' || typeof name !== 'string') return undefined;
  return [[name, new Map([...textMap(labels), ['kubernetes.io/metadata.name', name]])]];
}

function duplicates(objects: readonly PodOwner[]): Finding[] {
  const places = new Map<string, PodOwner[]>();
  for (const one of objects) appendTo(places, keyOf(one), one);
  return [...places.values()].flatMap(([first, ...more]) =>
    more.map(({ kind, namespace, name, document }): Finding => {
      const { file, line } = (first as PodOwner).document.locate(['metadata', 'name']);
      const message = `${kind} ${namespace}/${name} also stands at ${file}:${line}; both count`;
      const location = document.locate(['metadata', 'name']);
      return { severity: 'note', rule: 'duplicate-workload', message, remedy: 'Keep one.', location };
    }),
  );
}
