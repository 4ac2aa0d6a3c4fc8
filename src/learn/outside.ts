import type { OutsidePeer } from '../model/pair.ts';
import { compareText } from '../util/compare.ts';
import { type Cover, coverAddresses, INTERNET, isAddress } from './cidrs.ts';
import { type Links, learnable } from './links.ts';
import type { LearnOptions } from './options.ts';
import type { Party } from './parties.ts';

/** Distinct addresses of one end of some links, sorted; a CIDR that names a peer stands for its addresses. */
export function addressesOf(links: Links, indexes: Iterable<number>, role: 'client' | 'server'): string[] {
  const found = new Set<string>();
  for (const link of indexes)
    for (const edge of learnable(links, link)) {
      const end = edge[role];
      if (isAddress(end.peer)) {
        found.add(end.peer);
        continue;
      }
      if (end.address !== '') found.add(end.address);
      const seen = role === 'client' ? edge.passed?.clientAddresses : edge.passed?.serverAddresses;
      for (const address of seen ?? []) found.add(address);
    }
  return [...found].filter(isAddress).sort(compareText);
}

/** An outside party as a peer of one pair, and a sentence for the reviewer when more is granted than was seen. */
export function addressPeer(
  party: Party,
  addresses: readonly string[],
  given: { readonly role: 'client' | 'server'; readonly options: LearnOptions },
): { readonly peer: OutsidePeer; readonly review?: string } {
  const { cidrs, except, widened } = blocks(party, addresses, given);
  const peer: OutsidePeer = { peer: 'addresses', what: party.name, cidrs, except };
  if (!widened) return { peer };
  const from = `${addresses.length} addresses of ${party.name}`;
  const to = except.length > 0 ? 'all public addresses' : cidrs.join(', ');
  return { peer, review: `${from} were widened to ${to}` };
}

function blocks(
  party: Party,
  addresses: readonly string[],
  { role, options }: { readonly role: 'client' | 'server'; readonly options: LearnOptions },
): Cover {
  const isPublic = party.kind === 'external';
  if (isPublic && role === 'client' && addresses.length >= options.internetSources) return INTERNET;
  const cover = coverAddresses(addresses, options.cidrBudget);
  if (cover) return cover;
  if (isPublic) return INTERNET;
  return coverAddresses(addresses, Number.POSITIVE_INFINITY) ?? INTERNET;
}
