import { workloadEndpoint } from '../evaluate/facts.ts';
import { type Edge, OBSERVED_MEMBERS_LIMIT } from '../model/edge.ts';
import type { Workload } from '../model/inventory.ts';
import { compareText } from '../util/compare.ts';
import type { Decide } from './judge.ts';
import { addressesByWorkload, workloadKey } from './workloads.ts';

/** How much of what is allowed is used, over pairs of workloads and the ports on which something was seen listening. */
export interface UseOfGrants {
  /** Tuples (client workload, server workload, port) that could be granted. */
  readonly grantable: number;
  readonly allowed: number;
  readonly used: number;
}

export interface LeastPrivilege extends UseOfGrants {
  /** By namespace of the server, sorted. */
  readonly namespaces: readonly (UseOfGrants & { readonly namespace: string })[];
  /** Every how-many-th tuple was asked; 1 = all of them. More than 1 makes the numbers estimates. */
  readonly every: number;
}

/** 100 · used / allowed with one decimal; undefined when nothing is allowed. */
export function score({ allowed, used }: UseOfGrants): number | undefined {
  return allowed === 0 ? undefined : Math.round((1000 * used) / allowed) / 10;
}

/** Asking more combinations than this would take longer than the answer is worth; then every n-th is asked. */
const MOST_QUESTIONS = 2_000_000;

/** Workloads that no policy can tell apart, asked about once. */
interface Group {
  readonly key: string;
  readonly sample: Workload;
  readonly members: Set<string>;
  /** Addresses seen of any member, a sample. */
  readonly addresses: string[];
}

/** A group and one port on which members of it were seen answering. */
interface Listener extends Group {
  readonly protocol: number;
  readonly port: number;
}

/**
 * The first form of the least-privilege score: of all that policies allow between the workloads seen, the share that
 * was used. An end without a policy allows everything, and so does one that cannot be told: the score never flatters.
 */
export function leastPrivilege(edges: readonly Edge[], workloads: readonly Workload[], decide: Decide): LeastPrivilege {
  const groups = groupWorkloads(workloads, addressesByWorkload(edges));
  const uses = countUses(edges, groups);
  const clients = [...new Set(groups.values())];
  const every = Math.max(1, Math.ceil((clients.length * uses.listeners.length) / MOST_QUESTIONS));
  const sums = new Map<string, { grantable: number; allowed: number; used: number }>();
  let question = 0;
  for (const listener of uses.listeners) {
    const { namespace, cluster } = listener.sample;
    const sum = sums.get(namespace) ?? { grantable: 0, allowed: 0, used: 0 };
    sums.set(namespace, sum);
    for (const client of clients) {
      question += 1;
      if (client.sample.cluster !== cluster || question % every !== 0) continue;
      const tuples = tuplesBetween(client, listener);
      sum.grantable += tuples;
      if (tuples === 0 || !allows(client, listener, decide)) continue;
      sum.allowed += tuples;
      sum.used += uses.counts.get(pairKey(client, listener)) ?? 0;
    }
  }
  const namespaces = [...sums].map(([namespace, sum]) => ({ namespace, ...sum }));
  namespaces.sort((a, b) => compareText(a.namespace, b.namespace));
  return { ...total(namespaces), namespaces, every };
}

function allows(client: Group, listener: Listener, decide: Decide): boolean {
  const ends = { client: workloadEndpoint(client.sample), server: workloadEndpoint(listener.sample) };
  const addresses = { clientAddresses: client.addresses, serverAddresses: listener.addresses };
  return decide({ ...ends, ...addresses, protocol: listener.protocol, port: listener.port }).decision !== 'deny';
}

/** Client members times server members, a workload with itself left out. */
function tuplesBetween(client: Group, listener: Listener): number {
  let tuples = 0;
  for (const server of listener.members) tuples += client.members.size - (client.members.has(server) ? 1 : 0);
  return tuples;
}

/** The group of each workload by its key: same cluster, namespace, labels, account and named ports. */
function groupWorkloads(
  workloads: readonly Workload[],
  addresses: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, Group> {
  const byFacts = new Map<string, Group>();
  const byWorkload = new Map<string, Group>();
  for (const workload of workloads) {
    const { cluster, namespace, labels, serviceAccount, namedPorts } = workload;
    const facts = JSON.stringify([cluster, namespace, labels.id, serviceAccount, namedPorts]);
    const group = byFacts.get(facts) ?? { key: facts, sample: workload, members: new Set<string>(), addresses: [] };
    byFacts.set(facts, group);
    const key = workloadKey(workloadEndpoint(workload));
    group.members.add(key);
    if (group.addresses.length < OBSERVED_MEMBERS_LIMIT) group.addresses.push(...(addresses.get(key) ?? []));
    byWorkload.set(key, group);
  }
  return byWorkload;
}

/** Listeners, and distinct used tuples by pair of client group and listener; a workload with itself left out. */
function countUses(edges: readonly Edge[], groups: ReadonlyMap<string, Group>) {
  const listeners = new Map<string, Listener>();
  const tuples = new Set<string>();
  const counts = new Map<string, number>();
  for (const { client, server, protocol, port, passed, oriented } of edges) {
    const clientKey = workloadKey(client);
    const serverKey = workloadKey(server);
    const from = groups.get(clientKey);
    const to = groups.get(serverKey);
    if (!oriented || passed === undefined || from === undefined || to === undefined) continue;
    const place = `${to.key}\0${protocol}\0${port}`;
    const listener = listeners.get(place) ?? { ...to, protocol, port, members: new Set<string>() };
    listeners.set(place, listener);
    listener.members.add(serverKey);
    const tuple = `${clientKey}\0\0${serverKey}\0${protocol}\0${port}`;
    if (clientKey === serverKey || tuples.has(tuple)) continue;
    tuples.add(tuple);
    const pair = pairKey(from, listener);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const sorted = [...listeners].sort(([a], [b]) => compareText(a, b)).map(([, listener]) => listener);
  return { listeners: sorted, counts };
}

function pairKey(client: Group, listener: Listener): string {
  return `${client.key}\0${listener.key}\0${listener.protocol}\0${listener.port}`;
}

function total(parts: readonly UseOfGrants[]): UseOfGrants {
  const sum = { grantable: 0, allowed: 0, used: 0 };
  for (const part of parts) {
    sum.grantable += part.grantable;
    sum.allowed += part.allowed;
    sum.used += part.used;
  }
  return sum;
}
