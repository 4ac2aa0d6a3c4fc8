import type { Edge, EdgeEndpoint, Observation } from '../../model/edge.ts';
import type { Evidence } from '../../model/pair.ts';
import { bitCount } from '../../util/bitset.ts';

/** What passed on some edges, added up; edges without passed traffic add nothing. */
export interface Sightings {
  readonly flows: number;
  readonly connections: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** UTC day → mask of its hours. */
  readonly days: ReadonlyMap<number, number>;
  /** Pods (else addresses) of the client side. */
  readonly clients: ReadonlySet<string>;
}

/** Adds up the passed observations of `edges`, which all belong to one link or one pair. */
export function sightings(edges: Iterable<Edge>): Sightings {
  const days = new Map<number, number>();
  const clients = new Set<string>();
  let flows = 0;
  let connections = 0;
  let firstSeen = Number.POSITIVE_INFINITY;
  let lastSeen = 0;
  for (const { passed, client } of edges) {
    if (!passed) continue;
    flows += passed.flows;
    connections += passed.connections;
    firstSeen = Math.min(firstSeen, passed.firstSeen);
    lastSeen = Math.max(lastSeen, passed.lastSeen);
    for (const { day, hours } of passed.activity) days.set(day, (days.get(day) ?? 0) | hours);
    for (const pod of clientsOf(passed, client)) clients.add(pod);
  }
  return { flows, connections, firstSeen, lastSeen, days, clients };
}

/** Who called: pods by name, else addresses, else the endpoint's own address. */
export function clientsOf(observation: Observation, client: EdgeEndpoint): readonly string[] {
  if (observation.clientPods.length > 0) return observation.clientPods;
  if (observation.clientAddresses.length > 0) return observation.clientAddresses;
  return client.address === '' ? [] : [client.address];
}

/** The evidence record of some sightings; `clients` is that of the best corroborated link when given. */
export function toEvidence(seen: Sightings, links: number, clients = seen.clients.size): Evidence {
  let hours = 0;
  for (const mask of seen.days.values()) hours += bitCount(mask);
  return {
    links,
    flows: seen.flows,
    connections: seen.connections,
    hours,
    days: seen.days.size,
    clients,
    firstSeen: Number.isFinite(seen.firstSeen) ? seen.firstSeen : 0,
    lastSeen: seen.lastSeen,
  };
}
