import type { PreviousPair, PreviousSide } from '../../model/pair.ts';
import { productsOf } from '../../model/pair-scope.ts';
import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';
import { indexTexts } from '../functions/end-texts.ts';
import type { Item } from '../functions/items.ts';
import { internClients, splitItem } from '../functions/split-item.ts';
import { ListInterner } from '../links/intern-lists.ts';
import type { Links } from '../links/links.ts';
import type { Parties } from '../parties/parties.ts';
import { endsOf } from './match-pairs.ts';

/** An earlier pair in terms of this run. */
interface Earlier {
  readonly id: string;
  readonly servers: ReadonlySet<number>;
  readonly clients: ReadonlySet<number>;
  /** `6/8080`. */
  readonly ports: ReadonlySet<string>;
  /** It stands for copies of an application: what it takes on, it takes on in all of them, or within one of them. */
  readonly closed: boolean;
}

interface Given {
  readonly links: Links;
  readonly lists: ListInterner;
  readonly parties: Parties;
}

/**
 * Items as earlier pairs would have them. What was one function stays one, so that nobody's labels change because a
 * stranger turned up: where only some servers or ports of a pair have a new client, the clients that all of them share stay
 * together, and what is left of an item becomes one of its own. Every item is told its `owner`.
 */
export function warmStart(
  items: readonly Item[],
  previous: readonly PreviousPair[],
  given: { readonly links: Links; readonly parties: Parties },
): readonly Item[] {
  if (previous.length === 0) return items;
  const indexes = indexTexts(given.parties);
  const earlier = previous
    .filter(({ decision }) => decision !== 'rejected')
    .flatMap((pair) => inThisRun(pair, indexes))
    .sort((a, b) => b.servers.size - a.servers.size || compareText(a.id, b.id));
  const all = { ...given, lists: internClients(items, new ListInterner()) };
  let current: readonly Item[] = items;
  for (const pair of earlier) if (pair.servers.size * pair.ports.size > 1) current = keepTogether(current, pair, all);
  const ofServer = new Map<number, Earlier[]>();
  for (const pair of earlier) for (const server of pair.servers) appendTo(ofServer, server, pair);
  return current.flatMap((item) => owned(item, ofServer.get(item.server) ?? [], all));
}

/** A pair, once for each namespace in which it grants by itself. */
function inThisRun(pair: PreviousPair, indexes: ReadonlyMap<string, number>): Earlier[] {
  const toIndexes = (side: PreviousSide): Set<number> =>
    new Set([...endsOf(side)].flatMap((text) => indexes.get(text) ?? []));
  return productsOf(pair).map(({ service, client }) => ({
    id: pair.id,
    servers: toIndexes(service),
    clients: toIndexes(client),
    ports: new Set(pair.ports.map(({ protocol, port }) => `${protocol}/${port}`)),
    closed: pair.scope !== undefined,
  }));
}

/** How many clients of an item a pair knew; 0 when it did not grant that port. */
function clientsKnown({ server, protocol, port, clients, outside }: Item, pair: Earlier): number {
  if (!pair.servers.has(server) || !pair.ports.has(`${protocol}/${port}`)) return 0;
  return clientsOf({ clients, outside }).filter((client) => pair.clients.has(client)).length;
}

/**
 * An item with the pair, of those of its server, that knew most of its clients; ties go to the first. Clients that only another pair knew stay with
 * that one: the item is split.
 */
function owned(item: Item, earlier: readonly Earlier[], given: Given): Item[] {
  const claims = earlier
    .map((pair) => ({ pair, known: clientsKnown(item, pair) }))
    .filter(({ known }) => known > 0)
    .sort((a, b) => b.known - a.known);
  const [first, ...others] = claims;
  if (first === undefined) return [{ ...item, owner: '' }];
  for (const { pair } of others) {
    const own = clientsOf(item).filter((one) => pair.clients.has(one) && !first.pair.clients.has(one));
    if (own.length === 0 || pair.id === first.pair.id) continue;
    const [theirs, rest] = splitItem(item, new Set(own), given);
    if (theirs && rest) return [...owned(rest, earlier, given), ...taken(theirs, pair, given)];
  }
  return taken(item, first.pair, given);
}

/** An item as that of a pair. One that stands for copies leaves newcomers from elsewhere to others. */
function taken(item: Item, { id, closed, clients }: Earlier, given: Given): Item[] {
  if (!closed) return [{ ...item, owner: id }];
  const { all } = given.parties;
  const namespace = all[item.server]?.namespace ?? '';
  const own = { owner: id, copy: `${id}/${namespace}` };
  const isStranger = (client: number): boolean =>
    !clients.has(client) && all[client]?.outside === false && all[client].namespace !== namespace;
  const strangers = new Set(clientsOf(item).filter(isStranger));
  if (strangers.size === 0) return [{ ...item, ...own }];
  const [theirs, rest] = splitItem(item, strangers, given);
  return [...(rest ? [{ ...rest, ...own }] : []), ...(theirs ? [{ ...theirs, owner: '' }] : [])];
}

function clientsOf({ clients, outside }: Pick<Item, 'clients' | 'outside'>): number[] {
  return [...clients, ...outside];
}

/** Splits the items of one pair where they no longer have the same clients, as far as they still have some in common. */
function keepTogether(items: readonly Item[], pair: Earlier, given: Given): readonly Item[] {
  const own = new Set(items.filter((item) => clientsKnown(item, pair) > 0));
  const [first] = own;
  if (!first || [...own].every((item) => item.clients === first.clients && item.outside === first.outside))
    return items;
  const isGroup = pair.clients.size === pair.servers.size && [...pair.clients].every((one) => pair.servers.has(one));
  const lists = [...own].map(({ clients, outside }) => new Set([...clients, ...outside]));
  const shared = new Set([...pair.clients].filter((client) => isGroup || lists.every((list) => list.has(client))));
  if (shared.size === 0) return items;
  return items.flatMap((item) => (own.has(item) ? splitItem(item, shared, given) : [item]));
}
