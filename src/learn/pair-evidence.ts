import type { Edge } from '../model/edge.ts';
import type { Evidence } from '../model/pair.ts';
import { DayMasks } from './day-masks.ts';
import type { LinkFacts } from './link-facts.ts';
import { at, type Links } from './links.ts';

/** The evidence of all links of one pair. `clients` is that of the best corroborated link. */
export function pairEvidence(links: Links, facts: LinkFacts, indexes: readonly number[]): Evidence {
  const masks = new DayMasks();
  const sum = { flows: 0, connections: 0, firstSeen: Number.POSITIVE_INFINITY, lastSeen: 0, clients: 0 };
  for (const link of indexes) {
    sum.clients = Math.max(sum.clients, at(facts.clients, link));
    for (let m = at(links.starts, link); m < at(links.starts, link + 1); m += 1) {
      const { passed, oriented } = links.edges[at(links.members, m)] as Edge;
      if (!passed || !oriented) continue;
      sum.flows += passed.flows;
      sum.connections += passed.connections;
      sum.firstSeen = Math.min(sum.firstSeen, passed.firstSeen);
      sum.lastSeen = Math.max(sum.lastSeen, passed.lastSeen);
      masks.add(passed.activity);
    }
  }
  const firstSeen = Number.isFinite(sum.firstSeen) ? sum.firstSeen : 0;
  return { links: indexes.length, ...sum, firstSeen, ...masks.count() };
}
