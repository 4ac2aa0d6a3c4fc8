import type { Endpoint } from '../../src/model/endpoint.ts';
import type { FlowVerdict, Reason, Vantage } from '../../src/model/enums.ts';
import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import { AWS_DEFAULT_FORMAT, isAwsHeader, looksLikeAwsLine, parseAwsFormat, parseAwsLine } from './aws-format.ts';
import type { DecodeContext, Decoder, DecodeSink, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, port, present, text } from './fields.ts';
import { findOpener, fromOpener } from './orientation.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, type Reading } from './reading.ts';
import { epochTime } from './time.ts';

/** Option of the decoder: the format string of the flow log, where it is not the default one. */
export const AWS_FORMAT_OPTION = 'aws-format';

type End = 'src' | 'dst';

/** `pkt-*` is the address in the packet; the others show the interface's primary address for all its pods. */
const addressOf = (record: JsonObject, end: End): string =>
  address(record[`pkt-${end}addr`]) || address(record[`${end}addr`]);

/** Direction relative to the interface that reports. */
function vantageOf(direction: string): Vantage {
  if (direction === 'ingress') return 'dst';
  return direction === 'egress' ? 'src' : 'unknown';
}

/** Task names are those of the interface's own end, which only the direction tells. */
function endpointOf(record: JsonObject, end: End, vantage: Vantage): Endpoint {
  const service = present(record['ecs-service-name']);
  if (service !== '' && vantage === end) {
    const namespace = present(record['ecs-cluster-name']);
    return endpoint({ namespace, workload: service, workloadKind: 'ECSService', pod: present(record['ecs-task-id']) });
  }
  const cloud = present(record[`pkt-${end}-aws-service`]);
  return endpoint({ kind: cloud === '' ? kindOfAddress(addressOf(record, end)) : 'external', peer: cloud });
}

/** Security groups only allow, so a rejection is their default unless the record names another reason. */
function outcomeOf(record: JsonObject): { readonly verdict: FlowVerdict; readonly reason: Reason } {
  const action = present(record.action);
  if (action === 'REJECT') {
    return { verdict: 'deny', reason: present(record['reject-reason']) === '' ? 'default_deny' : 'explicit_deny' };
  }
  return { verdict: action === 'ACCEPT' ? 'allow' : 'unknown', reason: 'none' };
}

const IDENTITY = [
  ...['interface-id', 'start', 'end', 'srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr', 'srcport', 'dstport'],
  ...['protocol', 'packets', 'bytes', 'action', 'tcp-flags', 'flow-direction'],
];

function read(record: JsonObject, context: DecodeContext): Reading {
  const time = epochTime(record.start, 's') ?? epochTime(record.end, 's');
  if (time === undefined) return { reject: 'bad-time', detail: 'neither start nor end is a plausible time in seconds' };
  const [source, target] = [addressOf(record, 'src'), addressOf(record, 'dst')];
  if (source === '' && target === '') return { reject: 'no-address', detail: 'neither end has an IP address' };
  const vantage = vantageOf(present(record['flow-direction']));
  const protocol = protocolNumber(record.protocol);
  const [sourcePort, destinationPort] = [port(record.srcport), port(record.dstport)];
  const tcpFlags = count(record['tcp-flags']);
  const opener = findOpener({ protocol, sourcePort, destinationPort, icmpType: 255, tcpFlags, mask: 'exact' });
  const opens = opener.oriented === 'flags' && opener.order === 'forward';
  const flow = newFlow('aws_vpc', context, {
    time,
    endTime: epochTime(record.end, 's') ?? time,
    node: present(record['interface-id']) || context.node,
    vantage,
    oriented: opener.oriented,
    protocol,
    client: endpointOf(record, 'src', vantage),
    server: endpointOf(record, 'dst', vantage),
    clientAddress: source,
    serverAddress: target,
    clientPort: sourcePort,
    serverPort: destinationPort,
    ...outcomeOf(record),
    connections: opens ? 1 : 0,
    connectionBasis: has(record, 'tcp-flags') ? 'syn' : 'row',
    bytesForward: count(record.bytes),
    packetsForward: count(record.packets),
    eventId: eventId('aws_vpc', ...IDENTITY.map((key) => text(record[key]))),
  });
  return { flow: fromOpener(flow, opener) };
}

function decodeFields(record: JsonObject, context: DecodeContext, sink: DecodeSink): void {
  const status = present(record['log-status']);
  if (status === 'NODATA') sink.skip('nodata');
  else if (status === 'SKIPDATA') sink.lost(1, epochTime(record.start, 's'));
  else deliver(read(record, context), sink);
}

function decodeLine(line: string, context: DecodeContext, sink: DecodeSink): void {
  if (isAwsHeader(line)) {
    sink.skip('header');
    return;
  }
  const format = context.options[AWS_FORMAT_OPTION];
  const columns = format === undefined || format === '' ? AWS_DEFAULT_FORMAT : parseAwsFormat(format);
  const record = parseAwsLine(line, columns);
  if (record !== undefined) decodeFields(record, context, sink);
  else {
    const found = line.trim().split(/\s+/).length;
    sink.reject('bad-columns', `the line has ${found} columns, the format ${columns.length}: set ${AWS_FORMAT_OPTION}`);
  }
}

/** Some pipelines parse the lines into objects, with `_` for `-`. */
const dashed = (record: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key.replaceAll('_', '-'), value]));

/** AWS VPC flow logs (AWS user guide, "Flow log records"): lines of the default or a configured format. */
export const awsVpc: Decoder = {
  format: 'aws_vpc',
  recognises: (record) =>
    typeof record === 'string'
      ? looksLikeAwsLine(record) || isAwsHeader(record)
      : has(record, 'srcaddr') && has(record, 'dstaddr') && has(record, 'srcport'),
  decode(record, context, sink) {
    if (typeof record === 'string') decodeLine(record, context, sink);
    else decodeFields(dashed(record), context, sink);
  },
};
