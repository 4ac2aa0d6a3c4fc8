import { workloadEndpoint } from '../../evaluate/match/facts.ts';
import type { Traffic } from '../../evaluate/match/traffic.ts';
import { type Edge, type EdgeEndpoint, OBSERVED_MEMBERS_LIMIT } from '../../model/edge.ts';
import type { Workload } from '../../model/inventory.ts';
import type { Decision } from '../../model/verdict.ts';
import { compareText } from '../../util/compare.ts';
import { addressesByWorkload, workloadKey } from '../workloads.ts';

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

/** The decision alone, without its trail: millions of questions are asked. */
export type DecisionOf = (traffic: Traffic) => Decision;

/** Asking more combinations than this would take longer than the answer is worth; then every n-th is asked. */
const MOST_QUESTIONS = 2_000_000;

/** Workloads that no policy can tell apart, asked about once. */
interface Group {
  readonly sample: Workload;
  /** The sample as an end of traffic, always the same object: the evaluator knows ends by identity. */
  readonly endpoint: EdgeEndpoint;
  readonly members: Set<string>;
  /** Addresses seen of any member, a sample. */
  readonly addresses: string[];
}

/** One port on which members of a group were seen answering. */
interface Listener {
  readonly group: Group;
  readonly protocol: number;
  readonly port: number;
  readonly members: Set<string>;
  /** Distinct used tuples by the group of the client, a workload with itself left out. */
  readonly uses: Map<Group, number>;
}

/**
 * The first form of the least-privilege score: of all that policies allow between the workloads seen, the share that
 * was used. An end without a policy allows everything, and so does one that cannot be told: the score never flatters.
 */
export function leastPrivilege(
  edges: readonly Edge[],
  workloads: readonly Workload[],
  decision: DecisionOf,
): LeastPrivilege {
  const groups = groupWorkloads(workloads, addressesByWorkload(edges));
  const listeners = findListeners(edges, groups);
  const clients = [...new Set(groups.values())];
  const every = Math.max(1, Math.ceil((clients.length * listeners.length) / MOST_QUESTIONS));
  const sums = new Map<string, { grantable: number; allowed: number; used: number }>();
  for (const [row, listener] of listeners.entries()) {
    const { namespace, cluster } = listener.group.sample;
    const sum = sums.get(namespace) ?? { grantable: 0, allowed: 0, used: 0 };
    sums.set(namespace, sum);
    for (const [column, client] of clients.entries()) {
      if (client.sample.cluster !== cluster || (row + column) % every !== 0) continue;
      const tuples = tuplesBetween(client, listener);
      sum.grantable += tuples;
      if (tuples === 0 || !allows(client, listener, decision)) continue;
      sum.allowed += tuples;
      sum.used += listener.uses.get(client) ?? 0;
    }
  }
  const namespaces = [...sums].map(([namespace, sum]) => ({ namespace, ...sum }));
  namespaces.sort((a, b) => compareText(a.namespace, b.namespace));
  return { ...total(namespaces), namespaces, every };
}

function allows(client: Group, { group, protocol, port }: Listener, decision: DecisionOf): boolean {
  const traffic: Traffic = {
    client: client.endpoint,
    server: group.endpoint,
    protocol,
    port,
    clientAddresses: client.addresses,
    serverAddresses: group.addresses,
  };
  return decision(traffic) !== 'deny';
}

/** Client members times server members, a workload with itself left out. */
function tuplesBetween(client: Group, listener: Listener): number {
  const partners = client === listener.group ? client.members.size - 1 : client.members.size;
  return partners * listener.members.size;
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
    const group = byFacts.get(facts) ?? {
      sample: workload,
      endpoint: workloadEndpoint(workload),
      members: new Set<string>(),
      addresses: [],
    };
    byFacts.set(facts, group);
    const key = workloadKey(workloadEndpoint(workload));
    group.members.add(key);
    const room = OBSERVED_MEMBERS_LIMIT - group.addresses.length;
    group.addresses.push(...[...(addresses.get(key) ?? [])].sort().slice(0, room));
    byWorkload.set(key, group);
  }
  return byWorkload;
}

/** Ports that something passed to, in a stable order, with the tuples that were used. */
function findListeners(edges: readonly Edge[], groups: ReadonlyMap<string, Group>): Listener[] {
  const listeners = new Map<string, Listener>();
  const tuples = new Set<string>();
  for (const { client, server, protocol, port, passed, oriented } of edges) {
    const clientKey = workloadKey(client);
    const serverKey = workloadKey(server);
    const from = groups.get(clientKey);
    const group = groups.get(serverKey);
    if (!oriented || passed === undefined || from === undefined || group === undefined) continue;
    const place = `${group.members.values().next().value}\0${protocol}\0${port}`;
    const listener = listeners.get(place) ?? { group, protocol, port, members: new Set(), uses: new Map() };
    listeners.set(place, listener);
    listener.members.add(serverKey);
    const tuple = `${clientKey}\0\0${serverKey}\0${protocol}\0${port}`;
    if (clientKey === serverKey || tuples.has(tuple)) continue;
    tuples.add(tuple);
    listener.uses.set(from, (listener.uses.get(from) ?? 0) + 1);
  }
  return [...listeners].sort(([a], [b]) => compareText(a, b)).map(([, listener]) => listener);
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
