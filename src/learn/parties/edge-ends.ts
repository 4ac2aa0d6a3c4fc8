import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import { column } from '../../util/columns.ts';
import { compareText } from '../../util/compare.ts';
import { Numbering } from './numbering.ts';

/**
 * The ends of all edges, each distinct end once: endpoints are interned, so identity tells them apart. Ports come along,
 * because looking them up in the edges later would be another walk through all of memory.
 */
export interface EdgeEnds {
  readonly endpoints: readonly EdgeEndpoint[];
  /** Position in `endpoints` by edge. */
  readonly client: Int32Array;
  readonly server: Int32Array;
  readonly protocol: Uint8Array;
  readonly port: Uint16Array;
  /** Whether an endpoint occurs as client and as server. */
  readonly isClient: Uint8Array;
  readonly isServer: Uint8Array;
  /** The first of the names that any client resolved for an address: one address is one server for all of them. */
  readonly nameOfAddress: ReadonlyMap<string, string>;
}

/** Numbers the ends of edges in one walk. */
export function findEdgeEnds(edges: readonly Edge[]): EdgeEnds {
  const endpoints = new Numbering<EdgeEndpoint>();
  const client = column.int32(edges.length);
  const server = column.int32(edges.length);
  const protocol = column.uint8(edges.length);
  const port = column.uint16(edges.length);
  const nameOfAddress = new Map<string, string>();
  // Edges come sorted more often than not, so the server is mostly that of the edge before.
  let last: EdgeEndpoint | undefined;
  let lastId = -1;
  for (let i = 0; i < edges.length; i += 1) {
    const edge = edges[i] as Edge;
    client[i] = endpoints.numberOf(edge.client);
    if (last !== edge.server) lastId = endpoints.numberOf(edge.server);
    last = edge.server;
    server[i] = lastId;
    protocol[i] = edge.protocol;
    port[i] = edge.port;
    if (edge.serverNames.length > 0) keepFirstName(nameOfAddress, edge);
  }
  const { values } = endpoints;
  const [isClient, isServer] = [marks(values.length, client), marks(values.length, server)];
  return { endpoints: values, client, server, protocol, port, isClient, isServer, nameOfAddress };
}

function marks(size: number, positions: Int32Array): Uint8Array {
  const found = new Uint8Array(size);
  for (let i = 0; i < positions.length; i += 1) found[positions[i] as number] = 1;
  return found;
}

function keepFirstName(names: Map<string, string>, { server, serverNames }: Edge): void {
  if (server.address === '') return;
  for (const name of serverNames) {
    const known = names.get(server.address);
    if (known === undefined || compareText(name, known) < 0) names.set(server.address, name);
  }
}
