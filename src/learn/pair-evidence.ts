import type { Evidence } from '../model/pair.ts';
import { DayMasks } from './day-masks.ts';
import type { LinkFacts } from './link-facts.ts';
import { at } from './links.ts';

/** The evidence of all links of one pair. `clients` is that of the best corroborated link. */
export function pairEvidence(facts: LinkFacts, links: readonly number[]): Evidence {
  const masks = new DayMasks();
  const sum = { flows: 0, connections: 0, firstSeen: Number.POSITIVE_INFINITY, lastSeen: 0, clients: 0 };
  let added = -1;
  for (const link of links) {
    sum.clients = Math.max(sum.clients, at(facts.clients, link));
    sum.flows += at(facts.flows, link);
    sum.connections += at(facts.connections, link);
    sum.firstSeen = Math.min(sum.firstSeen, at(facts.firstSeen, link));
    sum.lastSeen = Math.max(sum.lastSeen, at(facts.lastSeen, link));
    const activity = at(facts.activity, link);
    if (activity !== added) masks.add(facts.activities[activity] ?? []);
    added = activity;
  }
  const firstSeen = Number.isFinite(sum.firstSeen) ? sum.firstSeen : 0;
  return { links: links.length, ...sum, firstSeen, ...masks.count() };
}
