import { appendTo } from '../../util/append-to.ts';
import { type Families, roleOf } from '../parties/families.ts';
import type { Parties, Party } from '../parties/parties.ts';
import type { Item } from './items.ts';

/** What there is of copies of an application. */
export interface Copies {
  readonly parties: Parties;
  readonly families: Families;
}

/**
 * Items of copies of an application that are the same port of the same server and have the same callers, all of them from
 * elsewhere, as one item each: whoever watches, or lets the outside in, has one function for it however often the
 * application is deployed. Where one copy has callers of its own as well, all of them are left to be joined later.
 */
export function foldCopies(items: readonly Item[], copies: Copies): readonly Item[] {
  if (copies.families.size === 0) return items;
  const groups = new Map<string, Local[]>();
  for (const item of items) {
    const found = item.copy === undefined ? localOf(item, copies) : undefined;
    if (found) appendTo(groups, found.key, found.local);
  }
  const changed = new Map<Item, Item | undefined>();
  for (const group of groups.values()) {
    if (group.length < 2) continue;
    const isMixed = group.some(({ isOwn }) => isOwn);
    for (const { item, namespace, isOwn } of isMixed ? group : [])
      if (!isOwn && !item.owner) changed.set(item, { ...item, copy: namespace });
    if (!isMixed) fold(group, changed);
  }
  return changed.size === 0 ? items : items.flatMap((item) => (changed.has(item) ? (changed.get(item) ?? []) : [item]));
}

/** An item that nobody from another copy calls. */
interface Local {
  readonly item: Item;
  readonly namespace: string;
  /** Some of its callers are those of this copy alone. */
  readonly isOwn: boolean;
}

/** An item with what is equal for the same port of the same server in other copies. */
function localOf(item: Item, copies: Copies): { readonly key: string; readonly local: Local } | undefined {
  const { server, serverMember, protocol, port, clients, outside } = item;
  const own = copies.parties.all[server];
  const family = serverMember && own ? copies.families.get(own.namespace) : undefined;
  if (own === undefined || family === undefined) return undefined;
  const strangers = strangersOf(item, own.namespace, copies);
  const role = strangers?.length ? roleOf(own) : undefined;
  if (strangers === undefined || role === undefined) return undefined;
  const isOwn = strangers.length < clients.length + outside.length;
  const key = [family, role, `${protocol}/${port}`, strangers.join()].join('\n');
  return { key, local: { item, namespace: own.namespace, isOwn } };
}

/** Pods among callers that are neither of a namespace nor of a copy of it; undefined where some are of a copy. */
export function strangersOf(
  { clients, outside }: Pick<Item, 'clients' | 'outside'>,
  namespace: string,
  { parties: { all }, families }: Copies,
): number[] | undefined {
  const strangers: number[] = [];
  const family = families.get(namespace);
  for (const list of [clients, outside])
    for (const client of list) {
      const party = all[client] as Party;
      if (party.outside || party.namespace === namespace) continue;
      if (families.get(party.namespace) === family) return undefined;
      strangers.push(client);
    }
  return strangers;
}

/** Makes one of the items of distinct namespaces, which all have the same callers; what earlier pairs had apart stays apart. */
function fold(group: readonly Local[], changed: Map<Item, Item | undefined>): void {
  const byOwner = new Map<string, Map<string, Item>>();
  for (const { item, namespace } of group) {
    const own = byOwner.get(item.owner ?? '') ?? new Map<string, Item>();
    byOwner.set(item.owner ?? '', own);
    if (!own.has(namespace)) own.set(namespace, item);
  }
  for (const own of byOwner.values()) {
    const [first, ...others] = own.values();
    if (!first || others.length === 0) continue;
    for (const item of others) changed.set(item, undefined);
    const parts = [first, ...others];
    changed.set(first, { ...first, links: parts.flatMap(({ links }) => links), parts });
  }
}
