import type { Flow } from '../../src/model/flow.ts';
import { fastHash64 } from '../../src/util/fast-hash64.ts';
import type { DecodeContext, DecodeSink } from './decoder.ts';
import { object, text } from './fields.ts';
import { EVENT, type HubbleEvent, readEvent } from './hubble-event.ts';
import { type HubbleFacts, readFacts } from './hubble-facts.ts';
import { canonicalIdentity } from './hubble-identity.ts';
import { l7Detail, l7Protocol } from './hubble-l7.ts';
import { memoryOf } from './hubble-memory.ts';
import { dnsNames } from './hubble-names.ts';
import { policiesOf } from './hubble-policies.ts';
import type { HubbleMessage } from './hubble-record.ts';
import { NO_COUNTERS, retinaCounters } from './hubble-retina.ts';
import { BOOKKEEPING, type HubbleVerdict, isRetinaDns, readVerdict } from './hubble-verdict.ts';
import { fastTime } from './rfc3339.ts';

/** What stands around a flow. */
export interface HubbleEnvelope {
  readonly time: unknown;
  readonly nodeName: unknown;
  readonly format: 'hubble' | 'retina';
}

/** Event types that are no traffic (`event_type.type`), and what their skip is called. */
const SKIPPED_EVENTS = new Map<number, string>([
  [EVENT.debug, 'debug-event'],
  [EVENT.capture, 'debug-capture'],
  [EVENT.socket, 'socket-event'],
  [EVENT.agent, 'agent-event'],
]);

/** Decodes one flow message (cilium/cilium api/v1/flow/flow.proto as protobuf JSON). */
export function decodeHubbleFlow(
  flow: HubbleMessage,
  envelope: HubbleEnvelope,
  context: DecodeContext,
  sink: DecodeSink,
): void {
  const event = readEvent(flow);
  const judged = readVerdict(flow, event);
  const skipped = SKIPPED_EVENTS.get(event.type) ?? (flow.Type === 'SOCK' ? 'socket-event' : undefined);
  if (skipped !== undefined) sink.skip(skipped);
  else if (judged === BOOKKEEPING) sink.skip('bookkeeping-verdict');
  else decodeTraffic(flow, { event, judged, envelope, context }, sink);
}

function decodeTraffic(flow: HubbleMessage, around: Omit<Around, 'time' | 'timeText'>, sink: DecodeSink): void {
  const { envelope, context } = around;
  const told = flow.time ?? envelope.time ?? undefined;
  const time = fastTime(told);
  if (time === undefined) {
    if (told === undefined) sink.reject('no-time', 'the flow has no `time`');
    else sink.reject('bad-time', '`time` is no RFC 3339 time between the years 2000 and 2099');
    return;
  }
  const memory = memoryOf(context.interner);
  const facts = readFacts(flow, { event: around.event, trustsForward: envelope.format === 'hubble', memory });
  if (facts.client.encrypted || facts.server.encrypted) {
    sink.skip('encryption-overlay');
    return;
  }
  // Written out: spreading an object here costs as much as half of the rest.
  const { event, judged } = around;
  const decoded = assemble(flow, facts, { time, timeText: text(told), event, judged, envelope, context });
  sink.flow(decoded);
  tellNamespaces(facts, decoded, sink);
}

interface Around {
  readonly time: number;
  /** With all its digits. */
  readonly timeText: string;
  readonly event: HubbleEvent;
  readonly judged: HubbleVerdict;
  readonly envelope: HubbleEnvelope;
  readonly context: DecodeContext;
}

function assemble(flow: HubbleMessage, facts: HubbleFacts, around: Around): Flow {
  const { time, event, judged, envelope, context } = around;
  const { swapped, vantage, client, server, layer4, opened } = facts;
  const observer = memoryOf(context.interner).node(flow.node_name ?? envelope.nodeName ?? context.node);
  const service = object(flow[swapped ? 'source_service' : 'destination_service']);
  // The port of a Service is not the pod port that policies act on; a pod behind it is named by other records.
  const frontend = service !== undefined && server.endpoint.kind !== 'pod';
  // Only decisions name policies.
  const decides = event.type === EVENT.policy || event.type === 0;
  const allowedBy = decides ? policiesOf(flow.egress_allowed_by, flow.ingress_allowed_by) : NO_TEXTS;
  const deniedBy = decides ? policiesOf(flow.egress_denied_by, flow.ingress_denied_by) : NO_TEXTS;
  const isRetina = envelope.format === 'retina';
  const { bytes, packets } = isRetina ? retinaCounters(flow) : NO_COUNTERS;
  const uuid = flow.uuid;
  return {
    time,
    endTime: time,
    format: envelope.format,
    cluster: clusterOf(observer.cluster, (vantage === 'dst' ? server : client).cluster, context.cluster),
    node: observer.node,
    vantage,
    oriented: facts.opener.oriented,
    swapped,
    protocol: layer4.protocol,
    client: client.endpoint,
    server: frontend ? { ...server.endpoint, kind: 'service' } : server.endpoint,
    clientAddress: facts.clientAddress,
    serverAddress: facts.serverAddress,
    clientPort: facts.clientPort,
    serverPort: frontend ? 0 : facts.serverPort,
    icmpType: layer4.icmpType,
    serviceNamespace: text(service?.namespace),
    serviceName: text(service?.name),
    servicePort: frontend ? facts.serverPort : 0,
    serverNames: dnsNames(flow[swapped ? 'source_names' : 'destination_names']),
    verdict: judged.verdict,
    reason: judged.reason,
    attribution: allowedBy.length > 0 || deniedBy.length > 0 ? 'partial' : 'none',
    allowedBy,
    deniedBy,
    pending: NO_TEXTS,
    connections: opened.connections,
    connectionBasis: opened.basis,
    bytesForward: swapped ? 0 : bytes,
    bytesReverse: swapped ? bytes : 0,
    packetsForward: swapped ? 0 : packets,
    packetsReverse: swapped ? packets : 0,
    sampling: 1,
    l7: isRetina && isRetinaDns(flow) ? 'dns' : l7Protocol(event.l7),
    l7Detail: l7Detail(event.l7),
    eventId: fastHash64(
      typeof uuid === 'string' && uuid !== '' ? uuid : canonicalIdentity(flow, around.timeText, layer4),
    ),
  };
}

const NO_TEXTS: readonly string[] = Object.freeze([]);

/**
 * The record's own cluster, unless it is Cilium's preset name `default`: that is what clusters say which were never
 * given a name, and the one the user gave them is better.
 */
function clusterOf(observer: string, endpoint: string, given: string): string {
  if (observer !== '' && observer !== 'default') return observer;
  return endpoint !== '' && endpoint !== 'default' ? endpoint : given;
}

function tellNamespaces({ client, server }: HubbleFacts, { cluster, time }: Flow, sink: DecodeSink): void {
  const ofClient = client.namespaceLabels;
  const ofServer = server.namespaceLabels;
  if (ofClient !== undefined)
    sink.namespace({ cluster, namespace: client.endpoint.namespace, labels: ofClient, seen: time });
  if (ofServer !== undefined && ofServer !== ofClient)
    sink.namespace({ cluster, namespace: server.endpoint.namespace, labels: ofServer, seen: time });
}
