import type {
  Evidence,
  OutsidePeer,
  PairPort,
  PairSide,
  PodSelection,
  PolicyPair,
  PreviousPair,
} from '../../model/pair.ts';
import { protocolName } from '../../model/ports.ts';
import { compareText } from '../../util/compare.ts';
import type { Item } from '../functions/items.ts';
import { at } from '../links/links.ts';
import { sensitivity } from '../links/port-names.ts';
import { DEFAULT_DENY } from '../options.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { type BuildContext, byNamespace, type Draft, namespacesOf } from './drafts.ts';
import { type MembersOf, membersOf } from './member-lists.ts';
import { type Nameable, nameFunctions } from './names.ts';
import { callersOutside, outsidePeers } from './outside-peers.ts';
import { pairEvidence } from './pair-evidence.ts';
import { judgeReadiness } from './readiness.ts';
import { findEarlierSelves, freshId, keptNames } from './registry.ts';
import { unusedGrants } from './unused.ts';

/** Turns drafts into pairs with names, selectors and evidence, sorted by function. */
export function buildPairs(drafts: readonly Draft[], context: BuildContext): PolicyPair[] {
  const selves = findEarlierSelves(drafts, context);
  const taken = takenKeys(context);
  const names = nameFunctions(
    drafts.map((draft) => toNameable(draft, context.parties)),
    context.parties,
    { taken, kept: keptNames(selves, taken) },
  );
  const shared = { ...context, sides: new Map<readonly number[], NamedSide>(), membersOf: membersOf(context.parties) };
  const pairs = drafts.map((draft, i) =>
    buildPair(draft, names[i] ?? '', { ...shared, earlier: selves.get(draft.key) }),
  );
  return pairs.sort((a, b) => compareText(a.function, b.function));
}

function toNameable({ key, leading, servers }: Draft, parties: Parties): Nameable {
  const first = [...new Set(leading.map(({ server }) => server))].sort((a, b) => a - b);
  return { key, items: leading, servers: first, namespaces: namespacesOf(servers, parties) };
}

/** Label keys in use, as function names that would overwrite them. */
function takenKeys({ parties, options }: BuildContext): ReadonlySet<string> {
  const keys = [...parties.hygiene.keys.values()].filter(({ functionLabel }) => !functionLabel);
  const own = keys.filter(({ key }) => key.startsWith(options.labelPrefix));
  return new Set([DEFAULT_DENY, ...own.map(({ key }) => key.slice(options.labelPrefix.length))]);
}

function buildPair(
  draft: Draft,
  name: string,
  context: SharedContext & { readonly earlier: PreviousPair | undefined },
): PolicyPair {
  const { options } = context;
  const member = draft.items[0]?.serverMember === true;
  const reviews: string[] = [];
  const linkIndexes = linksOf(draft.items);
  const far = member ? [] : outsidePeers(draft.servers, 'server', { ...context, linkIndexes, reviews });
  const near = callersOutside(draft, { ...context, linkIndexes, reviews });
  for (const { protocol, port } of portsOf(draft.items)) {
    const danger = sensitivity(protocol, port);
    if (danger !== undefined) reviews.push(`${protocolName(protocol)} ${port} is sensitive: ${danger}`);
  }
  if (draft.beyond) reviews.push(beyondSeen(draft.beyond, context.parties));
  const service = side(member ? draft.servers : [], far, context);
  const client = { ...side(draft.clients, near, context), ...beyondOf(draft, context.parties) };
  return {
    id: context.earlier?.id ?? freshId(draft, context),
    version: context.earlier?.version ?? '1.0.0',
    function: name,
    label: `${options.labelPrefix}${name}`,
    kind: isGroup(draft, service, client) ? 'group' : 'pair',
    ...(draft.scope && { scope: draft.scope, scopeEvidence: evidenceByNamespace(draft, draft.scope, context) }),
    ports: portsOf(draft.items),
    service,
    client,
    evidence: pairEvidence(context.facts, linkIndexes),
    overGrant: overGrant(draft, context),
    readiness: judgeReadiness({ service, client }, linkIndexes, context),
    unused: unusedGrants(linkIndexes, context.earlier, context),
    decision: context.earlier?.decision ?? '',
    note: context.earlier?.note ?? '',
    reviews: [...new Set(reviews)].sort(compareText),
  };
}

