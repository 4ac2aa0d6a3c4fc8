import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import { inventoryRows } from '../schema/inventory-tables.ts';
import type { Store } from '../store.ts';

/** The first port that any program may listen on; below it only the system's services do. */
const FIRST_USER_PORT = 1024;

/** What the inventory says listens, by `listenerKey`. */
export type Listeners = ReadonlySet<string>;

/** Ports that containers declare and that Services send to. */
const LISTENERS_SQL = `SELECT DISTINCT cluster, ns, wl, of.1, of.2 FROM (
    SELECT cluster, namespace AS ns, workload AS wl, arrayJoin(arrayMap(x -> (x.2, x.3), ports)) AS of FROM ${inventoryRows('pods')}
    UNION ALL
    SELECT cluster, namespace AS ns, workload AS wl, arrayJoin(arrayMap(x -> (x.2, x.3), ports)) AS of FROM ${inventoryRows('workloads')}
    UNION ALL
    SELECT p.cluster AS cluster, p.namespace AS ns, p.workload AS wl,
      arrayJoin(arrayMap(x -> (x.2, if(match(x.4, '^[0-9]+$'), toUInt16OrZero(x.4), 0)), s.ports)) AS of
    FROM ${inventoryRows('services')} AS s INNER JOIN ${inventoryRows('pods')} AS p ON s.cluster = p.cluster AND s.namespace = p.namespace
    WHERE notEmpty(s.selector)
      AND arrayAll(key -> mapContains(p.all_labels, key) AND p.all_labels[key] = s.selector[key], mapKeys(s.selector))
  ) WHERE of.2 > 0`;

export async function readListeners(store: Store): Promise<Listeners> {
  const rows = await store.query(LISTENERS_SQL);
  return new Set((rows as [string, string, string, number, number][]).map((row) => row.join(' ')));
}

function listenerKey({ cluster, namespace, workload }: EdgeEndpoint, protocol: number, port: number): string {
  return [cluster, namespace, workload, protocol, port].join(' ');
}

/**
 * Decides about edges whose direction only the ports suggest. The guess holds where something is known to listen there:
 * by the inventory, by other edges to the same server whose sources knew, or, outside the cluster, by a system's port.
 * Otherwise the edge counts as not oriented, and nothing is learned from it.
 */
export function confirmGuesses(edges: readonly Edge[], guessed: ReadonlySet<Edge>, listeners: Listeners): Edge[] {
  const seen = new Set<string>();
  for (const edge of edges) if (edge.oriented && !guessed.has(edge)) seen.add(serverKey(edge));
  return edges.map((edge) => {
    if (!edge.oriented || !guessed.has(edge) || seen.has(serverKey(edge))) return edge;
    return listens(edge, listeners) ? edge : { ...edge, oriented: false };
  });
}

function serverKey({ server, protocol, port }: Edge): string {
  return `${listenerKey(server, protocol, port)} ${server.kind} ${server.address}`;
}

function listens({ server, protocol, port }: Edge, listeners: Listeners): boolean {
  if (server.kind === 'pod') return listeners.has(listenerKey(server, protocol, port));
  return port > 0 && port < FIRST_USER_PORT;
}
