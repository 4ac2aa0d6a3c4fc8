import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import { type Inventory, workloadId } from '../../model/inventory.ts';
import { type LabelSet, UNKNOWN_LABELS } from '../../model/labels.ts';
import type { OutsidePeer, PreviousPair, PreviousSide, WorkloadRef } from '../../model/pair.ts';
import { productsOf } from '../../model/pair-scope.ts';
import { at, isCarried, type Links } from '../links/links.ts';
import { isAddress } from '../parties/cidrs.ts';
import { RULE_CODE, type Trust } from '../trust/rules.ts';

/** Ports of name resolution: whoever is isolated may resolve names anyway, and needs no earlier grant for it. */
const DNS_PORTS = new Set([53, 5353]);

/** The grants of earlier pairs as edges without observations: what stays granted, and what a person rejected. */
export interface Carried {
  readonly kept: readonly Edge[];
  readonly rejected: readonly Edge[];
}

/**
 * What earlier runs granted stays granted until a person lets it go: that a nightly job or a failover was not seen this
 * week does not mean that it is gone.
 */
export function carryGrants(
  previous: readonly PreviousPair[],
  given: { readonly inventory: Inventory; readonly cluster: string },
): Carried {
  const endpoints = endpointMaker(given);
  const single = onlyPods(given);
  const kept: Edge[] = [];
  const rejected: Edge[] = [];
  for (const pair of previous) {
    const removed = new Set(pair.unused.filter(({ remove }) => remove).map(grantText));
    // Who was only let in by the labels of others is let in again as long as these bear it, and no longer.
    const beyond = new Set(pair.client.beyond?.map(endpoints.pod));
    const stays = (edge: Edge): boolean => pair.decision === 'rejected' || !beyond.has(edge.client);
    const edges = edgesOf(pair, endpoints, single).filter((edge) => !removed.has(edgeText(edge)) && stays(edge));
    (pair.decision === 'rejected' ? rejected : kept).push(...edges);
  }
  return { kept, rejected };
}

type IsSingle = (end: EdgeEndpoint) => boolean;

/** Tells workloads that never had more than one pod, which always reaches itself. */
function onlyPods({ inventory, cluster }: Parameters<typeof carryGrants>[1]): IsSingle {
  const most = new Map<string, number>();
  for (const workload of inventory.workloads) {
    const id = workloadId(workload);
    if (workload.cluster === cluster) most.set(id, Math.max(workload.replicas, most.get(id) ?? 0));
  }
  return ({ namespace, workloadKind: kind, workload: name }) => most.get(workloadId({ namespace, kind, name })) === 1;
}

/** `shop/Deployment/web shop/Deployment/cart 6/8080`: how a grant without traffic is found again. */
function grantText({ client, server, protocol, port }: PreviousPair['unused'][number]): string {
  return `${client} ${server} ${protocol}/${port}`;
}

function edgeText({ client, server, protocol, port }: Edge): string {
  return `${endText(client)} ${endText(server)} ${protocol}/${port}`;
}

function endText({ kind, namespace, workloadKind, workload, peer, address }: EdgeEndpoint): string {
  if (kind === 'pod') return workloadId({ namespace, kind: workloadKind, name: workload });
  return peer === '' ? address : peer;
}

interface EndpointMaker {
  pod(ref: WorkloadRef): EdgeEndpoint;
  outside(peer: OutsidePeer): EdgeEndpoint[];
}

function endpointMaker({
  inventory,
  cluster,
}: {
  readonly inventory: Inventory;
  readonly cluster: string;
}): EndpointMaker {
  const labels = new Map<string, LabelSet>();
  for (const workload of inventory.workloads)
    if (workload.cluster === cluster) labels.set(workloadId(workload), workload.labels);
  const made = new Map<string, EdgeEndpoint>();
  const once = (key: string, endpoint: EdgeEndpoint): EdgeEndpoint => {
    const known = made.get(key) ?? endpoint;
    made.set(key, known);
    return known;
  };
  const toPod = ({ namespace, kind, name }: WorkloadRef): EdgeEndpoint => {
    const id = workloadId({ namespace, kind, name });
    const owner = { namespace, workload: name, workloadKind: kind, labels: labels.get(id) ?? UNKNOWN_LABELS };
    return once(id, { cluster, kind: 'pod', ...owner, peer: '', address: '' });
  };
  return {
    pod: toPod,
    outside: (peer) => {
      if (peer.peer === 'pods') return peer.members.map(toPod);
      const name = isAddress(peer.what) || GENERIC_NAMES.has(peer.what) ? '' : peer.what;
      const owner = { namespace: '', workload: '', workloadKind: '', labels: UNKNOWN_LABELS };
      return peer.cidrs
        .map(toHost)
        .map((address) =>
          once(`${peer.kind} ${name} ${address}`, { cluster, kind: peer.kind, ...owner, peer: name, address }),
        );
    },
  };
}

/** A block of one address as that address, which is how it was seen. */
function toHost(cidr: string): string {
  return cidr.replace(cidr.includes(':') ? /\/128$/ : /\/32$/, '');
}

/** Names that stand for a kind of endpoint, not for what its source called it. */
const GENERIC_NAMES = new Set(['Internet', 'private network', 'nodes', 'kube-apiserver']);

/** Every client to every server. That a single pod of a group may reach itself is nothing that was ever granted. */
function edgesOf(pair: PreviousPair, make: EndpointMaker, isSingle: IsSingle): Edge[] {
  const ends = (side: PreviousSide): EdgeEndpoint[] => [
    ...side.members.map(make.pod),
    ...side.outside.flatMap(make.outside),
  ];
  const ports = pair.ports.filter(
    ({ port, implied }) => !implied && (pair.decision === 'rejected' || !DNS_PORTS.has(port)),
  );
  return productsOf(pair).flatMap((part) => {
    const servers = ends(part.service);
    const clients = ends(part.client);
    const isGroup = servers.length > 1 && clients.length > 1 && pair.decision !== 'rejected';
    const callersOf = (server: EdgeEndpoint): EdgeEndpoint[] =>
      isGroup && isSingle(server) ? clients.filter((client) => client !== server) : clients;
    return ports.flatMap(({ protocol, port }) =>
      servers.flatMap((server) =>
        callersOf(server).map((client): Edge => ({ client, server, protocol, port, serverNames: [], oriented: true })),
      ),
    );
  });
}

/** Applies what earlier runs and people decided to the trust in links. */
export function applyCarried(trust: Trust, links: Links, { rejected }: Carried): void {
  const refused = new Set(rejected);
  for (let link = 0; link < links.count; link += 1)
    for (let m = at(links.starts, link); m < at(links.starts, link + 1); m += 1) {
      const edge = links.edges[at(links.members, m)] as Edge;
      if (!isCarried(edge)) continue;
      if (refused.has(edge)) trust[link] = RULE_CODE.rejected;
      else if (at(trust, link) > RULE_CODE.kept) trust[link] = RULE_CODE.kept;
    }
}
