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

/** More endpoints than a cluster has; beyond, the memory starts anew instead of growing. */
const ENDPOINT_LIMIT = 20_000;

const ENDPOINTS = new Map<string, Endpoint>();

/**
 * An endpoint with `known` filled in and everything else absent. Equal ones are mostly one object, which an encoder
 * reads once; that only saves time.
 */
export function endpoint(known: Partial<Endpoint>): Endpoint {
  const { kind, namespace = '', workload = '', pod = '', labels = UNKNOWN_LABELS, peer = '' } = known;
  const key = `${kind} ${namespace} ${workload} ${pod} ${labels.id} ${peer}`;
  const found = ENDPOINTS.get(key);
  if (found !== undefined && is(found, known)) return found;
  const { workloadKind = '', principal = '', identity = 0 } = known;
  const made = Object.freeze({
    kind: kind ?? NO_ENDPOINT.kind,
    namespace,
    workload,
    workloadKind,
    pod,
    labels,
    peer,
    principal,
    identity,
  });
  if (ENDPOINTS.size >= ENDPOINT_LIMIT) ENDPOINTS.clear();
  ENDPOINTS.set(key, made);
  return made;
}

/** Texts may hold blanks, so equal keys do not prove equal endpoints. */
function is(endpoint: Endpoint, known: Partial<Endpoint>): boolean {
  return (
    endpoint.kind === (known.kind ?? NO_ENDPOINT.kind) &&
    endpoint.labels === (known.labels ?? UNKNOWN_LABELS) &&
    endpoint.namespace === (known.namespace ?? '') &&
    endpoint.workload === (known.workload ?? '') &&
    endpoint.workloadKind === (known.workloadKind ?? '') &&
    endpoint.pod === (known.pod ?? '') &&
    endpoint.peer === (known.peer ?? '') &&
    endpoint.principal === (known.principal ?? '') &&
    endpoint.identity === (known.identity ?? 0)
  );
}

const NO_TEXTS: readonly string[] = Object.freeze([]);
const NO_ICMP_TYPE = 255;

/** What a decoder knows of a flow: at least when it was and what makes it itself. */
export type KnownFlow = Partial<Flow> & Pick<Flow, 'time' | 'eventId'>;

/**
 * A whole flow from what is known; the rest takes the values that mean "absent" in the flow model. Written out:
 * spreading objects of so many fields costs more than reading the record.
 */
export function newFlow(format: FlowFormat, context: DecodeContext, known: KnownFlow): Flow {
  const flow: Flow = {
    vantage: known.vantage ?? 'unknown',
    oriented: known.oriented ?? 'unknown',
    swapped: known.swapped ?? false,
    protocol: known.protocol ?? 0,
    client: known.client ?? NO_ENDPOINT,
    server: known.server ?? NO_ENDPOINT,
    clientAddress: known.clientAddress ?? '',
    serverAddress: known.serverAddress ?? '',
    clientPort: known.clientPort ?? 0,
    serverPort: known.serverPort ?? 0,
    icmpType: known.icmpType ?? NO_ICMP_TYPE,
    serviceNamespace: known.serviceNamespace ?? '',
    serviceName: known.serviceName ?? '',
    servicePort: known.servicePort ?? 0,
    serverNames: known.serverNames ?? NO_TEXTS,
    verdict: known.verdict ?? 'unknown',
    reason: known.reason ?? 'none',
    attribution: known.attribution ?? 'none',
    allowedBy: known.allowedBy ?? NO_TEXTS,
    deniedBy: known.deniedBy ?? NO_TEXTS,
    pending: known.pending ?? NO_TEXTS,
    connections: known.connections ?? 0,
    connectionBasis: known.connectionBasis ?? 'row',
    bytesForward: known.bytesForward ?? 0,
    bytesReverse: known.bytesReverse ?? 0,
    packetsForward: known.packetsForward ?? 0,
    packetsReverse: known.packetsReverse ?? 0,
    sampling: known.sampling ?? 1,
    l7: known.l7 ?? '',
    l7Detail: known.l7Detail ?? '',
    format: known.format ?? format,
    cluster: known.cluster ?? context.cluster,
    node: known.node ?? context.node,
    time: known.time,
    endTime: Math.max(known.time, known.endTime ?? known.time),
    eventId: known.eventId,
  };
  return isStorable(flow) ? flow : storable(flow);
}

/** Largest number that the store holds for connections and sampling. */
const LARGEST = 2 ** 32 - 1;

function isStorable({ connections, sampling, icmpType }: Flow): boolean {
  return connections <= LARGEST && sampling <= LARGEST && icmpType <= 255;
}

/** What is too large for its column would come back as another number, so it is cut or left out here. */
function storable(flow: Flow): Flow {
  const icmpType = flow.icmpType > 255 ? NO_ICMP_TYPE : flow.icmpType;
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
