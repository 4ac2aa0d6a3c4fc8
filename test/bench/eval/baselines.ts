import type { Edge } from '../../../src/model/edge.ts';
import { appendTo } from '../../../src/util/append-to.ts';
import { tupleOfEdge } from './tuples.ts';

/** What was seen of a tuple: enough for simple rules. */
export interface Seen {
  readonly days: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly clients: ReadonlySet<string>;
}

/** What passed between pods and is known to have been opened by the client, by tuple. */
export function seenTuples(edges: readonly Edge[]): ReadonlyMap<string, Seen> {
  const byTuple = new Map<string, Edge[]>();
  for (const edge of edges) {
    const tuple = edge.oriented && edge.passed ? tupleOfEdge(edge) : undefined;
    if (tuple !== undefined) appendTo(byTuple, tuple, edge);
  }
  return new Map([...byTuple].map(([tuple, list]) => [tuple, seenOf(list)]));
}

function seenOf(edges: readonly Edge[]): Seen {
  const days = new Set<number>();
  const hours = new Set<number>();
  const clients = new Set<string>();
  for (const { passed } of edges) {
    for (const { day, hours: mask } of passed?.activity ?? []) {
      days.add(day);
      for (let hour = 0; hour < 24; hour++) if ((mask >> hour) & 1) hours.add(day * 24 + hour);
    }
    for (const pod of passed?.clientPods ?? []) clients.add(pod);
  }
  return { days, hours, clients };
}

/** Grants everything that was seen. */
export function rememberEverything(seen: ReadonlyMap<string, Seen>): Set<string> {
  return new Set(seen.keys());
}

/** Grants what two client replicas did on two days. */
export function twoReplicasTwoDays(seen: ReadonlyMap<string, Seen>): Set<string> {
  return new Set(
    [...seen].filter(([, { days, clients }]) => days.size >= 2 && clients.size >= 2).map(([text]) => text),
  );
}

/**
 * One policy per workload over the labels that it has: grants everything that was seen, and the same to every workload
 * that carries the same labels in the same namespace.
 */
export function perWorkload(
  seen: ReadonlyMap<string, Seen>,
  sameLabels: (reference: string) => readonly string[],
): Set<string> {
  return new Set(
    [...seen.keys()].flatMap((text) => {
      const [client = '', server = '', port] = text.split(' ');
      return sameLabels(client).flatMap((from) => sameLabels(server).map((to) => `${from} ${to} ${port}`));
    }),
  );
}
