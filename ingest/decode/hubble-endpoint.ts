import type { Endpoint } from '../../src/model/endpoint.ts';
import type { EndpointKind } from '../../src/model/enums.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import type { JsonObject } from './decoder.ts';
import { NO_ENDPOINT } from './draft.ts';
import { count, list, object, part, text } from './fields.ts';
import { type HubbleLabels, kindOfIdentity, kindOfReserved, readHubbleLabels } from './hubble-labels.ts';
import { internLabels } from './label-hygiene.ts';
import { workloadOfPod } from './workload-name.ts';

/** An endpoint with what its record says besides. */
export interface HubbleEndpoint {
  readonly endpoint: Endpoint;
  /** Cluster the endpoint lives in; `''` when not told. */
  readonly cluster: string;
  /** Labels of its namespace, the same object for the same endpoint; `undefined` when the record has none. */
  readonly namespaceLabels: ReadonlyMap<string, string> | undefined;
  /** Traffic of the encryption layer itself, which carries other flows. */
  readonly encrypted: boolean;
}

const NOTHING: HubbleEndpoint = {
  endpoint: NO_ENDPOINT,
  cluster: '',
  namespaceLabels: undefined,
  encrypted: false,
};

interface Remembered {
  readonly source: JsonObject;
  readonly known: HubbleEndpoint;
}

/** More pods than most clusters have, at one or two KB each; beyond, the memory starts anew instead of growing. */
const ENDPOINT_LIMIT = 32_768;
/** Namesakes, and the states of one pod, that are kept beside each other. */
const NAMESAKES = 4;

/**
 * Reads endpoints of Hubble flows and remembers them: the same pod gives the same `Endpoint` object, so that label
 * hygiene, hashing and encoding are paid once per pod, not per record. A remembered endpoint is used only when every
 * field that it was read from is equal again, so the memory never shows in the result.
 */
export class HubbleEndpoints {
  readonly #interner: LabelInterner;
  readonly #byKey = new Map<unknown, Remembered[]>();

  constructor(interner: LabelInterner) {
    this.#interner = interner;
  }

  read(value: unknown): HubbleEndpoint {
    const source = object(value);
    if (source === undefined) return NOTHING;
    const labels = source.labels;
    const key = source.pod_name ?? source.identity ?? (Array.isArray(labels) ? labels[0] : source.namespace);
    const namesakes = this.#byKey.get(key);
    if (namesakes !== undefined)
      for (const remembered of namesakes) if (isSame(remembered.source, source)) return remembered.known;
    const known = readEndpoint(source, this.#interner);
    this.#remember(key, namesakes ?? [], { source, known });
    return known;
  }

  #remember(key: unknown, namesakes: Remembered[], added: Remembered): void {
    if (this.#byKey.size >= ENDPOINT_LIMIT) this.#byKey.clear();
    this.#byKey.set(key, [added, ...namesakes.slice(0, NAMESAKES - 1)]);
  }
}

/** Whether two endpoint parts agree in every field that `readEndpoint` reads. */
function isSame(a: JsonObject, b: JsonObject): boolean {
  if (a === b) return true;
  return (
    a.pod_name === b.pod_name &&
    a.identity === b.identity &&
    a.namespace === b.namespace &&
    a.cluster_name === b.cluster_name &&
    sameLabels(a.labels, b.labels) &&
    sameWorkload(a.workloads, b.workloads)
  );
}

function sameLabels(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function sameWorkload(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return a === b;
  const [first, second] = [part(a[0]), part(b[0])];
  return first.name === second.name && first.kind === second.kind;
}

function readEndpoint(source: JsonObject, interner: LabelInterner): HubbleEndpoint {
  const labels = Array.isArray(source.labels) ? source.labels : undefined;
  const told = readHubbleLabels(labels ?? []);
  const pod = text(source.pod_name);
  const namespace = text(source.namespace) || told.namespace;
  const identity = Math.min(count(source.identity), 0xffff_ffff);
  const kind = kindOf(told, identity, pod !== '' || namespace !== '' || told.own.length > 0);
  const account = told.serviceAccount;
  const { workload, workloadKind } = workloadOf(list(source.workloads)[0], pod);
  return {
    endpoint: Object.freeze({
      kind,
      namespace,
      workload,
      workloadKind,
      pod,
      labels: labelsOf(kind, labels, told, interner),
      peer: kind === 'pod' ? '' : told.peer,
      principal: account === '' ? '' : `spiffe://cluster.local/ns/${namespace}/sa/${account}`,
      identity,
    }),
    cluster: text(source.cluster_name) || told.cluster,
    namespaceLabels: namespace !== '' && told.namespaceLabels.size > 0 ? told.namespaceLabels : undefined,
    encrypted: told.reserved.has('overlay-to-encrypt') || identity === 11,
  };
}

function kindOf(told: HubbleLabels, identity: number, namesPod: boolean): EndpointKind {
  const reserved = kindOfReserved(told.reserved);
  if (reserved !== undefined) return reserved;
  if (identity > 0 && identity < 100) return kindOfIdentity(identity);
  if (namesPod) return 'pod';
  return told.peer === '' ? kindOfIdentity(identity) : 'external';
}

/**
 * Pods whose labels were masked away have unknown labels, which is not the same as none. Everything that is known not
 * to be a pod has none: labels of nodes say nothing that a pod selector could use.
 */
function labelsOf(
  kind: EndpointKind,
  labels: readonly unknown[] | undefined,
  told: HubbleLabels,
  interner: LabelInterner,
): LabelSet {
  if (kind === 'pod') return labels === undefined ? UNKNOWN_LABELS : internLabels(told.own, interner);
  if (kind === 'unknown' || kind === 'unmanaged')
    return told.own.length === 0 ? UNKNOWN_LABELS : internLabels(told.own, interner);
  return interner.intern(new Map());
}

function workloadOf(first: unknown, pod: string): { readonly workload: string; readonly workloadKind: string } {
  const named = part(first);
  const workload = text(named.name);
  return workload === '' ? workloadOfPod(pod) : { workload, workloadKind: text(named.kind) };
}
