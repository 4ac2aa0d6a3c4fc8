import type { Edge } from '../../model/edge.ts';
import { column } from '../../util/columns.ts';
import { type Column, countingSort, positionsOf } from '../../util/counting-sort.ts';
import type { Parties } from '../parties/parties.ts';

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

/**
 * Element of a typed array whose index is known to be inside. Not for every kind of array: the engine makes one machine
 * instruction of it as long as it meets few kinds, and a call that makes an object of each fraction when it meets more.
 */
export function at(array: Int32Array | Uint16Array | Uint8Array, index: number): number {
  return array[index] as number;
}

/** The same for fractions and moments in time. */
export function numberAt(array: Float64Array, index: number): number {
  return array[index] as number;
}

/** Folds edges into links: one counting sort after the other, each keeping the order of the one before among equals. */
export function foldLinks(edges: readonly Edge[], parties: Parties): Links {
  const { clients, servers, protocols, ports } = parties;
  const size = parties.all.length;
  const byClient = countingSort(positionsOf(edges.length), clients, size);
  const byPort = countingSort(countingSort(byClient, ports, 65_536), protocols, 256);
  const members = countingSort(byPort, servers, size);
  const starts = column.int32(edges.length + 1);
  const firsts = column.int32(edges.length);
  let count = 0;
  let before = -1;
  for (let m = 0; m < members.length; m += 1) {
    const edge = at(members, m);
    const isSame =
      m > 0 &&
      at(clients, edge) === at(clients, before) &&
      at(servers, edge) === at(servers, before) &&
      at(ports, edge) === at(ports, before) &&
      at(protocols, edge) === at(protocols, before);
    before = edge;
    if (isSame) continue;
    starts[count] = m;
    firsts[count] = edge;
    count += 1;
  }
  starts[count] = members.length;
  const own = firsts.subarray(0, count);
  return {
    ...{ count, edges, members, starts: starts.subarray(0, count + 1) },
    client: pick(clients, own, column.int32(count)),
    server: pick(servers, own, column.int32(count)),
    protocol: pick(protocols, own, column.uint8(count)),
    port: pick(ports, own, column.uint16(count)),
  };
}

/** The elements at `positions`, written to `into`. */
function pick<T extends Column>(elements: T, positions: Int32Array, into: T): T {
  for (let i = 0; i < positions.length; i += 1) into[i] = at(elements, at(positions, i));
  return into;
}

/** The link of these ends, by binary search; -1 when there is none. */
export function findLink(
  links: Links,
  wanted: {
    readonly client: number;
    readonly server: number;
    readonly protocol: number;
    readonly port: number;
  },
): number {
  let [low, high] = [0, links.count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order =
      at(links.server, middle) - wanted.server ||
      at(links.protocol, middle) - wanted.protocol ||
      at(links.port, middle) - wanted.port ||
      at(links.client, middle) - wanted.client;
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return -1;
}

/** The link of every edge. */
export function linkOfEdges({ count, starts, members }: Links): Int32Array {
  const links = column.int32(members.length);
  for (let link = 0; link < count; link += 1)
    for (let m = at(starts, link); m < at(starts, link + 1); m += 1) links[at(members, m)] = link;
  return links;
}

/** The edges of one link. */
export function edgesOfLink(links: Links, link: number): Edge[] {
  const edges: Edge[] = [];
  for (let m = at(links.starts, link); m < at(links.starts, link + 1); m += 1)
    edges.push(links.edges[at(links.members, m)] as Edge);
  return edges;
}

/** An edge without any observation stands for a grant of an earlier run. */
export function isCarried({ passed, denied, unclear }: Edge): boolean {
  return passed === undefined && denied === undefined && unclear === undefined;
}

/** The edges of a link that count as evidence: who opened the connection is known, and it got through. */
export function learnable(links: Links, link: number): Edge[] {
  return edgesOfLink(links, link).filter((edge) => edge.oriented && edge.passed);
}
