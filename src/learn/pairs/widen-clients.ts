import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';
import { USUAL_DNS } from '../functions/items.ts';
import { at, type Links } from '../links/links.ts';
import { functionOfPort, sensitivity } from '../links/port-names.ts';
import type { LearnOptions } from '../options.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { boundHolds, holdsInGroups } from '../selectors/over-grant.ts';
import { isTrusted, RULE_CODE, type Trust } from '../trust/rules.ts';
import type { Draft } from './drafts.ts';

/** Functions that the platform offers to everybody may be widened so many times as far … */
const PLATFORM_TIMES = 4;
/** … up to this share. */
const PLATFORM_BOUND = 0.2;
/** A selector of more terms than this says so little in common that it is no generalisation. */
const MOST_TERMS = 3;

interface Given {
  readonly links: Links;
  readonly trust: Trust;
  readonly parties: Parties;
  readonly options: LearnOptions;
}

/**
 * Lets the labels that nearly all clients of a function share stand for them, where existing labels have to name them:
 * exact selectors would list every client, and grow with each. Only with enough evidence (`boundHolds`), within one
 * namespace, never on sensitive ports, never for a whole namespace, and only over workloads that are isolated anyway
 * and that nobody holds back from the same servers.
 */
export function widenClients(drafts: readonly Draft[], given: Given): readonly Draft[] {
  const { options, parties } = given;
  if (options.mode === 'labels' || options.maxOverGrant <= 0) return drafts;
  const isolated = new Set(drafts.flatMap(({ clients }) => clients));
  const pods = new Map<string, Party[]>();
  for (const party of parties.all) if (!party.outside) appendTo(pods, party.namespace, party);
  const heldBack = heldBackByServer(given);
  return drafts.map((draft) => {
    const bound = boundOf(draft, options);
    if (bound <= 0 || !boundHolds(draft.clients.length, 0, bound)) return draft;
    const held = new Set(draft.servers.flatMap((server) => heldBack.get(server) ?? []));
    const beyond = [...pods.values()].flatMap((all) =>
      furtherClients(draft, all, { ...given, bound, mayJoin: ({ index }) => isolated.has(index) && !held.has(index) }),
    );
    return beyond.length === 0 ? draft : withClients(draft, beyond);
  });
}

function boundOf({ items, servers, mesh }: Draft, { maxOverGrant }: LearnOptions): number {
  if (mesh || servers.includes(USUAL_DNS)) return 0;
  if (items.some(({ protocol, port }) => sensitivity(protocol, port) !== undefined)) return 0;
  const isPlatform = items.every(({ protocol, port }) => functionOfPort(protocol, port) !== '');
  return isPlatform ? platformBound(maxOverGrant) : maxOverGrant;
}

/** How far functions of the platform may be widened where others may be widened by `bound`. */
export function platformBound(bound: number): number {
  return Math.max(bound, Math.min(PLATFORM_BOUND, PLATFORM_TIMES * bound));
}

/** By server, the clients of which something was seen there that is not granted. */
function heldBackByServer({ links, trust }: Given): ReadonlyMap<number, readonly number[]> {
  const held = new Map<number, number[]>();
  for (let link = 0; link < links.count; link += 1)
    if (!isTrusted(trust, link)) appendTo(held, at(links.server, link), at(links.client, link));
  return held;
}

/** Who else in a namespace carries what the clients there have in common; nobody where the evidence does not bear it. */
function furtherClients(
  draft: Draft,
  all: readonly Party[],
  given: Given & { readonly bound: number; readonly mayJoin: (party: Party) => boolean },
): number[] {
  const members = new Set(draft.clients);
  const seen = seenClients(draft, given);
  const own = all.filter(({ index }) => members.has(index));
  const isSeen = ({ index }: Party): boolean => seen.has(index);
  if (!own.every(isSeen) || !boundHolds(own.length, 0, given.bound)) return [];
  let matched = all;
  let terms = 0;
  for (const [key, value] of sharedLabels(own, given.parties)) {
    const narrower = matched.filter(({ labels }) => labels.some((set) => set.get(key) === value));
    if (narrower.length === matched.length) continue;
    [matched, terms] = [narrower, terms + 1];
    if (boundHolds(matched.length, matched.length - own.length, given.bound)) break;
  }
  const beyond = matched.filter(({ index }) => !members.has(index));
  const isFine = terms > 0 && terms <= MOST_TERMS && beyond.length > 0 && beyond.every(given.mayJoin);
  if (!isFine || !boundHolds(matched.length, beyond.length, given.bound)) return [];
  return holdsInGroups(matched, isSeen, given.bound) ? beyond.map(({ index }) => index) : [];
}

/** Clients that this window bears out; what an earlier run granted is no evidence. */
function seenClients({ items }: Draft, { links, trust }: Given): ReadonlySet<number> {
  const own = items.flatMap((item) => item.links).filter((link) => at(trust, link) !== RULE_CODE.kept);
  return new Set(own.map((link) => at(links.client, link)));
}

/** Labels that all parties carry in every set of theirs, the cheapest keys first. */
function sharedLabels(parties: readonly Party[], { hygiene }: Parties): [string, string][] {
  const sets = parties.flatMap(({ labels }) => labels);
  const cost = (key: string): number => hygiene.keys.get(key)?.cost ?? 0;
  return [...(sets[0] ?? [])]
    .filter(([key, value]) => sets.every((set) => set.get(key) === value))
    .sort(([a], [b]) => cost(a) - cost(b) || compareText(a, b));
}

function withClients(draft: Draft, beyond: readonly number[]): Draft {
  const clients = [...draft.clients, ...beyond].sort((a, b) => a - b);
  return { ...draft, clients, beyond, items: draft.items.map((item) => ({ ...item, clients })) };
}
