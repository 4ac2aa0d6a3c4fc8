import type { Edge } from '../model/edge.ts';
import type { Parties } from './parties.ts';

/**
 * Edges folded by (server, protocol, port, client) of the parties. Kept in columns: at a million links, an object for
 * each would cost more memory than the edges themselves. Links are sorted by server, protocol, port, client, so that
 * positions do not depend on the order of edges.
 */
export interface Links {
  readonly count: number;
  /** Party index by link. */
  readonly client: Int32Array;
  readonly server: Int32Array;
  readonly protocol: Uint8Array;
  readonly port: Uint16Array;
  /** Positions in `edges` of link `i`: `members[starts[i]]` up to `members[starts[i + 1]]`. */
  readonly starts: Int32Array;
  readonly members: Int32Array;
  readonly edges: readonly Edge[];
}

/** Folds edges into links. */
export function foldLinks(edges: readonly Edge[], parties: Parties): Links {
  const clients = new Int32Array(edges.length);
  const buckets = bucketsOfServers(edges, parties, clients);
  const members = buckets.members;
  const starts: number[] = [];
  for (let b = 0; b + 1 < buckets.starts.length; b += 1) {
    const bucket = members.subarray(buckets.starts[b], buckets.starts[b + 1]);
    sortByClient(bucket, clients);
    for (let i = 0; i < bucket.length; i += 1)
      if (i === 0 || at(clients, at(bucket, i)) !== at(clients, at(bucket, i - 1)))
        starts.push(at(buckets.starts, b) + i);
  }
  return columns(edges, parties, { clients, members, starts });
}

/** Sorts edge positions by client as plain numbers, which is several times faster than calling a comparator. */
function sortByClient(bucket: Int32Array, clients: Int32Array): void {
  const size = clients.length;
  const keys = Float64Array.from(bucket, (position) => at(clients, position) * size + position).sort();
  for (let i = 0; i < bucket.length; i += 1) bucket[i] = (keys[i] as number) % size;
}

/** Element of a typed array whose index is known to be inside. */
export function at(array: Int32Array | Uint32Array | Uint16Array | Uint8Array, index: number): number {
  return array[index] as number;
}

/** Edge positions bucketed by (server, protocol, port), buckets in that order: a counting sort. */
function bucketsOfServers(
  edges: readonly Edge[],
  parties: Parties,
  clients: Int32Array,
): { starts: Int32Array; members: Int32Array } {
  const ids = new Map<number, number>();
  const keys: number[] = [];
  const bucketOf = new Int32Array(edges.length);
  edges.forEach((edge, i) => {
    clients[i] = parties.client(edge).index;
    const key = (parties.server(edge).index * 256 + (edge.protocol & 255)) * 65536 + edge.port;
    let id = ids.get(key);
    if (id === undefined) {
      id = keys.length;
      ids.set(key, id);
      keys.push(key);
    }
    bucketOf[i] = id;
  });
  const order = keys.map((_, id) => id).sort((a, b) => (keys[a] as number) - (keys[b] as number));
  const rank = new Int32Array(keys.length);
  order.forEach((id, position) => {
    rank[id] = position;
  });
  return countingSort(bucketOf, rank);
}

function countingSort(bucketOf: Int32Array, rank: Int32Array): { starts: Int32Array; members: Int32Array } {
  const starts = new Int32Array(rank.length + 1);
  for (const id of bucketOf) starts[at(rank, id) + 1] = at(starts, at(rank, id) + 1) + 1;
  for (let b = 0; b < rank.length; b += 1) starts[b + 1] = at(starts, b + 1) + at(starts, b);
  const next = starts.slice();
  const members = new Int32Array(bucketOf.length);
  bucketOf.forEach((id, i) => {
    const bucket = at(rank, id);
    members[at(next, bucket)] = i;
    next[bucket] = at(next, bucket) + 1;
  });
  return { starts, members };
}

function columns(
  edges: readonly Edge[],
  parties: Parties,
  folded: { clients: Int32Array; members: Int32Array; starts: readonly number[] },
): Links {
  const count = folded.starts.length;
  const client = new Int32Array(count);
  const server = new Int32Array(count);
  const protocol = new Uint8Array(count);
  const port = new Uint16Array(count);
  folded.starts.forEach((start, i) => {
    const position = at(folded.members, start);
    const edge = edges[position] as Edge;
    client[i] = at(folded.clients, position);
    server[i] = parties.server(edge).index;
    protocol[i] = edge.protocol;
    port[i] = edge.port;
  });
  const starts = Int32Array.from([...folded.starts, edges.length]);
  return { count, client, server, protocol, port, starts, members: folded.members, edges };
}

/** The edges of one link. */
export function edgesOfLink(links: Links, link: number): Edge[] {
  const start = at(links.starts, link);
  const length = at(links.starts, link + 1) - start;
  const edges: Edge[] = [];
  for (let m = start; m < start + length; m += 1) edges.push(links.edges[at(links.members, m)] as Edge);
  return edges;
}

/** The edges of a link that count as evidence: who opened the connection is known, and it got through. */
export function learnable(links: Links, link: number): Edge[] {
  return edgesOfLink(links, link).filter((edge) => edge.oriented && edge.passed);
}
