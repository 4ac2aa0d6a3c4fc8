import type { Vantage } from '../../src/model/enums.ts';
import { object } from './fields.ts';
import { type CountedConnections, countConnections } from './hubble-connections.ts';
import type { HubbleEndpoint } from './hubble-endpoint.ts';
import type { HubbleEvent } from './hubble-event.ts';
import { type Layer4, readLayer4 } from './hubble-layer4.ts';
import type { HubbleMemory } from './hubble-memory.ts';
import { hubbleOpener } from './hubble-opener.ts';
import type { HubbleMessage } from './hubble-record.ts';
import type { Opener } from './orientation.ts';

/** A flow with its ends in connection order; everything that depends on who opened it is settled here. */
export interface HubbleFacts {
  readonly opener: Opener;
  readonly swapped: boolean;
  readonly vantage: Vantage;
  readonly layer4: Layer4;
  readonly client: HubbleEndpoint;
  readonly server: HubbleEndpoint;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly opened: CountedConnections;
}

/** What `readFacts` needs besides the flow. */
export interface FactSources {
  readonly event: HubbleEvent;
  /** See `OpenerEvidence`. */
  readonly trustsForward: boolean;
  readonly memory: HubbleMemory;
}

/** Direction of the connection at the observing endpoint: it does not turn with a reply. */
const VANTAGES = new Map<unknown, Vantage>([
  ['EGRESS', 'src'],
  [2, 'src'],
  ['INGRESS', 'dst'],
  [1, 'dst'],
]);

/** Reads ends and ports, which are in packet order, and turns them where the packet was a reply. */
export function readFacts(flow: HubbleMessage, { event, trustsForward, memory }: FactSources): HubbleFacts {
  const source = memory.endpoints.read(flow.source);
  const destination = memory.endpoints.read(flow.destination);
  const layer4 = readLayer4(flow.l4);
  const opener = hubbleOpener(flow, { event, layer4, trustsForward });
  const swapped = opener.order === 'reply';
  const client = swapped ? destination : source;
  const server = swapped ? source : destination;
  const vantage = VANTAGES.get(flow.traffic_direction) ?? 'unknown';
  const addresses = object(flow.IP);
  const from = memory.address(addresses?.source);
  const to = memory.address(addresses?.destination);
  return {
    opener,
    swapped,
    vantage,
    layer4,
    client,
    server,
    clientAddress: swapped ? to : from,
    serverAddress: swapped ? from : to,
    clientPort: swapped ? layer4.destinationPort : layer4.sourcePort,
    serverPort: swapped ? layer4.sourcePort : layer4.destinationPort,
    opened: countConnections(flow, {
      event,
      vantage,
      isReply: swapped,
      clientKind: client.endpoint.kind,
      serverKind: server.endpoint.kind,
      tcpFlags: layer4.flags,
    }),
  };
}