function evidenceByNamespace({ items }: Draft, scope: readonly string[], { facts, parties }: BuildContext): Evidence[] {
  return scope.map((namespace) => {
    const own = items.filter(({ server }) => parties.all[server]?.namespace === namespace);
    return pairEvidence(facts, linksOf(own));
  });
}

/** Only an implied item has its links from another. */
function linksOf(items: readonly Item[]): readonly number[] {
  if (items.length === 1) return items[0]?.links ?? [];
  const all: number[] = [];
  for (const { links } of items) for (const link of links) all.push(link);
  return items.some(({ implied }) => implied) ? [...new Set(all)] : all;
}

function beyondOf({ beyond }: Draft, { all }: Parties): Pick<PairSide, 'beyond'> {
  return beyond ? { beyond: beyond.flatMap((index) => all[index]?.workloads ?? []) } : {};
}

/** At most this many workloads are named in one sentence. */
const NAMED = 3;

function beyondSeen(beyond: readonly number[], { all }: Parties): string {
  const names = beyond.slice(0, NAMED).map((index) => all[index]?.name ?? '');
  const more = beyond.length > NAMED ? ` and ${beyond.length - NAMED} more` : '';
  return `${names.join(', ')}${more} may call as well: they carry what all clients carry, and were not seen calling`;
}

/** Everybody is client and server, and nobody else takes part. */
function isGroup(draft: Draft, service: PairSide, client: PairSide): boolean {
  const same = draft.clients.length === draft.servers.length && draft.clients.every((c, i) => c === draft.servers[i]);
  return same && service.members.length > 0 && service.outside.length + client.outside.length === 0;
}

/** Workload pairs granted beyond the trusted ones: by parties that stand for several workloads, and by widened selectors. */
function overGrant({ items, beyond }: Draft, { trustedBehind, parties }: BuildContext): number {
  if (!trustedBehind && !beyond) return 0;
  const size = (index: number): number => Math.max(1, parties.all[index]?.workloads.length ?? 1);
  let [granted, trusted] = [0, 0];
  for (const { server, clients, links, implied } of items) {
    if (implied) continue;
    for (const client of clients) granted += size(server) * size(client);
    for (const link of links) trusted += trustedBehind ? at(trustedBehind, link) : 1;
  }
  return granted <= trusted ? 0 : Math.round(1e6 * (1 - trusted / granted)) / 1e6;
}

function portsOf(items: readonly Item[]): PairPort[] {
  const ports = new Map(items.map((item) => [item.protocol * 65536 + item.port, item]));
  return [...ports.values()]
    .map(({ protocol, port, implied }) => ({ protocol, port, implied }))
    .sort((a, b) => a.port - b.port || a.protocol - b.protocol);
}

/** A side as far as it depends on its members alone: many pairs have the same clients, as one list (`Item.clients`). */
type NamedSide = Omit<PairSide, 'outside'>;

interface SharedContext extends BuildContext {
  readonly sides: Map<readonly number[], NamedSide>;
  readonly membersOf: MembersOf;
}

function side(members: readonly number[], outside: readonly OutsidePeer[], context: SharedContext): PairSide {
  let named = context.sides.get(members);
  if (named === undefined) {
    named = nameSide(members, context);
    context.sides.set(members, named);
  }
  return { ...named, outside };
}

/** With function labels these name the members, so existing labels are not looked at: they may change at will. */
function nameSide(members: readonly number[], context: SharedContext): NamedSide {
  const workloads = context.membersOf(members);
  if (context.options.mode === 'labels') return { members: workloads, selections: [], indistinct: [] };
  const parties = members.map((index) => context.parties.all[index] as Party);
  const selections: PodSelection[] = [];
  const indistinct: string[] = [];
  for (const [namespace, own] of byNamespace(parties)) {
    const selection = context.finder.select(namespace, own);
    if (selection.exact) selections.push({ namespace, selectors: selection.selectors });
    else indistinct.push(namespace);
  }
  return { members: workloads, selections, indistinct };
}
