import type { Endpoint } from '../../src/model/endpoint.ts';
import type { FlowFormat } from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { fastHash64 } from '../../src/util/fast-hash64.ts';
import type { DecodeContext } from './decoder.ts';

/** An end of a flow about which nothing is known. */
export const NO_ENDPOINT: Endpoint = Object.freeze({
  kind: 'unknown',
  namespace: '',
  workload: '',
  workloadKind: '',
  pod: '',
  labels: UNKNOWN_LABELS,
  peer: '',
  principal: '',
  identity: 0,
});

/** An endpoint with `known` filled in and everything else absent. */
export function endpoint(known: Partial<Endpoint>): Endpoint {
  return { ...NO_ENDPOINT, ...known };
}

const ABSENT: Omit<Flow, 'time' | 'endTime' | 'format' | 'cluster' | 'node' | 'eventId'> = Object.freeze({
  vantage: 'unknown',
  oriented: 'unknown',
  swapped: false,
  protocol: 0,
  client: NO_ENDPOINT,
  server: NO_ENDPOINT,
  clientAddress: '',
  serverAddress: '',
  clientPort: 0,
  serverPort: 0,
  icmpType: 255,
  serviceNamespace: '',
  serviceName: '',
  servicePort: 0,
  serverNames: [],
  verdict: 'unknown',
  reason: 'none',
  attribution: 'none',
  allowedBy: [],
  deniedBy: [],
  pending: [],
  connections: 0,
  connectionBasis: 'row',
  bytesForward: 0,
  bytesReverse: 0,
  packetsForward: 0,
  packetsReverse: 0,
  sampling: 1,
  l7: '',
  l7Detail: '',
});

/** What a decoder knows of a flow: at least when it was and what makes it itself. */
export type KnownFlow = Partial<Flow> & Pick<Flow, 'time' | 'eventId'>;

/** A whole flow from what is known; the rest takes the values that mean "absent" in the flow model. */
export function newFlow(format: FlowFormat, context: DecodeContext, known: KnownFlow): Flow {
  const { cluster, node } = context;
  const endTime = Math.max(known.time, known.endTime ?? known.time);
  const flow = { ...ABSENT, format, cluster, node, ...known, endTime };
  return isStorable(flow) ? flow : storable(flow);
}

/** Largest number that the store holds for connections and sampling. */
const LARGEST = 2 ** 32 - 1;

function isStorable({ connections, sampling, icmpType }: Flow): boolean {
  return connections <= LARGEST && sampling <= LARGEST && icmpType <= 255;
}

/** What is too large for its column would come back as another number, so it is cut or left out here. */
function storable(flow: Flow): Flow {
  const icmpType = flow.icmpType > 255 ? ABSENT.icmpType : flow.icmpType;
  const [connections, sampling] = [Math.min(flow.connections, LARGEST), Math.min(flow.sampling, LARGEST)];
  return { ...flow, icmpType, connections, sampling };
}

/**
 * Turns a flow that is in reply order round: ends, addresses, ports and counters change places. A `packet-wise`
 * vantage (NetObserv, GCP, AWS, NetFlow) names the ends of the packet and turns too; a `connection-wise` one stays.
 */
export function turned(flow: Flow, vantageIs: 'packet-wise' | 'connection-wise'): Flow {
  const opposite = { src: 'dst', dst: 'src' } as const;
  const { vantage } = flow;
  const turns = vantageIs === 'packet-wise' && (vantage === 'src' || vantage === 'dst');
  return {
    ...flow,
    swapped: !flow.swapped,
    vantage: turns ? opposite[vantage] : vantage,
    client: flow.server,
    server: flow.client,
    clientAddress: flow.serverAddress,
    serverAddress: flow.clientAddress,
    clientPort: flow.serverPort,
    serverPort: flow.clientPort,
    bytesForward: flow.bytesReverse,
    bytesReverse: flow.bytesForward,
    packetsForward: flow.packetsReverse,
    packetsReverse: flow.packetsForward,
  };
}

/** The id of a record from the parts that make it itself; the same parts always give the same id. */
export function eventId(...parts: readonly (string | number)[]): string {
  return fastHash64(parts.join('\u001f'));
}
