import { hasPorts, protocolName } from '../../model/ports.ts';
import { at, type Links } from '../links/links.ts';
import type { LearnOptions } from '../options.ts';
import { isAddress } from '../parties/cidrs.ts';
import type { Unnamable } from '../parties/lookalikes.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { isTrusted, type Trust } from '../trust/rules.ts';
import { addressesOf } from './outside.ts';

/**
 * Which workloads may be isolated in which direction. A half isolates its members in its direction, so a workload may
 * be a member only when *all* its trusted traffic in that direction can be written; one link that cannot leaves the
 * workload open there, and its peers then have to name it by the labels it has already.
 */
export interface Coverage {
  /** Party index → causes. */
  readonly egress: ReadonlyMap<number, ReadonlySet<string>>;
  readonly ingress: ReadonlyMap<number, ReadonlySet<string>>;
}

interface Findings {
  readonly egress: Map<number, Set<string>>;
  readonly ingress: Map<number, Set<string>>;
}

/** Finds the directions that have to stay open; grows until it no longer changes, because one opening can force another. */
export function findCoverage(
  links: Links,
  trust: Trust,
  given: { readonly parties: Parties; readonly options: LearnOptions; readonly unnamable: Unnamable },
): Coverage {
  const found: Findings = { egress: new Map(), ingress: new Map() };
  let before = -1;
  while (before !== found.egress.size + found.ingress.size) {
    before = found.egress.size + found.ingress.size;
    const plain = plainLinks(links, given, found);
    for (let link = 0; link < links.count; link += 1) {
      if (!isTrusted(trust, link)) continue;
      if (plain?.(link)) continue;
      const client = given.parties.all[at(links.client, link)] as Party;
      const server = given.parties.all[at(links.server, link)] as Party;
      if (!client.subject && !server.subject) continue;
      openWhereNeeded(links, link, { client, server, ...given, found });
    }
  }
  return found;
}

/**
 * Tells links whose both ends carry function labels: nothing can stand in the way of a rule for them. True of nearly all
 * links, hence asked first. What is opened meanwhile has its links looked at in the next round.
 */
function plainLinks(
  links: Links,
  { parties, options }: { readonly parties: Parties; readonly options: LearnOptions },
  found: Findings,
): ((link: number) => boolean) | undefined {
  if (options.mode !== 'labels') return undefined;
  const [clients, servers] = [membersAs('client', found, parties), membersAs('server', found, parties)];
  return (link) =>
    at(clients, at(links.client, link)) + at(servers, at(links.server, link)) === 2 &&
    hasPorts(at(links.protocol, link));
}

interface Case {
  readonly client: Party;
  readonly server: Party;
  readonly options: LearnOptions;
  readonly unnamable: Unnamable;
  readonly found: Findings;
}

/** Opens what has to be opened because of one link, and says why. */
function openWhereNeeded(links: Links, link: number, given: Case): void {
  const { client, server, found } = given;
  const protocol = at(links.protocol, link);
  const portless = hasPorts(protocol)
    ? undefined
    : `${protocolName(protocol)} ${client.name} → ${server.name} has no ports that a policy could name`;
  const far = client.subject ? (portless ?? unnamableAs('server', links, link, given)) : undefined;
  if (far !== undefined) open(found.egress, client, far);
  const near = server.subject ? (portless ?? unnamableAs('client', links, link, given)) : undefined;
  if (near !== undefined) open(found.ingress, server, near);
}

/** Why one end of a link cannot be named by a rule at the other end; undefined when it can. */
function unnamableAs(role: 'client' | 'server', links: Links, link: number, given: Case): string | undefined {
  const { options, unnamable, found } = given;
  const party = given[role];
  const self = given[role === 'client' ? 'server' : 'client'];
  const cause =
    options.mode === 'selectors' ? (unnamable.get(self.index) ?? unnamable.get(party.index))?.cause : undefined;
  if (cause !== undefined) return cause;
  if (party.outside) {
    if (party.kind === 'service') return `${party.name} is a Service address; the pods behind it were not reported`;
    if (party.kind === 'pod') return `${party.name} is in another cluster, where labels select nothing`;
    return addressesOf(links, [link], role).some(isAddress) ? undefined : `no address of ${party.name} was reported`;
  }
  const openDirection = role === 'client' ? found.egress : found.ingress;
  if (options.mode === 'labels' && party.subject && !openDirection.has(party.index)) return undefined;
  if (party.labels.length === 0) return `the labels of ${party.name} are not known`;
  return unnamable.get(party.index)?.cause;
}

function open(direction: Map<number, Set<string>>, party: Party, cause: string): void {
  const causes = direction.get(party.index);
  if (causes) causes.add(cause);
  else direction.set(party.index, new Set([cause]));
}

/** Whether a party is isolated, hence carries labels, in the direction of its role. */
export function isMember(coverage: Coverage, party: Party, role: 'client' | 'server'): boolean {
  return party.subject && !(role === 'client' ? coverage.egress : coverage.ingress).has(party.index);
}

/** The same of every party, as 0 or 1, for those who ask of every link. */
export function membersAs(role: 'client' | 'server', coverage: Coverage, { all }: Parties): Uint8Array {
  return Uint8Array.from(all, (party) => (isMember(coverage, party, role) ? 1 : 0));
}
