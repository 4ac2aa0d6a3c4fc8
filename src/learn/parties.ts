import type { Edge, EdgeEndpoint } from '../model/edge.ts';
import type { EndpointKind } from '../model/enums.ts';
import type { Inventory } from '../model/inventory.ts';
import { canonicalLabels, type LabelSet } from '../model/labels.ts';
import type { WorkloadRef } from '../model/pair.ts';
import { podTemplate } from '../model/pod-template.ts';
import { compareText } from '../util/compare.ts';
import { type Hygiene, labelHygiene, type OwnedLabels } from './hygiene.ts';
import { isSubjectNamespace, type LearnOptions } from './options.ts';

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
}

export interface Parties {
  readonly all: readonly Party[];
  readonly hygiene: Hygiene;
  client(edge: Edge): Party;
  server(edge: Edge): Party;
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
  const endpoints = distinctEndpoints(edges);
  const hygiene = labelHygiene(ownedLabels(endpoints, workloads, options.cluster));
  const drafts = new Map<string, Draft>();
  const names = namesByAddress(edges);
  const keys = { client: new Map<EdgeEndpoint, Draft>(), server: new Map<EdgeEndpoint, Draft>() };
  for (const [endpoint, roles] of endpoints) {
    if (endpoint.kind === 'pod' && endpoint.cluster === options.cluster) {
      const draft = addPod(drafts, podIdentity(endpoint), endpoint.labels, hygiene);
      keys.client.set(endpoint, draft);
      keys.server.set(endpoint, draft);
      continue;
    }
    if (roles.client) keys.client.set(endpoint, addOutside(drafts, endpoint, clientName(endpoint)));
    if (roles.server) keys.server.set(endpoint, addOutside(drafts, endpoint, serverName(endpoint, names)));
  }
  for (const { namespace, kind, name, labels, replicas } of workloads) {
    const draft = addPod(drafts, { namespace, kind, name }, labels, hygiene);
    draft.replicas = Math.max(draft.replicas, replicas);
  }
  return finish(drafts, keys, hygiene, options);
}

function finish(
  drafts: ReadonlyMap<string, Draft>,
  keys: { client: ReadonlyMap<EdgeEndpoint, Draft>; server: ReadonlyMap<EdgeEndpoint, Draft> },
  hygiene: Hygiene,
  options: LearnOptions,
): Parties {
  const sorted = [...drafts.values()].sort((a, b) => compareText(a.key, b.key));
  const all = sorted.map((draft, index): Party => {
    const workloads = sortedValues(draft.workloads);
    const labels = sortedValues(draft.labels);
    const patchable =
      workloads.length > 0 && workloads.every(({ kind, name }) => name !== '' && podTemplate(kind) !== undefined);
    const subject = !draft.outside && patchable && isSubjectNamespace(options, draft.namespace);
    const first = workloads[0];
    const name = first ? `${first.namespace}/${first.name === '' ? '?' : first.name}` : draft.name;
    const single = draft.replicas === 1 && workloads.length === 1;
    return { ...draft, index, name, workloads, labels, subject, single };
  });
  const byDraft = new Map(sorted.map((draft, index) => [draft, all[index] as Party]));
  const resolve = (known: ReadonlyMap<EdgeEndpoint, Draft>): ReadonlyMap<EdgeEndpoint, Party> =>
    new Map([...known].map(([endpoint, draft]) => [endpoint, byDraft.get(draft) as Party]));
  const clients = resolve(keys.client);
  const servers = resolve(keys.server);
  return {
    all,
    hygiene,
    client: (edge) => clients.get(edge.client) as Party,
    server: (edge) => servers.get(edge.server) as Party,
  };
}

function sortedValues<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].sort(([a], [b]) => compareText(a, b)).map(([, value]) => value);
}

function distinctEndpoints(edges: readonly Edge[]): Map<EdgeEndpoint, { client: boolean; server: boolean }> {
  const found = new Map<EdgeEndpoint, { client: boolean; server: boolean }>();
  const roles = (endpoint: EdgeEndpoint): { client: boolean; server: boolean } => {
    const known = found.get(endpoint);
    if (known) return known;
    const created = { client: false, server: false };
    found.set(endpoint, created);
    return created;
  };
  for (const edge of edges) {
    roles(edge.client).client = true;
    roles(edge.server).server = true;
  }
  return found;
}

function ownedLabels(
  endpoints: ReadonlyMap<EdgeEndpoint, unknown>,
  workloads: Inventory['workloads'],
  cluster: string,
): OwnedLabels[] {
  const owners = new Map<string, Map<string, LabelSet>>();
  const add = (id: WorkloadRef, labels: LabelSet): void => {
    if (isEphemeral(id)) return;
    const key = `${id.namespace}\0${id.kind}\0${id.name}`;
    const sets = owners.get(key) ?? new Map<string, LabelSet>();
    owners.set(key, sets.set(labels.id, labels));
  };
  for (const endpoint of endpoints.keys())
    if (endpoint.kind === 'pod' && endpoint.cluster === cluster) add(podIdentity(endpoint), endpoint.labels);
  for (const workload of workloads) add(workload, workload.labels);
  return [...owners].map(([owner, sets]) => ({ owner, sets: [...sets.values()] }));
}

function podIdentity(endpoint: EdgeEndpoint): WorkloadRef {
  return { namespace: endpoint.namespace, kind: endpoint.workloadKind, name: endpoint.workload };
}

/** Pods and Jobs come and go under new names; what lasts is their labels. */
function isEphemeral({ kind, name }: WorkloadRef): boolean {
  return name === '' || kind === 'Pod' || kind === 'Job' || kind === '';
}

function addPod(drafts: Map<string, Draft>, id: WorkloadRef, labels: LabelSet, hygiene: Hygiene): Draft {
  const clean = labels.id === '0' ? undefined : hygiene.clean(labels);
  const canonical = clean === undefined ? '' : canonicalLabels(clean);
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
  if (clean !== undefined) draft.labels.set(canonical, clean);
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

/** Names that any client resolved for an address: the same address is the same server for all of them. */
function namesByAddress(edges: readonly Edge[]): ReadonlyMap<string, string> {
  const first = new Map<string, string>();
  for (const { server, serverNames } of edges) {
    if (server.address === '') continue;
    for (const name of serverNames) {
      const known = first.get(server.address);
      if (known === undefined || compareText(name, known) < 0) first.set(server.address, name);
    }
  }
  return first;
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
