import type { Edge } from '../model/edge.ts';
import type { Evidence } from '../model/pair.ts';
import { bitCount } from './bitset.ts';
import { clientsOf, sightings } from './evidence.ts';
import { type Links, learnable } from './links.ts';

/** The evidence of all links of one pair. `clients` is that of the best corroborated link. */
export function pairEvidence(links: Links, indexes: readonly number[]): Evidence {
  const days = new Map<number, number>();
  const sum = { flows: 0, connections: 0, firstSeen: Number.POSITIVE_INFINITY, lastSeen: 0, clients: 0 };
  for (const link of indexes) {
    const edges = learnable(links, link);
    sum.clients = Math.max(sum.clients, clientsOfLink(edges));
    for (const { passed } of edges) {
      if (!passed) continue;
      sum.flows += passed.flows;
      sum.connections += passed.connections;
      sum.firstSeen = Math.min(sum.firstSeen, passed.firstSeen);
      sum.lastSeen = Math.max(sum.lastSeen, passed.lastSeen);
      for (const { day, hours } of passed.activity) {
        const known = days.get(day) ?? 0;
        if ((known | hours) !== known) days.set(day, known | hours);
      }
    }
  }
  let hours = 0;
  for (const mask of days.values()) hours += bitCount(mask);
  const firstSeen = Number.isFinite(sum.firstSeen) ? sum.firstSeen : 0;
  return { links: indexes.length, ...sum, firstSeen, hours, days: days.size };
}

function clientsOfLink(edges: readonly Edge[]): number {
  const [only] = edges;
  if (edges.length === 1 && only?.passed) return clientsOf(only.passed, only.client.address).length;
  return sightings(edges).clients.size;
}
