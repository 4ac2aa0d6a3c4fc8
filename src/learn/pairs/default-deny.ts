import type { DefaultDeny, IsolatedSide, PodSelection, PreviousIsolation } from '../../model/pair.ts';
import { type Coverage, isMember } from '../functions/coverage.ts';
import { standingIn } from '../functions/standing.ts';
import type { LinkFacts } from '../links/link-facts.ts';
import { at, type Links } from '../links/links.ts';
import { unionOf } from '../links/union-lists.ts';
import { DEFAULT_DENY, type LearnOptions } from '../options.ts';
import type { Parties, Party } from '../parties/parties.ts';
import type { SelectorFinder } from '../selectors/selectors.ts';
import { RULE_CODE, type Trust } from '../trust/rules.ts';
import { byNamespace, type Draft } from './drafts.ts';

interface Given {
  readonly links: Links;
  readonly trust: Trust;
  readonly facts: LinkFacts;
  readonly coverage: Coverage;
  readonly parties: Parties;
  readonly finder: SelectorFinder;
  readonly options: LearnOptions;
  /** Absent: there was no earlier run. */
  readonly isolated?: PreviousIsolation | undefined;
}

/** Calls of which it is not known what they were: closing the door on them would be a guess. */
const UNREADABLE = new Set([RULE_CODE['not-oriented'], RULE_CODE['unknown-endpoint']]);
/** Calls that may yet turn out to be needed, as long as there was not much time to prove it. */
const UNPROVEN = new Set([RULE_CODE['one-day'], RULE_CODE['one-client'], RULE_CODE['seen-once']]);
/** After so many days at work, what could have been proven has been. */
const PROVING_DAYS = 3;

/** From here on a port is more likely that of a client whose answers were taken for calls (Linux' default range). */
const EPHEMERAL = 32_768;

/**
 * The workloads that are denied whatever no pair grants, by direction: everybody who is a member of a half (its trusted
 * traffic in that direction is covered in full), so that taking one half away denies its traffic instead of opening the
 * workload. Ingress is closed as well where nothing trusted was seen and closing changes no verdict on anything seen:
 * whoever called is denied at its own end already, or had days to prove itself. A workload of which no trusted egress
 * was seen stays open there, because even its name lookups are unknown. Whoever was isolated before stays isolated
 * when it falls silent, and so does who takes part in nothing but what a person rejected: both would open otherwise.
 */
export function findDefaultDeny(drafts: readonly Draft[], given: Given): DefaultDeny {
  const size = given.parties.all.length;
  const clients = unionOf(
    drafts.map(({ clients }) => clients),
    size,
  );
  const members = drafts.filter(({ items }) => items[0]?.serverMember);
  const servers = unionOf(
    members.map(({ servers }) => servers),
    size,
  );
  const ingress = new Set([...servers, ...closable(clients, given), ...standingIn('server', given)]);
  const egress = new Set([...clients, ...standingIn('client', given)]);
  return {
    label: `${given.options.labelPrefix}${DEFAULT_DENY}`,
    ingress: isolate(ingress, given),
    egress: isolate(egress, given),
  };
}

/** Subjects that were seen at work and that nobody calls, or only who would be denied anyway. */
function closable(isolated: ReadonlySet<number>, given: Given): number[] {
  const { links, trust, facts, parties, coverage } = given;
  const days = new Uint16Array(parties.all.length);
  const seen = (end: number, own: number): void => {
    if (own > at(days, end)) days[end] = own;
  };
  for (let link = 0; link < links.count; link += 1) {
    seen(at(links.client, link), at(facts.days, link));
    seen(at(links.server, link), at(facts.days, link));
  }
  const needed = new Set<number>();
  for (let link = 0; link < links.count; link += 1) {
    const rule = at(trust, link);
    if (!UNREADABLE.has(rule) && !UNPROVEN.has(rule)) continue;
    const [client, server] = [at(links.client, link), at(links.server, link)];
    const isFlip = rule === RULE_CODE['not-oriented'] && at(links.port, link) >= EPHEMERAL;
    const isUnproven = UNPROVEN.has(rule) && !isolated.has(client) && at(days, server) < PROVING_DAYS;
    if (isUnproven || (UNREADABLE.has(rule) && !isFlip)) needed.add(server);
  }
  return parties.all
    .filter((party) => at(days, party.index) > 0 && !needed.has(party.index) && isMember(coverage, party, 'server'))
    .map(({ index }) => index);
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
