import { ListInterner } from '../links/intern-lists.ts';
import type { Links } from '../links/links.ts';
import type { Parties } from '../parties/parties.ts';
import type { Item } from './items.ts';
import { internClients, splitItem } from './split-item.ts';

/** So many client sets of a namespace are tried as what everybody has in common. */
const MOST_BASES = 8;

/** The ports of one server that the same clients use. */
interface Door {
  readonly items: readonly Item[];
  readonly clients: readonly number[];
  readonly outside: readonly number[];
}

/**
 * Where servers of one namespace share their clients but for some extras, the common clients are split from the extras:
 * one pair for what all of them share, and a small one for whoever calls only this server. Only where that spares the
 * server's own pair a namespace, since elsewhere it would only have its callers told in two places.
 */
export function splitExtras(
  items: readonly Item[],
  given: { readonly links: Links; readonly parties: Parties },
): readonly Item[] {
  const groups = new Map<string, Door[]>();
  for (const door of findDoors(items)) {
    const [{ server }] = door.items as [Item];
    const key = `${given.parties.all[server]?.namespace} ${door.items.map(({ protocol, port }) => `${protocol}/${port}`)}`;
    const known = groups.get(key);
    if (known) known.push(door);
    else groups.set(key, [door]);
  }
  const bases = new Map<Item, ReadonlySet<number>>();
  for (const doors of groups.values()) if (doors.length > 1) findBases(doors, given.parties, bases);
  if (bases.size === 0) return items;
  const lists = internClients(items, new ListInterner());
  return items.flatMap((item) => {
    const base = bases.get(item);
    return base ? splitItem(item, base, { links: given.links, lists }) : [item];
  });
}

/** Items of members that no earlier pair owns, by server and clients. */
function findDoors(items: readonly Item[]): Door[] {
  const doors: { items: Item[]; clients: readonly number[]; outside: readonly number[] }[] = [];
  // Items come by server, so a door's are near each other.
  let own: typeof doors = [];
  for (const item of items) {
    if (!item.serverMember || item.owner || item.clients.length === 0) continue;
    if (own[0]?.items[0]?.server !== item.server) own = [];
    const { clients, outside } = item;
    const known = own.find((door) => door.clients === clients && door.outside === outside);
    if (known) known.items.push(item);
    else {
      own.push({ items: [item], clients, outside });
      doors.push(own.at(-1) as (typeof doors)[number]);
    }
  }
  return doors;
}

/** For each door with extras the clients that it shares with another. */
function findBases(doors: readonly Door[], parties: Parties, found: Map<Item, ReadonlySet<number>>): void {
  const users = new Map<readonly number[], number>();
  for (const { clients, outside } of doors) if (outside.length === 0) users.set(clients, (users.get(clients) ?? 0) + 1);
  const bases = [...users].sort(([a, m], [b, n]) => n - m || b.length - a.length || (a[0] ?? 0) - (b[0] ?? 0));
  const tried = bases.slice(0, MOST_BASES).map(([clients]) => ({ clients, set: new Set(clients) }));
  const baseOf = (own: readonly number[], among: typeof tried) =>
    among.find(
      ({ clients, set }) => clients.length < own.length && isPart(clients, own) && sparesNamespace(set, own, parties),
    );
  // What is split itself is nobody's base.
  const whole = tried.filter(({ clients }) => baseOf(clients, tried) === undefined);
  for (const { items, clients } of doors) {
    const base = baseOf(clients, whole);
    if (base) for (const item of items) found.set(item, base.set);
  }
}

/** Both ascend. */
function isPart(part: readonly number[], whole: readonly number[]): boolean {
  let place = 0;
  for (const element of part) {
    while (place < whole.length && (whole[place] as number) < element) place += 1;
    if (whole[place] !== element) return false;
  }
  return true;
}

function sparesNamespace(base: ReadonlySet<number>, clients: readonly number[], { all }: Parties): boolean {
  const left = new Set(clients.filter((client) => !base.has(client)).map((client) => all[client]?.namespace));
  return [...base].some((client) => !left.has(all[client]?.namespace));
}
