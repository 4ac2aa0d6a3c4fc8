import type { Edge } from '../../model/edge.ts';
import { type ClientFacts, findClientFacts } from '../links/client-facts.ts';
import { FLAGS, type LinkFacts, spanOf } from '../links/link-facts.ts';
import { at, type Links, learnable } from '../links/links.ts';
import { sensitivity } from '../links/port-names.ts';
import type { LearnOptions } from '../options.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { findCopies, seenInCopies } from './copies.ts';
import { isTrusted, RULE_CODE, type Trust, type TrustRule } from './rules.ts';
import { EPISODE, findEpisodes } from './scans.ts';

/** A client whose other replicas cannot vouch for it has to be seen on so many days … */
const LONE_DAYS = 3;
/** … and when its source does not even tell pods apart, in so many hours. */
const UNTOLD_HOURS = 6;
/** So many distinct hours of one day are as good as two days. */
const STEADY_HOURS = 6;
/** Midnight alone does not make two days of one night. */
const APART = 12 * 3_600_000;

interface Case {
  readonly links: Links;
  readonly parties: Parties;
  readonly options: LearnOptions;
  readonly facts: LinkFacts;
  readonly episodes: Uint8Array;
  readonly clients: ClientFacts;
  /** `OWN_NODE` by party. */
  readonly ownNode: Uint8Array;
}

/** Clients that policies do not stop: health checks wherever they go, nodes on their way to pods. */
const OWN_NODE = { no: 0, toPods: 1, always: 2 } as const;

/**
 * Judges every link: what may be learned from, and which rule holds the rest back. A success proves nothing about
 * intent before policies are enforced, so what counts is who corroborates whom: several replicas of one workload on
 * several days (`trusted`), or the same link in several copies of the application. One stolen replica can do neither;
 * a burst from two on one day is only proposed.
 */
export function judgeLinks(
  links: Links,
  facts: LinkFacts,
  { parties, options }: { readonly parties: Parties; readonly options: LearnOptions },
): Trust {
  const clients = findClientFacts(links, facts, parties);
  const episodes = findEpisodes(links, facts);
  const ownNode = Uint8Array.from(parties.all, reachesItsPods);
  const given: Case = { links, parties, options, facts, episodes, clients, ownNode };
  const trust = new Uint8Array(links.count);
  for (let link = 0; link < links.count; link += 1)
    trust[link] = RULE_CODE[byEnds(link, given) ?? byOutcome(link, given) ?? byCorroboration(link, given)];
  admitCopies(trust, given);
  return trust;
}

function reachesItsPods({ kind, name }: Party): number {
  if (kind === 'health') return OWN_NODE.always;
  return kind === 'host' && name === 'nodes' ? OWN_NODE.toPods : OWN_NODE.no;
}

function byEnds(link: number, { links, parties, facts, ownNode }: Case): TrustRule | undefined {
  const own = at(ownNode, at(links.client, link));
  if (own === OWN_NODE.always) return 'own-node';
  if (own === OWN_NODE.toPods && parties.all[at(links.server, link)]?.kind === 'pod') return 'own-node';
  const flags = at(facts.flags, link);
  if ((flags & FLAGS.metadata) !== 0) return 'metadata-address';
  return (flags & FLAGS.unknownEnd) === 0 ? undefined : 'unknown-endpoint';
}

function byOutcome(link: number, { facts }: Case): TrustRule | undefined {
  const flags = at(facts.flags, link);
  if ((flags & FLAGS.learnable) !== 0) return undefined;
  if ((flags & FLAGS.passed) !== 0) return 'not-oriented';
  return (flags & FLAGS.denied) === 0 ? 'unclear-outcome' : 'never-passed';
}

function byCorroboration(link: number, given: Case): TrustRule {
  const { facts, episodes, options } = given;
  if (at(episodes, link) === EPISODE.scan) return 'scan-episode';
  const clients = at(facts.clients, link);
  const several = clients >= options.minClients;
  const lasting = isLasting(at(facts.days, link), spanOf(facts, link), options);
  if (several && (lasting || at(facts.hours, link) >= STEADY_HOURS)) return 'trusted';
  if (several) return 'one-day';
  if (isLoneTrusted(link, given)) return 'trusted';
  return at(facts.days, link) >= options.minDays ? 'one-client' : 'seen-once';
}

function isLasting(days: number, span: number, { minDays }: LearnOptions): boolean {
  return days >= minDays && (minDays < 2 || span >= APART);
}

/** A workload with one pod has nobody to vouch for it: more days, and no crowd of new targets, have to do. */
function isLoneTrusted(link: number, { links, parties, facts, episodes, clients }: Case): boolean {
  const client = at(links.client, link);
  const days = at(facts.days, link);
  const untold = at(facts.clients, link) === 0;
  const alone = parties.all[client]?.kind !== 'pod' || at(clients.replicas, client) <= 1;
  if (days < LONE_DAYS || (!alone && !untold)) return false;
  if (untold) return at(facts.hours, link) >= UNTOLD_HOURS;
  return at(episodes, link) === EPISODE.none || 2 * days >= at(clients.activeDays, client);
}

const HELD_FOR_MORE = new Set([RULE_CODE['one-day'], RULE_CODE['one-client'], RULE_CODE['seen-once']]);

/** Grants what copies of an application corroborate: never on ports where a mistake gives control away. */
function admitCopies(trust: Trust, given: Case): void {
  const { links, parties, options } = given;
  const copies = findCopies(links, parties);
  for (let link = 0; link < links.count; link += 1) {
    if (isTrusted(trust, link) || !HELD_FOR_MORE.has(at(trust, link))) continue;
    if (sensitivity(at(links.protocol, link), at(links.port, link)) !== undefined) continue;
    const seen = seenInCopies(links, link, { ...given, copies });
    if (seen.copies === 0 || seen.clients < options.minClients) continue;
    if (isLasting(seen.days, seen.span, options)) trust[link] = RULE_CODE['trusted-in-copies'];
  }
}

/** The edges behind trusted links: whatever is written must allow all of them. */
export function trustedEdges(links: Links, trust: Trust, { flags }: LinkFacts): Edge[] {
  const edges: Edge[] = [];
  for (let link = 0; link < links.count; link += 1) {
    if (!isTrusted(trust, link) || (at(flags, link) & FLAGS.learnable) === 0) continue;
    const start = at(links.starts, link);
    if (at(links.starts, link + 1) - start === 1) edges.push(links.edges[at(links.members, start)] as Edge);
    else edges.push(...learnable(links, link));
  }
  return edges;
}
