import type { EndpointKind } from '../../src/model/enums.ts';
import { splitLabel } from './label-hygiene.ts';

/** What the labels of a Hubble endpoint say, sorted by what it is about. */
export interface HubbleLabels {
  /** Labels of the workload itself, before hygiene. */
  readonly own: readonly (readonly [string, string])[];
  /** Labels of its namespace; empty when none are reported. */
  readonly namespaceLabels: ReadonlyMap<string, string>;
  readonly namespace: string;
  readonly cluster: string;
  readonly serviceAccount: string;
  /** Names of `reserved:` labels. */
  readonly reserved: ReadonlySet<string>;
  /** A DNS name, else the longest address block; `''` without either. */
  readonly peer: string;
}

const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
/** Sources that describe the network or the node, not the workload (cilium/cilium pkg/labels). */
const NOT_OWN = new Set(['reserved', 'cidr', 'fqdn', 'cidrgroup', 'node']);

/** `source:key=value`, split at the first `:` unless that belongs to the value; no source is `''`. */
function splitSource(label: string): [source: string, rest: string] {
  const colon = label.indexOf(':');
  const equals = label.indexOf('=');
  return colon < 0 || (equals >= 0 && equals < colon) ? ['', label] : [label.slice(0, colon), label.slice(colon + 1)];
}

/** Sorts the label strings of an endpoint; members that are not text are left out. */
export function readHubbleLabels(labels: readonly unknown[]): HubbleLabels {
  const own: [string, string][] = [];
  const namespaceLabels = new Map<string, string>();
  const special = new Map<string, string>();
  const bySource = new Map<string, string[]>();
  for (const label of labels) {
    if (typeof label !== 'string') continue;
    const [source, rest] = splitSource(label);
    if (NOT_OWN.has(source)) {
      bySource.set(source, [...(bySource.get(source) ?? []), rest]);
      continue;
    }
    const [key, value] = splitLabel(rest);
    if (key.startsWith(NAMESPACE_LABELS)) namespaceLabels.set(key.slice(NAMESPACE_LABELS.length), value);
    else if (key.startsWith('io.')) special.set(key, value);
    if (!key.startsWith('io.cilium.k8s.')) own.push([key, value]);
  }
  return {
    own,
    namespaceLabels,
    namespace: special.get('io.kubernetes.pod.namespace') ?? '',
    cluster: special.get('io.cilium.k8s.policy.cluster') ?? '',
    serviceAccount: special.get('io.cilium.k8s.policy.serviceaccount') ?? '',
    reserved: new Set(bySource.get('reserved')),
    peer: bySource.get('fqdn')?.toSorted()[0] ?? longestBlock(bySource.get('cidr') ?? []),
  };
}

/** Older agents list every covering prefix. Cilium writes `-` for `:` in labels, and pads with 0 at either end. */
function longestBlock(blocks: readonly string[]): string {
  let longest = '';
  let bits = -1;
  for (const block of blocks) {
    const length = Number(block.slice(block.indexOf('/') + 1));
    if (block.includes('/') && length > bits) [longest, bits] = [block, length];
  }
  return longest
    .replaceAll('-', ':')
    .replace(/^0::(?=.)/, '::')
    .replace(/::0\//, '::/');
}

/** First that applies wins: an API server outside the cluster also carries `reserved:world`. */
const RESERVED_KINDS: readonly (readonly [string, EndpointKind])[] = [
  ['kube-apiserver', 'apiserver'],
  ['ingress', 'ingress'],
  ['health', 'health'],
  ['host', 'host'],
  ['remote-node', 'host'],
  ['world', 'external'],
  ['world-ipv4', 'external'],
  ['world-ipv6', 'external'],
  ['unmanaged', 'unmanaged'],
  ['init', 'unknown'],
  ['unknown', 'unknown'],
];

/** The kind that reserved labels name; `undefined` without any. */
export function kindOfReserved(reserved: ReadonlySet<string>): EndpointKind | undefined {
  return RESERVED_KINDS.find(([name]) => reserved.has(name))?.[1];
}

const RESERVED_IDENTITIES: readonly EndpointKind[] = [
  'unknown',
  'host',
  'external',
  'unmanaged',
  'health',
  'unknown',
  'host',
  'apiserver',
  'ingress',
  'external',
  'external',
];
const FIRST_POD_IDENTITY = 100;
const LOCAL_SCOPE = 1 << 24;
const REMOTE_NODE_SCOPE = 2 << 24;

/** The kind that a numeric security identity alone tells: reserved, pod, address block (local scope) or node. */
export function kindOfIdentity(identity: number): EndpointKind {
  if (identity < FIRST_POD_IDENTITY) return RESERVED_IDENTITIES[identity] ?? 'unknown';
  if (identity < LOCAL_SCOPE) return 'pod';
  return identity < REMOTE_NODE_SCOPE ? 'external' : 'host';
}
