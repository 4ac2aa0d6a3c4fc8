import { compareText } from '../../util/compare.ts';
import { ListInterner } from '../links/intern-lists.ts';
import { functionOfPort } from '../links/port-names.ts';
import { isAddress } from '../parties/cidrs.ts';
import { FUNCTION_KEYS } from '../parties/label-keys.ts';
import { Numbering } from '../parties/numbering.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { type Item, USUAL_DNS } from './items.ts';

const INDEX_DIGITS = 7;

/** Items that one pair could grant: every server offers every port to every client, nothing beyond was not observed. */
export interface Candidate {
  /** Total order of candidates; the same for every order of input. */
  readonly key: string;
  readonly form: 'star' | 'client-star' | 'twins' | 'mesh' | 'alike' | 'kept';
  /** Positions in the list of items. */
  readonly items: readonly number[];
}

/**
 * All candidate pairs over the items: stars, client stars, twin servers and meshes, and what is left of earlier pairs.
 * Earlier pairs never merge, because everybody in them would have to change labels.
 */
export function findCandidates(items: readonly Item[], parties: Parties): Candidate[] {
  const found = new Map<string, number[]>();
  const add = (key: string, position: number): void => {
    const known = found.get(key);
    if (known) known.push(position);
    else found.set(key, [position]);
  };
  const groups = clientGroups(items, parties);
  const numberOf = listNumbers();
  const offers = new Map(
    items.flatMap((item) => serversOf(item).map((server) => [offerKey({ ...item, server }), item])),
  );
  items.forEach((item, position) => {
    const group = groups[position] ?? '';
    const form = item.server === USUAL_DNS ? USUAL_DNS : Number(item.serverMember);
    const owner = item.owner ?? '';
    add(`1 star ${group} ${serversOf(item).join()}`, position);
    if (owner !== '') add(`0 kept ${group} ${form} ${owner}`, position);
    const shared = sharedFunction(item, parties.all[item.server]);
    if (shared !== '') add(`2 client-star ${group} ${form} ${shared}`, position);
    const value = functionValue(parties.all[item.server]);
    if (value !== '') add(`3 twins ${group} ${form} ${value}`, position);
    if (mayMesh(item, offers)) add(`4 mesh ${closedGroup(item, numberOf)} ${item.protocol} ${item.port}`, position);
  });
  for (const [key, own] of alike(found, items, parties)) found.set(key, own);
  return [...found].flatMap(([key, own]) =>
    byOwner(own, items).flatMap((part) => toCandidate(key, part, { items, parties }) ?? []),
  );
}

/** Servers of one namespace that offer the same ports to the same clients: whatever they are, one pair grants it all. */
function alike(
  found: ReadonlyMap<string, readonly number[]>,
  items: readonly Item[],
  parties: Parties,
): Map<string, number[]> {
  const groups = new Map<string, number[]>();
  for (const [key, own] of found) {
    if (formOf(key) !== 'star') continue;
    const { server, serverMember } = items[own[0] as number] as Item;
    if (!serverMember) continue;
    const [, , group] = key.split(' ');
    const ports = own.map((position) => portKey(items[position] as Item)).sort((a, b) => a - b);
    const alikeKey = `5 alike ${group} ${parties.all[server]?.namespace} ${ports.join()}`;
    const known = groups.get(alikeKey);
    if (known) known.push(...own);
    else groups.set(alikeKey, [...own]);
  }
  return groups;
}

/** Positions of items of one earlier pair each; what nobody owned goes with the first. */
function byOwner(own: readonly number[], items: readonly Item[]): (readonly number[])[] {
  const owners = [...new Set(own.map((position) => items[position]?.owner ?? ''))].filter((owner) => owner !== '');
  if (owners.length < 2) return [own];
  const [first = ''] = owners.sort(compareText);
  return owners.map((owner) => own.filter((position) => (items[position]?.owner || first) === owner));
}

/**
 * A text for every distinct set of clients. Addresses outside stand for those that were seen at one server, so servers
 * with such clients share no set: each would be opened to the callers of the other. Nor do copies of an application.
 */
function clientGroups(items: readonly Item[], { all }: Parties): string[] {
  const lists = new Numbering<readonly number[]>();
  return items.map((item) => {
    const { clients, outside, server } = item;
    const own = outside.some((client) => all[client]?.outside) ? server : '';
    return `${lists.numberOf(clients)}/${lists.numberOf(outside)}/${own}${item.copy === undefined ? '' : `/${item.copy}`}`;
  });
}

