import type { DefaultDeny, IsolatedSide, PodSelection } from '../model/pair.ts';
import { byNamespace, type Draft } from './build-pairs.ts';
import { type Coverage, isMember } from './coverage.ts';
import { at, type Links } from './links.ts';
import { DEFAULT_DENY, type LearnOptions } from './options.ts';
import type { Parties, Party } from './parties.ts';
import type { SelectorFinder } from './selectors.ts';
import { RULE_CODE, type Trust } from './trust-rules.ts';

interface Given {
  readonly links: Links;
  readonly trust: Trust;
  readonly coverage: Coverage;
  readonly parties: Parties;
  readonly finder: SelectorFinder;
  readonly options: LearnOptions;
}

/** Traffic of which it is not known who started it or what it was: closing the door on it would be a guess. */
const UNREADABLE = new Set([RULE_CODE['not-oriented'], RULE_CODE['unknown-endpoint']]);

/** From here on a port is more likely that of a client whose answers were taken for calls (Linux' default range). */
const EPHEMERAL = 32_768;

/**
 * The workloads that are denied whatever no pair grants, by direction: everybody who is a member of a half (its trusted
 * traffic in that direction is covered in full), so that taking one half away denies its traffic instead of opening the
 * workload. Ingress is closed too for workloads that were seen at work as clients and that nobody called; a workload of
 * which no trusted egress was seen stays open there, because even its name lookups are unknown.
 */
export function findDefaultDeny(drafts: readonly Draft[], given: Given): DefaultDeny {
  const clients = unionOf(drafts.map(({ clients }) => clients));
  const servers = unionOf(drafts.filter(({ items }) => items[0]?.serverMember).map(({ servers }) => servers));
  const unreadable = serversOfUnreadable(given);
  const callers = [...clients].filter((index) => {
    const party = given.parties.all[index] as Party;
    return isMember(given.coverage, party, 'server') && !unreadable.has(index);
  });
  return {
    label: `${given.options.labelPrefix}${DEFAULT_DENY}`,
    ingress: isolate(new Set([...servers, ...callers]), given),
    egress: isolate(clients, given),
  };
}

function unionOf(lists: readonly (readonly number[])[]): ReadonlySet<number> {
  const found = new Set<number>();
  for (const list of new Set(lists)) for (const element of list) found.add(element);
  return found;
}

function serversOfUnreadable({ links, trust }: Given): ReadonlySet<number> {
  const found = new Set<number>();
  for (let link = 0; link < links.count; link += 1)
    if (UNREADABLE.has(at(trust, link)) && at(links.port, link) < EPHEMERAL) found.add(at(links.server, link));
  return found;
}

function isolate(indexes: ReadonlySet<number>, { parties, finder, options }: Given): IsolatedSide {
  const members = parties.all.filter(({ index }) => indexes.has(index));
  if (options.mode === 'labels') return { members: members.flatMap(({ workloads }) => workloads), selections: [] };
  const named = byNamespace(members).map(([namespace, own]) => nameable(namespace, own, finder));
  return {
    members: named.flatMap(({ members }) => members.flatMap(({ workloads }) => workloads)),
    selections: named.flatMap(({ selection }) => (selection.selectors.length > 0 ? [selection] : [])),
  };
}

/** Members of halves can always be named; of the others those that look like somebody open stay open themselves. */
function nameable(
  namespace: string,
  wanted: readonly Party[],
  finder: SelectorFinder,
): { readonly members: readonly Party[]; readonly selection: PodSelection } {
  let members = wanted;
  while (members.length > 0) {
    const found = finder.look(namespace, members);
    if (found.exact) return { members, selection: { namespace, selectors: found.selectors } };
    members = members.filter(({ index }) => !found.indistinct.includes(index));
  }
  return { members, selection: { namespace, selectors: [] } };
}
