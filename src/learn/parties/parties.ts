import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import type { EndpointKind } from '../../model/enums.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { LabelSet } from '../../model/labels.ts';
import type { WorkloadRef } from '../../model/pair.ts';
import { podTemplate } from '../../model/pod-template.ts';
import { compareText } from '../../util/compare.ts';
import { isSubjectNamespace, type LearnOptions } from '../options.ts';
import { type EdgeEnds, findEdgeEnds } from './edge-ends.ts';
import { type Hygiene, labelHygiene, type OwnedLabels } from './hygiene.ts';

/** A vertex of the traffic graph: a workload, or something outside that only an address block can name. */
export interface Party {
  /** Position in `Parties.all`, which is sorted by `key`: the same for every order of input. */
  readonly index: number;
  readonly key: string;
  /** What people read: `shop/cart`, `api.example.com`, `Internet`. */
  readonly name: string;
  readonly kind: EndpointKind;
  readonly namespace: string;
  /** Several when pods without a lasting owner carry equal labels; empty for parties that are not pods. */
  readonly workloads: readonly WorkloadRef[];
  /** Distinct label sets after hygiene; empty when labels are unknown. */
  readonly labels: readonly ReadonlyMap<string, string>[];
  /** May carry function labels and be isolated. */
  readonly subject: boolean;
  /** Not a pod of this cluster: only addresses can name it. */
  readonly outside: boolean;
  /** Known never to have more than one pod, which always reaches itself. */
  readonly single: boolean;
  /** Most pods seen at one time; 0 when not known. */
  readonly replicas: number;
}

export interface Parties {
  readonly all: readonly Party[];
  readonly hygiene: Hygiene;
  /** Party index of the client and of the server by position of the edge. */
  readonly clients: Int32Array;
  readonly servers: Int32Array;
  /** Of the edges as well. */
  readonly protocols: Uint8Array;
  readonly ports: Uint16Array;
}

interface Draft {
  readonly key: string;
  readonly name: string;
  readonly kind: EndpointKind;
  readonly namespace: string;
  readonly workloads: Map<string, WorkloadRef>;
  readonly labels: Map<string, ReadonlyMap<string, string>>;
  readonly outside: boolean;
  replicas: number;
}

/** Gives every end of every edge, and every workload of the inventory, its party. */
export function findParties(edges: readonly Edge[], inventory: Inventory, options: LearnOptions): Parties {
  const workloads = inventory.workloads.filter(({ cluster }) => cluster === options.cluster);
  const ends = findEdgeEnds(edges);
  const pods = ends.endpoints.filter(({ kind, cluster }) => kind === 'pod' && cluster === options.cluster);
  const identify = podIdentities([...pods.map(identityOf), ...workloads]);
  const hygiene = labelHygiene(ownedLabels(pods, workloads, identify));
  const drafts = new Map<string, Draft>();
  const roles = draftEnds(drafts, ends, { hygiene, identify, cluster: options.cluster });
  for (const workload of workloads) {
    const draft = addPod(drafts, identify(workload), workload.labels, hygiene);
    draft.replicas = Math.max(draft.replicas, workload.replicas);
  }
  const sorted = [...drafts.values()].sort((a, b) => compareText(a.key, b.key));
  const all = withSharedNames(sorted.map((draft, index) => toParty(draft, index, options)));
  const indexes = new Map(sorted.map((draft, index) => [draft, index]));
  const toIndexes = (own: Drafted): Int32Array =>
    Int32Array.from(own, (draft) => (draft ? (indexes.get(draft) ?? -1) : -1));
  const clients = lookUp(toIndexes(roles.client), ends.client);
  const servers = lookUp(toIndexes(roles.server), ends.server);
  return { all, hygiene, clients, servers, protocols: ends.protocol, ports: ends.port };
}

/** Replaces positions by what stands there, in place: a second column of every edge would be a lot of memory. */
function lookUp(values: Int32Array, positions: Int32Array): Int32Array {
  for (let i = 0; i < positions.length; i += 1) positions[i] = values[positions[i] as number] as number;
  return positions;
}

type Drafted = (Draft | undefined)[];

/** The draft of every endpoint in each role: an address outside is another party as caller than as server. */
function draftEnds(
  drafts: Map<string, Draft>,
  ends: EdgeEnds,
  given: { readonly hygiene: Hygiene; readonly identify: Identify; readonly cluster: string },
): { readonly client: Drafted; readonly server: Drafted } {
  const client: Drafted = [];
  const server: Drafted = [];
  ends.endpoints.forEach((endpoint, i) => {
    if (endpoint.kind === 'pod' && endpoint.cluster === given.cluster) {
      client[i] = addPod(drafts, given.identify(identityOf(endpoint)), endpoint.labels, given.hygiene);
      server[i] = client[i];
      return;
    }
    client[i] = ends.isClient[i] ? addOutside(drafts, endpoint, clientName(endpoint)) : undefined;
    server[i] = ends.isServer[i] ? addOutside(drafts, endpoint, serverName(endpoint, ends.nameOfAddress)) : undefined;
  });
  return { client, server };
}

function toParty(draft: Draft, index: number, options: LearnOptions): Party {
  const workloads = sortedValues(draft.workloads);
  const labels = sortedValues(draft.labels);
  const patchable =
    workloads.length > 0 && workloads.every(({ kind, name }) => name !== '' && podTemplate(kind) !== undefined);
  const subject = !draft.outside && patchable && isSubjectNamespace(options, draft.namespace);
  const first = workloads[0];
  const name = first ? `${first.namespace}/${first.name === '' ? '?' : first.name}` : draft.name;
  const single = draft.replicas === 1 && workloads.length === 1;
  return { ...draft, index, name, workloads, labels, subject, single };
}

