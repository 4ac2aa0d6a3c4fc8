import { addressRanges } from '../../evaluate/connectivity/addresses.ts';
import type { ConnectivityEnd } from '../../evaluate/connectivity/connectivity.ts';
import { workloadEndpoint } from '../../evaluate/match/facts.ts';
import type { EdgeEndpoint } from '../../model/edge.ts';
import { UNKNOWN_LABELS } from '../../model/labels.ts';
import type { PolicySet } from '../../model/policy.ts';
import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';
import type { EstateWorkload } from './load-estate.ts';

export interface EndOptions {
  /** Whether blocks of addresses are compared with the addresses of pods. */
  readonly ipBlocks: 'pods' | 'external';
  /** Pods in the network of their node as what they are, or as the node their traffic looks like. */
  readonly hostNetwork: 'pods' | 'nodes';
}

/** What is said of a pod whose address is in no manifest, and of anyone outside: that it is some IPv4 address. */
export const ANY_ADDRESS = '0.0.0.0-255.255.255.255';

/** One end per owner, address ranges first, then by namespace, name and kind. */
export function estateEnds(
  workloads: readonly EstateWorkload[],
  sets: readonly PolicySet[],
  options: EndOptions,
): ConnectivityEnd[] {
  const ranges = addressRanges(sets).map(
    (cidr): ConnectivityEnd => ({ shown: { cidr }, members: [rangeEndpoint(cidr)] }),
  );
  const owners = new Map<string, EstateWorkload[]>();
  for (const one of workloads) appendTo(owners, `${one.namespace}\0${one.name}\0${one.kind}\0${one.cluster}`, one);
  const sorted = [...owners].sort(([a], [b]) => compareText(a, b)).map(([, forms]) => forms);
  return [
    ...ranges,
    ...sorted.map((forms): ConnectivityEnd => {
      const { namespace, name, kind } = forms[0] as EstateWorkload;
      return { shown: { namespace, name, kind }, members: forms.flatMap((form) => workloadMembers(form, options)) };
    }),
  ];
}

/** An address, a CIDR block or `first-last` outside of the cluster. */
export function rangeEndpoint(address: string): EdgeEndpoint {
  const nobody = { cluster: '', namespace: '', workload: '', workloadKind: '', labels: UNKNOWN_LABELS, peer: '' };
  return { ...nobody, kind: 'external', address };
}

/** The workload's pods, each known address apart. */
export function workloadMembers(workload: EstateWorkload, { ipBlocks, hostNetwork }: EndOptions): EdgeEndpoint[] {
  const endpoint = workloadEndpoint(workload);
  const { addresses = [] } = workload;
  const kind = workload.hostNetwork && hostNetwork === 'nodes' ? 'host' : 'pod';
  if (ipBlocks === 'external' && kind === 'pod') return [endpoint];
  const known = addresses.length > 0 ? addresses : [ANY_ADDRESS];
  return known.map((address) => ({ ...endpoint, kind, address }));
}
