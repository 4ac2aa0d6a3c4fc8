import { ListInterner } from '../links/intern-lists.ts';
import { at, type Links } from '../links/links.ts';
import { unionOf } from '../links/union-lists.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { isTrusted, type Trust } from '../trust/rules.ts';
import type { Coverage } from './coverage.ts';
import { isMember, membersAs } from './coverage.ts';

/** No DNS server was seen: egress halves name the usual one, `k8s-app=kube-dns` in `kube-system`. */
export const USUAL_DNS = -1;

/** One port of one server with everybody who uses it: the smallest thing that is granted as a whole. */
export interface Item {
  /** Party index, or `USUAL_DNS`. */
  readonly server: number;
  /** The server carries the label and is isolated. */
  readonly serverMember: boolean;
  readonly protocol: number;
  readonly port: number;
  readonly implied: boolean;
  /** Party indexes of clients that carry the label, ascending; equal lists of a run are the same object. */
  readonly clients: readonly number[];
  /** Party indexes of all other clients, ascending; empty unless the server is a member. */
  readonly outside: readonly number[];
  /** Trusted links behind it; those of the other transport when it is implied. */
  readonly links: readonly number[];
  /** Id of the earlier pair that granted it; absent or empty: none did. */
  readonly owner?: string;
  /** It becomes one with items of the same copy alone: copies of an application have this in common, each by itself. */
  readonly copy?: string;
  /** The items of several copies of an application that this one stands for (`foldCopies`); absent: just itself. */
  readonly parts?: readonly Item[];
}

/** The ports that have to be granted, each with its clients; `standing`: who else is isolated in egress. */
export function findItems(
  links: Links,
  trust: Trust,
  given: { parties: Parties; coverage: Coverage; standing: readonly number[] },
): Item[] {
  const items: Item[] = [];
  const lists = new ListInterner();
  const members = {
    clients: membersAs('client', given.coverage, given.parties),
    servers: membersAs('server', given.coverage, given.parties),
  };
  let start = 0;
  for (let link = 1; link <= links.count; link += 1) {
    if (link < links.count && samePort(links, start, link)) continue;
    const item = toItem(links, trust, { members, lists, start, end: link });
    if (item) items.push(item);
    start = link;
  }
  return withDns(items, { ...given, lists });
}

function samePort(links: Links, a: number, b: number): boolean {
  return (
    at(links.server, a) === at(links.server, b) &&
    at(links.port, a) === at(links.port, b) &&
    at(links.protocol, a) === at(links.protocol, b)
  );
}

function toItem(
  links: Links,
  trust: Trust,
  given: {
    readonly members: { readonly clients: Uint8Array; readonly servers: Uint8Array };
    readonly lists: ListInterner;
    readonly start: number;
    readonly end: number;
  },
): Item | undefined {
  const { members, start, end } = given;
  const server = at(links.server, start);
  const serverMember = at(members.servers, server) === 1;
  const clients: number[] = [];
  const outside: number[] = [];
  const used: number[] = [];
  for (let link = start; link < end; link += 1) {
    if (!isTrusted(trust, link)) continue;
    const client = at(links.client, link);
    const member = at(members.clients, client) === 1;
    if (!member && !serverMember) continue;
    (member ? clients : outside).push(client);
    used.push(link);
  }
  if (used.length === 0) return undefined;
  const protocol = at(links.protocol, start);
  return {
    ...{ server, serverMember, protocol, port: at(links.port, start), implied: false, links: used },
    ...{ clients: given.lists.intern(clients), outside: given.lists.intern(outside) },
  };
}

const TCP = 6;
const UDP = 17;

/**
 * Names are resolved over UDP and, for long answers, over TCP: whoever may do one may do both. Whoever is isolated in
 * egress may resolve names at all, seen or not: a policy that breaks DNS breaks everything.
 */
function withDns(
  items: readonly Item[],
  given: { parties: Parties; coverage: Coverage; standing: readonly number[]; lists: ListInterner },
): Item[] {
  const { parties, coverage, lists } = given;
  const isDns = (item: Item): boolean =>
    (item.protocol === TCP || item.protocol === UDP) &&
    (item.port === 53 || (item.port === 5353 && isDnsServer(parties.all[item.server])));
  const servers = new Map<number, Item[]>();
  for (const item of items.filter(isDns)) servers.set(item.server, [...(servers.get(item.server) ?? []), item]);
  const isolated = unionOf([given.standing, ...items.map((item) => item.clients)], parties.all.length);
  for (const { clients } of [...servers.values()].flat()) for (const client of clients) isolated.delete(client);
  const main = mainDns(servers, parties);
  const dns = [...servers.values()].flatMap((own) =>
    bothTransports(own, own[0]?.server === main ? isolated : new Set(), lists),
  );
  if (main === undefined && isolated.size > 0) dns.push(...usualDns(isolated, lists));
  return [...items.filter((item) => !isDns(item)), ...dns].filter(
    ({ server, clients }) =>
      server === USUAL_DNS || clients.length > 0 || isMember(coverage, parties.all[server] as Party, 'server'),
  );
}

function isDnsServer(party: Party | undefined): boolean {
  return (
    party?.labels.some((labels) => /^(kube-dns|coredns|node-local-dns)$/.test(labels.get('k8s-app') ?? '')) === true ||
    party?.namespace === 'openshift-dns'
  );
}

/** The cluster's own DNS server, else the one most clients use; ties go to the first. */
function mainDns(servers: ReadonlyMap<number, readonly Item[]>, parties: Parties): number | undefined {
  let main: { server: number; weight: number } | undefined;
  for (const [server, items] of servers) {
    const own = isDnsServer(parties.all[server]) ? parties.all.length : 0;
    const weight = own + Math.max(...items.map(({ clients }) => clients.length));
    if (!main || weight > main.weight) main = { server, weight };
  }
  return main?.server;
}

function bothTransports(seen: readonly Item[], others: ReadonlySet<number>, lists: ListInterner): Item[] {
  const clients = lists.intern(ascending([...seen.flatMap((item) => item.clients), ...others]));
  const outside = lists.intern(ascending(seen.flatMap((item) => item.outside)));
  const ports = [...new Set(seen.map(({ port }) => port))];
  return ports.flatMap((port) =>
    [TCP, UDP].map((protocol): Item => {
      const own = seen.find((item) => item.port === port && item.protocol === protocol);
      const base = own ?? (seen[0] as Item);
      return { ...base, protocol, port, implied: !own, clients, outside };
    }),
  );
}

function usualDns(users: ReadonlySet<number>, lists: ListInterner): Item[] {
  const [clients, outside] = [lists.intern(ascending(users)), lists.intern([])];
  return [TCP, UDP].map((protocol) => ({
    server: USUAL_DNS,
    serverMember: false,
    protocol,
    port: 53,
    implied: true,
    clients,
    outside,
    links: [],
  }));
}

function ascending(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
