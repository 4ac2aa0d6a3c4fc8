import type { Endpoint } from '../../src/model/endpoint.ts';
import type { Vantage } from '../../src/model/enums.ts';
import { type LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { address, isPrivate } from './address.ts';
import { parseAntreaLine } from './antrea-csv.ts';
import { antreaOutcome } from './antrea-policy.ts';
import type { DecodeContext, Decoder, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, number, object, port, present, text } from './fields.ts';
import { labelsOfObject } from './label-hygiene.ts';
import { parseJson } from './parse-json.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, type Reading } from './reading.ts';
import { epochTime, parseTime } from './time.ts';
import { workloadOfPod } from './workload-name.ts';

type End = 'source' | 'destination';

/** Default of `activeFlowExportTimeout`: a longer connection is exported again and again, each time as a slice. */
const EXPORT_INTERVAL = 60_000;

/** The first of several names that a release uses for one column. */
function first(record: JsonObject, ...names: readonly string[]): unknown {
  return record[names.find((name) => present(record[name]) !== '') ?? ''];
}

const addressOf = (record: JsonObject, end: End): string =>
  address(first(record, `${end}IP`, `${end}IPv4Address`, `${end}IPv6Address`));

/** A text holding a JSON object: `''` while the option is off, `{}` for a pod without labels. */
function labelsOf(value: unknown, interner: LabelInterner): LabelSet {
  if (object(value) !== undefined) return labelsOfObject(value, interner);
  const written = text(value);
  return written === '' ? UNKNOWN_LABELS : labelsOfObject(parseJson(written), interner);
}

function endpointOf(record: JsonObject, end: End, interner: LabelInterner): Endpoint {
  const pod = present(record[`${end}PodName`]);
  const namespace = present(record[`${end}PodNamespace`]);
  if (pod !== '') {
    const labels = labelsOf(record[`${end}PodLabels`], interner);
    return endpoint({ kind: 'pod', namespace, pod, labels, ...workloadOfPod(pod) });
  }
  const outside = text(record.flowType) === (end === 'source' ? '4' : '3');
  const found = addressOf(record, end);
  if (isPrivate(found)) return endpoint({ kind: outside ? 'private' : 'unknown' });
  return endpoint({ kind: outside || found !== '' ? 'external' : 'unknown' });
}

/** Both nodes' exports are joined into one row where both ends are pods; otherwise only the pod's node reports. */
function vantageOf(client: Endpoint, server: Endpoint): Vantage {
  if (client.kind === 'pod') return server.kind === 'pod' ? 'both' : 'src';
  return server.kind === 'pod' ? 'dst' : 'unknown';
}

const timeOf = (value: unknown): number | undefined => epochTime(value, 's') ?? parseTime(value);

/** `namespace/service:port`. */
function serviceOf(record: JsonObject) {
  const written = present(record.destinationServicePortName);
  const path = written.includes(':') ? written.slice(0, written.lastIndexOf(':')) : written;
  const slash = path.indexOf('/');
  return {
    serviceNamespace: slash < 0 ? '' : path.slice(0, slash),
    serviceName: path.slice(slash + 1),
    servicePort: port(record.destinationServicePort),
  };
}

/**
 * A connection counts in the slice that has seen all of it so far: its first. Without counters that cannot be told,
 * except for denials, which are no connections at all but single attempts.
 */
function connectionsOf(record: JsonObject, denied: boolean) {
  const total = number(record.packetTotalCount);
  if (total === undefined) {
    return denied ? ({ connections: 1, connectionBasis: 'event' } as const) : { connections: 0 };
  }
  const isFirst = total === (number(record.packetDeltaCount) ?? 0);
  return { connections: isFirst || denied ? 1 : 0, connectionBasis: 'event' } as const;
}

const IDENTITY = [
  ...['flowStartSeconds', 'flowEndSeconds', 'sourceTransportPort', 'destinationTransportPort', 'protocolIdentifier'],
  ...['sourcePodName', 'sourcePodNamespace', 'sourceNodeName', 'destinationPodName', 'destinationPodNamespace'],
  ...['destinationNodeName', 'ingressNetworkPolicyRuleAction', 'egressNetworkPolicyRuleAction'],
  ...['octetDeltaCount', 'reverseOctetDeltaCount', 'octetTotalCount', 'clusterUUID'],
];

function read(record: JsonObject, context: DecodeContext): Reading {
  const start = timeOf(record.flowStartSeconds);
  const end = timeOf(record.flowEndSeconds) ?? start;
  if (end === undefined)
    return { reject: 'bad-time', detail: 'flowStartSeconds and flowEndSeconds are no plausible times' };
  const client = endpointOf(record, 'source', context.interner);
  const server = endpointOf(record, 'destination', context.interner);
  const outcome = antreaOutcome(record);
  const [clientAddress, serverAddress] = [addressOf(record, 'source'), addressOf(record, 'destination')];
  const identity = [clientAddress, serverAddress, ...IDENTITY.map((key) => text(record[key]))];
  return {
    flow: newFlow('antrea', context, {
      time: Math.max(start ?? end, end - EXPORT_INTERVAL),
      endTime: end,
      cluster: present(record.clusterUUID) || context.cluster,
      node: present(record.sourceNodeName) || present(record.destinationNodeName) || context.node,
      vantage: vantageOf(client, server),
      oriented: 'reported',
      protocol: protocolNumber(record.protocolIdentifier),
      client,
      server,
      clientAddress,
      serverAddress,
      clientPort: port(record.sourceTransportPort),
      serverPort: port(record.destinationTransportPort),
      ...serviceOf(record),
      ...outcome,
      ...connectionsOf(record, outcome.verdict === 'deny'),
      bytesForward: count(record.octetDeltaCount),
      bytesReverse: count(record.reverseOctetDeltaCount),
      packetsForward: count(record.packetDeltaCount),
      packetsReverse: count(record.reversePacketDeltaCount),
      eventId: eventId('antrea', ...identity),
    }),
  };
}

/** Go-ipfix wraps its JSON records in `ipfix`. */
const unwrapped = (record: JsonObject): JsonObject => object(record.ipfix) ?? record;

function recognises(record: JsonObject): boolean {
  const fields = unwrapped(record);
  return has(fields, 'flowStartSeconds') || (has(fields, 'flowEndSeconds') && has(fields, 'sourcePodNamespace'));
}

/**
 * Flows of Antrea's flow aggregator: FlowLogger and S3 CSV, and JSON with the names of its ClickHouse table or of its
 * IPFIX fields (antrea-io/antrea, pkg/flowaggregator). Order is conntrack's, so the source always opened.
 */
export const antrea: Decoder = {
  format: 'antrea',
  recognises: (record) => (typeof record === 'string' ? parseAntreaLine(record) !== undefined : recognises(record)),
  decode(record, context, sink) {
    const fields = typeof record === 'string' ? parseAntreaLine(record) : unwrapped(record);
    if (fields !== undefined) deliver(read(fields, context), sink);
    else sink.reject('bad-columns', 'neither the 30 columns of the flow logger nor those of the S3 uploader');
  },
};
