import type { ListInterner } from '../links/intern-lists.ts';
import { at, type Links } from '../links/links.ts';
import type { Item } from './items.ts';

/** An item as two: what concerns some of its clients, and the rest; a part without clients is left out. */
export function splitItem(
  item: Item,
  clients: ReadonlySet<number>,
  { links, lists }: { readonly links: Links; readonly lists: ListInterner },
): Item[] {
  const part = (whole: Item, isMine: (client: number) => boolean): Item => ({
    ...whole,
    clients: lists.intern(whole.clients.filter(isMine)),
    outside: lists.intern(whole.outside.filter(isMine)),
    links: whole.links.filter((link) => isMine(at(links.client, link))),
    ...(whole.parts && { parts: whole.parts.map((one) => part(one, isMine)).filter(isUsed) }),
  });
  const both = [part(item, (client) => clients.has(client)), part(item, (client) => !clients.has(client))];
  return both.filter(isUsed).map(unfolded);
}

/** What is left of it in one copy of an application alone stands for nothing but itself. */
function unfolded(item: Item): Item {
  const [only, ...others] = item.parts ?? [];
  return only && others.length === 0 ? only : item;
}

function isUsed({ clients, outside }: Item): boolean {
  return clients.length + outside.length > 0;
}

/** An interner that knows the client lists of all items, so that lists of split items compare by identity as well. */
export function internClients(items: readonly Item[], lists: ListInterner): ListInterner {
  for (const { clients, outside } of items) {
    lists.intern(clients);
    lists.intern(outside);
  }
  return lists;
}