/** Namespaces as one text each: they are compared for every member of every function. */
function withSharedNames(parties: readonly Party[]): Party[] {
  const names = new Map(parties.map(({ namespace }) => [namespace, namespace]));
  return parties.map((party) => ({ ...party, namespace: names.get(party.namespace) ?? '' }));
}

function sortedValues<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => compareText(a, b)).map(([, value]) => value);
}

function ownedLabels(
  pods: readonly EdgeEndpoint[],
  workloads: Inventory['workloads'],
  identify: Identify,
): OwnedLabels[] {
  const owners = new Map<string, Map<string, LabelSet>>();
  const add = (id: WorkloadRef, labels: LabelSet): void => {
    if (isEphemeral(id)) return;
    const key = `${id.namespace}\0${id.kind}\0${id.name}`;
    const sets = owners.get(key) ?? new Map<string, LabelSet>();
    owners.set(key, sets.set(labels.id, labels));
  };
  for (const pod of pods) add(identify(identityOf(pod)), pod.labels);
  for (const workload of workloads) add(identify(workload), workload.labels);
  return [...owners].map(([owner, sets]) => ({ owner, sets: [...sets.values()] }));
}

type Identify = (ref: WorkloadRef) => WorkloadRef;

/**
 * Sources that see a pod from afar tell the name of its workload and not always the kind; where only one kind has the
 * name, that is meant.
 */
function podIdentities(refs: readonly WorkloadRef[]): Identify {
  const kinds = new Map<string, Set<string>>();
  for (const { namespace, kind, name } of refs) {
    if (kind === '' || name === '') continue;
    const key = `${namespace}\0${name}`;
    kinds.set(key, (kinds.get(key) ?? new Set()).add(kind));
  }
  return ({ namespace, kind, name }) => {
    const known = kind === '' && name !== '' ? kinds.get(`${namespace}\0${name}`) : undefined;
    const [only = kind] = known?.size === 1 ? known : [];
    return { namespace, kind: only, name };
  };
}

function identityOf(endpoint: EdgeEndpoint): WorkloadRef {
  return { namespace: endpoint.namespace, kind: endpoint.workloadKind, name: endpoint.workload };
}

/** Pods and Jobs come and go under new names; what lasts is their labels. */
function isEphemeral({ kind, name }: WorkloadRef): boolean {
  return name === '' || kind === 'Pod' || kind === 'Job' || kind === '';
}

function addPod(drafts: Map<string, Draft>, id: WorkloadRef, labels: LabelSet, hygiene: Hygiene): Draft {
  const clean = labels.id === '0' ? undefined : hygiene.clean(labels);
  const canonical = clean?.text ?? '';
  const byLabels = isEphemeral(id) && canonical !== '';
  const key = byLabels
    ? `pod\0${id.namespace}\0~\0${canonical}`
    : `pod\0${id.namespace}\0${id.name}\0${id.kind === '' ? '~' : id.kind}`;
  const draft = addDraft(drafts, {
    key,
    name: id.namespace,
    kind: 'pod',
    namespace: id.namespace,
    outside: false,
  });
  draft.workloads.set(`${id.kind}\0${id.name}`, id);
  if (clean !== undefined) draft.labels.set(canonical, clean.labels);
  return draft;
}

function addOutside(drafts: Map<string, Draft>, endpoint: EdgeEndpoint, name: string): Draft {
  const kind = endpoint.kind;
  const namespace = kind === 'pod' ? endpoint.namespace : '';
  return addDraft(drafts, { key: `~${kind}\0${name}\0${namespace}`, name, kind, namespace, outside: true });
}

function addDraft(drafts: Map<string, Draft>, draft: Omit<Draft, 'workloads' | 'labels' | 'replicas'>): Draft {
  const known = drafts.get(draft.key);
  if (known) return known;
  const created = { ...draft, workloads: new Map<string, WorkloadRef>(), labels: new Map(), replicas: 0 };
  drafts.set(draft.key, created);
  return created;
}

/** Client addresses of one kind are one party: who exactly called from outside changes from day to day. */
function clientName(endpoint: EdgeEndpoint): string {
  if (endpoint.kind === 'pod') return remoteName(endpoint);
  if (endpoint.peer !== '') return endpoint.peer;
  return OUTSIDE_NAMES[endpoint.kind] ?? endpoint.kind;
}

const OUTSIDE_NAMES: Partial<Record<EndpointKind, string>> = {
  external: 'Internet',
  private: 'private network',
  host: 'nodes',
  apiserver: 'kube-apiserver',
};

function serverName(endpoint: EdgeEndpoint, names: ReadonlyMap<string, string>): string {
  if (endpoint.kind === 'pod') return remoteName(endpoint);
  if (endpoint.kind === 'host' || endpoint.kind === 'apiserver') return clientName(endpoint);
  const name = endpoint.peer === '' ? names.get(endpoint.address) : endpoint.peer;
  return name ?? (endpoint.address === '' ? clientName(endpoint) : endpoint.address);
}

function remoteName(endpoint: EdgeEndpoint): string {
  return `${endpoint.cluster}:${endpoint.namespace}/${endpoint.workload}`;
}
