import type { Parties } from '../parties/parties.ts';
import type { LinkFacts } from './link-facts.ts';
import { at, type Links } from './links.ts';

/** What all links of a client tell of it together; columns by party. */
export interface ClientFacts {
  /** The most days of one of its links. */
  readonly activeDays: Uint16Array;
  /** Most pods at one time as the inventory knows it, else most seen at one link. */
  readonly replicas: Uint16Array;
}

/** Gathers what is known of every party as a client. */
export function findClientFacts({ count, client }: Links, facts: LinkFacts, { all }: Parties): ClientFacts {
  const activeDays = new Uint16Array(all.length);
  const replicas = new Uint16Array(all.length);
  for (let link = 0; link < count; link += 1) {
    const own = at(client, link);
    activeDays[own] = Math.max(at(activeDays, own), at(facts.days, link));
    replicas[own] = Math.max(at(replicas, own), at(facts.clients, link));
  }
  for (const party of all) if (party.replicas > 0) replicas[party.index] = Math.min(party.replicas, 65_535);
  return { activeDays, replicas };
}
