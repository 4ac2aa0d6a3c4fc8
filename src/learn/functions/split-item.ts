import type { ListInterner } from '../links/intern-lists.ts';
import { at, type Links } from '../links/links.ts';
import type { Item } from './items.ts';

/** An item as two: what concerns some of its clients, and the rest; a part without clients is left out. */
export function splitItem(
  item: Item,
  clients: ReadonlySet<number>,
  { links, lists }: { readonly links: Links; readonly lists: ListInterner },
): Item[] {
  const part = (isMine: (client: number) => boolean): Item => ({
    ...item,
    clients: lists.intern(item.clients.filter(isMine)),
    outside: lists.intern(item.outside.filter(isMine)),
    links: item.links.filter((link) => isMine(at(links.client, link))),
  });
  const parts = [part((client) => clients.has(client)), part((client) => !clients.has(client))];
  return parts.filter((one) => one.clients.length + one.outside.length > 0);
}

/** An interner that knows the client lists of all items, so that lists of split items compare by identity as well. */
export function internClients(items: readonly Item[], lists: ListInterner): ListInterner {
  for (const { clients, outside } of items) {
    lists.intern(clients);
    lists.intern(outside);
  }
  return lists;
}
