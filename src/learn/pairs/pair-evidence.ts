import type { Evidence } from '../../model/pair.ts';
import type { LinkFacts } from '../links/link-facts.ts';
import { at, numberAt } from '../links/links.ts';

/** The evidence of all links of one pair. `clients` is that of the best corroborated link. */
export function pairEvidence(facts: LinkFacts, links: readonly number[]): Evidence {
  // Variables, not fields: a fraction in a field is an object of its own, and there are as many as links.
  let [flows, connections, clients] = [0, 0, 0];
  let [firstSeen, lastSeen] = [Number.POSITIVE_INFINITY, 0];
  for (const link of links) {
    clients = Math.max(clients, at(facts.clients, link));
    flows += numberAt(facts.flows, link);
    connections += numberAt(facts.connections, link);
    firstSeen = Math.min(firstSeen, numberAt(facts.firstSeen, link));
    lastSeen = Math.max(lastSeen, numberAt(facts.lastSeen, link));
  }
  if (!Number.isFinite(firstSeen)) firstSeen = 0;
  return { links: links.length, flows, connections, firstSeen, lastSeen, clients, ...facts.activeTime(links) };
}
