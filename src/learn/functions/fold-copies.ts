import type { PreviousPair } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { ListInterner } from '../links/intern-lists.ts';
import { type Families, findFamilies, roleOf } from '../parties/families.ts';
import type { Parties, Party } from '../parties/parties.ts';
import type { Item } from './items.ts';

/** An item that only callers of its own namespace and of no copy of it use. */
interface Local {
  readonly item: Item;
  readonly namespace: string;
}

/**
 * Items of copies of an application that are the same port of the same server, as one item each: what follows decides
 * once for all copies, so that a function has one name and one version however often it is deployed. Nothing is granted
 * from one copy to another, hence only items without callers from other copies; callers that copies share, as a
 * collector of metrics, must be the same for all. What earlier pairs kept apart stays apart.
 */
export function foldCopies(
  items: readonly Item[],
  previous: readonly PreviousPair[],
  parties: Parties,
): readonly Item[] {
  const families = findFamilies(
    parties.all,
    previous.flatMap(({ scope }) => (scope ? [scope] : [])),
  );
  if (families.size === 0) return items;
  const groups = new Map<string, Local[]>();
  for (const item of items) {
    const key = keyOf(item, { parties, families });
    if (key !== undefined) appendTo(groups, key, { item, namespace: parties.all[item.server]?.namespace ?? '' });
  }
  const lists = new ListInterner();
  const folded = new Map<Item, Item | undefined>();
  for (const group of groups.values())
    for (const [first, ...others] of byOwner(group)) {
      if (first === undefined || others.length === 0) continue;
      for (const { item } of others) folded.set(item, undefined);
      folded.set(first.item, asOne([first, ...others], lists));
    }
  return items.flatMap((item) => (folded.has(item) ? (folded.get(item) ?? []) : [item]));
}

/** What is equal for the same port of the same server in copies of an application; undefined for what is no such thing. */
function keyOf(
  { server, serverMember, protocol, port, clients, outside }: Item,
  { parties: { all }, families }: { readonly parties: Parties; readonly families: Families },
): string | undefined {
  const own = all[server];
  const family = serverMember && own ? families.get(own.namespace) : undefined;
  if (own === undefined || family === undefined) return undefined;
  const shared: number[] = [];
  for (const list of [clients, outside])
    for (const client of list) {
      const { namespace, outside: isAddress } = all[client] as Party;
      if (isAddress || namespace === own.namespace) continue;
      if (families.get(namespace) === family) return undefined;
      shared.push(client);
    }
  const role = roleOf(own);
  return role && `${family}\n${role}\n${protocol}/${port}\n${shared.join()}`;
}

/** Of each earlier pair the items in distinct namespaces; newcomers go with the only pair there is, else with each other. */
function byOwner(group: readonly Local[]): Local[][] {
  const owned = new Map<string, Local[]>();
  for (const one of group) appendTo(owned, one.item.owner ?? '', one);
  const fresh = owned.get('') ?? [];
  owned.delete('');
  const [only = []] = owned.size === 1 ? owned.values() : [];
  const parts = owned.size === 1 ? [[...only, ...fresh]] : [...owned.values(), fresh];
  return parts.map(oneOfEachNamespace);
}

function oneOfEachNamespace(group: readonly Local[]): Local[] {
  const taken = new Set<string>();
  const distinct = group.filter(({ namespace }) => !taken.has(namespace) && taken.add(namespace));
  return distinct.sort((a, b) => a.item.server - b.item.server);
}

/** Whether an item stands for copies of which each has callers of its own, so that they must not be granted together. */
export function standsApart({ parts, clients, outside }: Item, { all }: Parties): boolean {
  if (parts === undefined) return false;
  const differ = parts.some((one) => one.clients.length < clients.length || one.outside.length < outside.length);
  return differ || outside.some((client) => all[client]?.outside);
}

function asOne(locals: readonly Local[], lists: ListInterner): Item {
  const owner = locals.find(({ item }) => item.owner)?.item.owner ?? '';
  const parts = locals.map(({ item }): Item => ({ ...item, owner }));
  const union = (role: 'clients' | 'outside'): readonly number[] =>
    lists.intern([...new Set(parts.flatMap((part) => part[role]))].sort((a, b) => a - b));
  return {
    ...(parts[0] as Item),
    clients: union('clients'),
    outside: union('outside'),
    links: parts.flatMap(({ links }) => links),
    parts,
  };
}