/** What an item is for, judged by its port alone; unnamed outside addresses on one port count as one function. */
function sharedFunction(item: Item, server: Party | undefined): string {
  if (server?.outside && server.kind !== 'host' && server.kind !== 'apiserver')
    return isAddress(server.name) ? `address ${portKey(item)}` : '';
  return functionOfPort(item.protocol, item.port);
}

/** The function that the server's own labels state, by the first function key that all its label sets share. */
export function functionValue(server: Party | undefined): string {
  for (const key of FUNCTION_KEYS) {
    const values = new Set(server?.labels.map((labels) => labels.get(key) ?? ''));
    const [only = ''] = values;
    if (values.size === 1 && only !== '') return only;
  }
  return '';
}

/** In a mesh every client offers the same port to as many: a glance at one of them rules most items out. */
function mayMesh(item: Item, offers: ReadonlyMap<number | string, Item>): boolean {
  const other = item.clients.find((client) => client !== item.server);
  const back = other === undefined ? undefined : offers.get(offerKey({ ...item, server: other }));
  return item.serverMember && back !== undefined && Math.abs(back.clients.length - item.clients.length) <= 1;
}

type ListNumber = (list: readonly number[]) => number;

/** Numbers distinct lists: a list of a hundred clients as a text would be made and compared for every item. */
function listNumbers(): ListNumber {
  const lists = new ListInterner();
  const numbers = new Numbering<readonly number[]>();
  return (list) => numbers.numberOf(lists.intern(list));
}

/** Clients and server together: equal for all members when everybody talks to everybody else. */
function closedGroup({ server, clients, outside, copy = '' }: Item, numberOf: ListNumber): string {
  let place = 0;
  while (place < clients.length && (clients[place] as number) < server) place += 1;
  const everybody = clients[place] === server ? clients : clients.toSpliced(place, 0, server);
  return `${numberOf(everybody)} ${numberOf(outside)} ${copy}`;
}

/** The server, in each copy of the application that the item stands for. */
function serversOf({ server, parts }: Item): readonly number[] {
  return parts ? parts.map((part) => part.server) : [server];
}

function toCandidate(
  key: string,
  own: readonly number[],
  { items, parties }: { items: readonly Item[]; parties: Parties },
): Candidate | undefined {
  const form = formOf(key);
  if (form !== 'star' && own.length < 2) return undefined;
  const members = own.map((position) => items[position] as Item);
  if (form !== 'star' && new Set(members.map(({ server }) => server)).size < 2) return undefined;
  if (form === 'mesh' ? !isMesh(members, parties) : !isComplete(members)) return undefined;
  return { key: `${form} ${members.map(itemKey).sort(compareText).join(';')}`, form, items: own };
}

/** The second word of a key. */
function formOf(key: string): Candidate['form'] {
  const start = key.indexOf(' ') + 1;
  return key.slice(start, key.indexOf(' ', start)) as Candidate['form'];
}

/** Whether every server offers every port. */
export function isComplete(items: readonly Item[]): boolean {
  const offers = items.flatMap(serversOf);
  return offers.length === new Set(offers).size * countPorts(items);
}

/** Distinct ports among items. */
export function countPorts(items: readonly Item[]): number {
  return items.length === 1 ? 1 : new Set(items.map(portKey)).size;
}

/** Whether all members call each other, and themselves too wherever several pods could. */
function isMesh(own: readonly Item[], parties: Parties): boolean {
  const members = new Set(own.map(({ server }) => server));
  return own.every(({ server, clients }) => {
    const everybody = new Set([...clients, server]);
    const complete = everybody.size === members.size && clients.every((client) => members.has(client));
    return complete && (clients.includes(server) || parties.all[server]?.single === true);
  });
}

function portKey({ protocol, port }: Pick<Item, 'protocol' | 'port'>): number {
  return protocol * 65536 + port;
}

/** Server and port, and the earlier pair, because that may have split an item. */
function offerKey(item: Pick<Item, 'server' | 'protocol' | 'port' | 'owner'>): number | string {
  const number = item.server * 2 ** 24 + portKey(item);
  return item.owner ? `${number} ${item.owner}` : number;
}

/** Of one length, so that the same choices are in the same order in all copies of an application. */
function itemKey(item: Item): string {
  return `${String(item.server).padStart(INDEX_DIGITS, '0')} ${portKey(item)}`;
}
