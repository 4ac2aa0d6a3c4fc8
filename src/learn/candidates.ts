import { compareText } from '../util/compare.ts';
import { isAddress } from './cidrs.ts';
import { type Item, USUAL_DNS } from './items.ts';
import { FUNCTION_KEYS } from './label-keys.ts';
import type { Parties, Party } from './parties.ts';
import { functionOfPort } from './port-names.ts';

/** Items that one pair could grant: every server offers every port to every client, nothing beyond was not observed. */
export interface Candidate {
  /** Total order of candidates; the same for every order of input. */
  readonly key: string;
  readonly form: 'star' | 'client-star' | 'twins' | 'mesh';
  /** Positions in the list of items. */
  readonly items: readonly number[];
}

/** All candidate pairs over the items: stars, client stars, twin servers and meshes. */
export function findCandidates(items: readonly Item[], parties: Parties): Candidate[] {
  const found = new Map<string, number[]>();
  const add = (key: string, position: number): void => {
    const known = found.get(key);
    if (known) known.push(position);
    else found.set(key, [position]);
  };
  const groups = clientGroups(items);
  const offers = new Map(items.map((item) => [itemNumber(item), item]));
  items.forEach((item, position) => {
    const group = groups[position] ?? '';
    const form = item.server === USUAL_DNS ? USUAL_DNS : Number(item.serverMember);
    add(`1 star ${group} ${item.server}`, position);
    const shared = sharedFunction(item, parties.all[item.server]);
    if (shared !== '') add(`2 client-star ${group} ${form} ${shared}`, position);
    const value = functionValue(parties.all[item.server]);
    if (value !== '') add(`3 twins ${group} ${form} ${value}`, position);
    if (mayMesh(item, offers)) add(`4 mesh ${closedGroup(item)} ${item.protocol} ${item.port}`, position);
  });
  return [...found].flatMap(([key, own]) => toCandidate(key, own, { items, parties }) ?? []);
}

/** A text for every distinct set of clients. */
function clientGroups(items: readonly Item[]): string[] {
  const numbers = new Map<readonly number[], number>();
  const numberOf = (list: readonly number[]): number => {
    const number = numbers.get(list) ?? numbers.size;
    numbers.set(list, number);
    return number;
  };
  return items.map(({ clients, outside }) => `${numberOf(clients)}/${numberOf(outside)}`);
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
function mayMesh(item: Item, offers: ReadonlyMap<number, Item>): boolean {
  const other = item.clients.find((client) => client !== item.server);
  const back = other === undefined ? undefined : offers.get(itemNumber({ ...item, server: other }));
  return item.serverMember && back !== undefined && Math.abs(back.clients.length - item.clients.length) <= 1;
}

/** Clients and server together: equal for all members when everybody talks to everybody else. */
function closedGroup({ server, clients, outside }: Item): string {
  const place = clients.findIndex((client) => client >= server);
  const everybody =
    clients[place] === server ? clients : clients.toSpliced(place < 0 ? clients.length : place, 0, server);
  return `${everybody.join()} ${outside.join()}`;
}

function toCandidate(
  key: string,
  own: readonly number[],
  { items, parties }: { items: readonly Item[]; parties: Parties },
): Candidate | undefined {
  const form = key.split(' ')[1] as Candidate['form'];
  const members = own.map((position) => items[position] as Item);
  if (form !== 'star' && new Set(members.map(({ server }) => server)).size < 2) return undefined;
  if (form === 'mesh' ? !isMesh(members, parties) : !isComplete(members)) return undefined;
  return { key: `${form} ${members.map(itemKey).sort(compareText).join(';')}`, form, items: own };
}

/** Whether every server offers every port. */
export function isComplete(items: readonly Item[]): boolean {
  const servers = new Set(items.map(({ server }) => server));
  return items.length === servers.size * countPorts(items);
}

/** Distinct ports among items. */
export function countPorts(items: readonly Item[]): number {
  return new Set(items.map(portKey)).size;
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

/** Server and port as one number. */
function itemNumber(item: Pick<Item, 'server' | 'protocol' | 'port'>): number {
  return item.server * 2 ** 24 + portKey(item);
}

function itemKey(item: Item): string {
  return `${item.server} ${portKey(item)}`;
}
