import type { Edge, EdgeEndpoint, Observation } from '../../model/edge.ts';

/** The opening packet of a connection, as far as it is known. Everything that is absent is unknown. */
export interface Traffic {
  readonly client: EdgeEndpoint;
  readonly server: EdgeEndpoint;
  /** IANA protocol number; 0 unknown. */
  readonly protocol: number;
  /** Server pod port after translation; 0 unknown, or a protocol without ports. */
  readonly port: number;
  /** DNS names the client is known to have resolved to the server. */
  readonly serverNames?: readonly string[];
  /** Addresses of ends that are pods. Several: any of them, and what cuts between them is uncertain. */
  readonly clientAddresses?: readonly string[];
  readonly serverAddresses?: readonly string[];
  readonly clientPods?: readonly string[];
  readonly serverPods?: readonly string[];
  readonly clientPort?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** Mesh identity; `''` = known to have none. */
  readonly clientPrincipal?: string;
  readonly serverPrincipal?: string;
  /** Whether a node at one end is the one that runs the pod at the other; taken to be so when not told. */
  readonly sameNode?: boolean;
}

/** Whether both ends are pods of one workload, perhaps the very same pod. */
export function isWithinWorkload({ client, server }: Traffic): boolean {
  return client.kind === 'pod' && client.namespace === server.namespace && client.workload === server.workload;
}

/** Both ends of all edges, as `prepare` takes them; a client is not repeated for the edges that follow its first. */
export function* endpointsOf(edges: Iterable<Edge>): Generator<EdgeEndpoint> {
  let last: EdgeEndpoint | undefined;
  for (const { client, server } of edges) {
    if (client !== last) yield client;
    yield server;
    last = client;
  }
}

/** The traffic of an edge, with the addresses and pods of one of its observations (by default of what passed). */
export function edgeTraffic(edge: Edge, observation: Observation | undefined = edge.passed ?? edge.denied): Traffic {
  const { client, server, protocol, port, serverNames } = edge;
  if (observation === undefined) return { client, server, protocol, port, serverNames };
  const { clientAddresses, serverAddresses, clientPods, serverPods } = observation;
  return { client, server, protocol, port, serverNames, clientAddresses, serverAddresses, clientPods, serverPods };
}
