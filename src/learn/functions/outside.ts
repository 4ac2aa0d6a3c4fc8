import type { Edge } from '../../model/edge.ts';
import type { OutsidePeer } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import { edgesOfLink, isCarried, type Links } from '../links/links.ts';
import type { LearnOptions } from '../options.ts';
import { type Cover, coverAddresses, INTERNET, isAddress } from '../parties/cidrs.ts';
import type { Party } from '../parties/parties.ts';

/** Distinct addresses of one end of some links, sorted; a CIDR that names a peer stands for its addresses. */
export function addressesOf(links: Links, indexes: Iterable<number>, role: 'client' | 'server'): string[] {
  const found = new Set<string>();
  for (const link of indexes)
    for (const edge of edgesOfLink(links, link).filter(namesAddresses)) {
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

/** What got through, and what an earlier run granted. */
function namesAddresses(edge: Edge): boolean {
  return isCarried(edge) || (edge.oriented && edge.passed !== undefined);
}

/** Whether blocks hold more than the addresses seen; what an earlier run widened still counts. */
function isWider(cidrs: readonly string[], hosts: readonly string[]): boolean {
  const exact = new Set(coverAddresses(hosts, Number.POSITIVE_INFINITY)?.cidrs);
  return cidrs.some((cidr) => !exact.has(cidr));
}

function isHost(address: string): boolean {
  return !address.includes('/');
}

function isEverything(address: string): boolean {
  return address === '0.0.0.0/0' || address === '::/0';
}

/** An outside party as a peer of one pair, and a sentence for the reviewer when more is granted than was seen. */
export function addressPeer(
  party: Party,
  addresses: readonly string[],
  given: { readonly role: 'client' | 'server'; readonly options: LearnOptions },
): { readonly peer: OutsidePeer; readonly review?: string } {
  const { cidrs, except, widened } = blocks(party, addresses, given);
  const peer: OutsidePeer = { peer: 'addresses', what: party.name, kind: party.kind, cidrs, except };
  if (!widened) return { peer };
  const from = `${addresses.filter(isHost).length} addresses of ${party.name}`;
  const to = except.length > 0 ? 'all public addresses' : cidrs.join(', ');
  return { peer, review: `${from} were widened to ${to}` };
}

function blocks(
  party: Party,
  addresses: readonly string[],
  { role, options }: { readonly role: 'client' | 'server'; readonly options: LearnOptions },
): Cover {
  if (addresses.some(isEverything)) return INTERNET;
  const isPublic = party.kind === 'external';
  if (isPublic && role === 'client' && addresses.length >= options.internetSources) return INTERNET;
  const cover = coverAddresses(addresses, options.cidrBudget);
  if (cover) return { ...cover, widened: isWider(cover.cidrs, addresses.filter(isHost)) };
  if (isPublic) return INTERNET;
  return coverAddresses(addresses, Number.POSITIVE_INFINITY) ?? INTERNET;
}
