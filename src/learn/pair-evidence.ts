import type { Evidence } from '../model/pair.ts';
import { bitCount } from './bitset.ts';
import { clientsOf, sightings } from './evidence.ts';
import { at, type Links, learnable } from './links.ts';

/** The evidence of all links of one pair. `clients` is that of the best corroborated link. */
export function pairEvidence(links: Links, indexes: readonly number[]): Evidence {
  const days = new Map<number, number>();
  const sum = { flows: 0, connections: 0, firstSeen: Number.POSITIVE_INFINITY, lastSeen: 0, clients: 0 };
  for (const link of indexes) {
    sum.clients = Math.max(sum.clients, clientsOfLink(links, link));
    for (const { passed } of learnable(links, link)) {
      if (!passed) continue;
      sum.flows += passed.flows;
      sum.connections += passed.connections;
      sum.firstSeen = Math.min(sum.firstSeen, passed.firstSeen);
      sum.lastSeen = Math.max(sum.lastSeen, passed.lastSeen);
      for (const { day, hours } of passed.activity) days.set(day, (days.get(day) ?? 0) | hours);
    }
  }
  let hours = 0;
  for (const mask of days.values()) hours += bitCount(mask);
  const firstSeen = Number.isFinite(sum.firstSeen) ? sum.firstSeen : 0;
  return { links: indexes.length, ...sum, firstSeen, hours, days: days.size };
}

function clientsOfLink(links: Links, link: number): number {
  const first = at(links.starts, link);
  const only = links.edges[at(links.members, first)];
  if (at(links.starts, link + 1) === first + 1 && only?.passed)
    return clientsOf(only.passed, only.client.address).length;
  return sightings(learnable(links, link)).clients.size;
}
