import type { Endpoint } from '../../src/model/endpoint.ts';
import type { FlowVerdict, Reason } from '../../src/model/enums.ts';
import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, port, present, text } from './fields.ts';
import { findOpener, fromOpener } from './orientation.ts';
import { isIcmp, protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime } from './time.ts';
import { workloadOfPod } from './workload-name.ts';

/** Version 2 writes snake case and nanoseconds, version 1 CamelCase and seconds or milliseconds. */
type Spelling = 'snake' | 'camel';

const SPECIAL: Readonly<Record<string, string>> = { tcp_flags: 'TcpFlags' };

const camel = (key: string): string =>
  SPECIAL[key] ??
  key
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** Names of the fields read here → CamelCase, worked out once. */
const CAMEL = new Map(
  [
    ...['sampler_address', 'sampling_rate', 'sequence_num', 'bytes', 'packets', 'src_addr', 'dst_addr', 'proto'],
    ...['src_port', 'dst_port', 'tcp_flags', 'icmp_type', 'icmp_code', 'forwarding_status', 'in_if', 'out_if'],
  ].map((key) => [key, camel(key)]),
);

function fieldsOf(record: JsonObject): (key: string) => unknown {
  const spelling: Spelling = has(record, 'src_addr') || has(record, 'sampler_address') ? 'snake' : 'camel';
  if (spelling === 'snake') return (key) => record[key];
  // The flags are spelled in two ways among releases of version 1.
  return (key) => (key === 'tcp_flags' ? (record.TcpFlags ?? record.TCPFlags) : record[CAMEL.get(key) ?? key]);
}

/** Version 1 writes the exporter's address as base64 of its 4 or 16 bytes. */
function samplerOf(value: unknown): string {
  const plain = address(value);
  if (plain !== '' || typeof value !== 'string' || value === '') return plain;
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length === 4) return address([...bytes].join('.'));
  if (bytes.length !== 16) return '';
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(2 * i).toString(16));
  return address(groups.join(':'));
}

function timesOf(record: JsonObject): { readonly time: number | undefined; readonly endTime: number | undefined } {
  const received = epochTime(record.time_received_ns, 'ns') ?? epochTime(record.TimeReceived, 's');
  const start =
    epochTime(record.time_flow_start_ns, 'ns') ??
    epochTime(record.TimeFlowStartMs, 'ms') ??
    epochTime(record.TimeFlowStart, 's');
  const end =
    epochTime(record.time_flow_end_ns, 'ns') ??
    epochTime(record.TimeFlowEndMs, 'ms') ??
    epochTime(record.TimeFlowEnd, 's');
  return { time: start ?? received, endTime: end ?? start ?? received };
}

/** Some pipelines enrich version 1 records with names of pods. */
function endpointOf(record: JsonObject, end: 'Src' | 'Dst', found: string): Endpoint {
  const pod = present(record[`${end}Pod`]);
  if (pod === '') return endpoint({ kind: kindOfAddress(found) });
  const guessed = workloadOfPod(pod);
  return endpoint({
    kind: 'pod',
    namespace: present(record[`${end}Namespace`]),
    workload: present(record[`${end}Workload`]) || guessed.workload,
    workloadKind: present(record[`${end}WorkloadKind`]) || guessed.workloadKind,
    pod,
  });
}

const ACKNOWLEDGED = 0x10;

/** Forwarding status (RFC 7270): 128 to 191 dropped, among them 129 and 130 by an access list. */
function outcomeOf(status: number, answered: boolean): { readonly verdict: FlowVerdict; readonly reason: Reason } {
  if (status === 129 || status === 130) return { verdict: 'deny', reason: 'explicit_deny' };
  if (status >= 128 && status < 192) return { verdict: 'error', reason: 'other_drop' };
  return { verdict: answered ? 'allow' : 'unknown', reason: 'none' };
}

const IDENTITY = ['sampler_address', 'sequence_num', 'src_addr', 'dst_addr', 'src_port', 'dst_port', 'proto'];
const COUNTED = ['bytes', 'packets', 'tcp_flags', 'icmp_type', 'in_if', 'out_if'];

function read(record: JsonObject, context: DecodeContext): Reading {
  const field = fieldsOf(record);
  const { time, endTime } = timesOf(record);
  if (time === undefined) return { reject: 'bad-time', detail: 'the record has no plausible start or receive time' };
  const [source, target] = [address(field('src_addr')), address(field('dst_addr'))];
  if (source === '' && target === '') return { skip: 'not-ip' };
  const protocol = protocolNumber(field('proto'));
  const [icmp, tcpFlags] = [isIcmp(protocol), protocol === 6 ? count(field('tcp_flags')) : 0];
  const [sourcePort, destinationPort] = icmp ? [0, 0] : [port(field('src_port')), port(field('dst_port'))];
  const icmpType = icmp ? count(field('icmp_type')) : 255;
  const packets = count(field('packets'));
  const mask = packets === 1 ? 'exact' : 'window';
  const opener = findOpener({ protocol, sourcePort, destinationPort, icmpType, tcpFlags, mask });
  const opens = opener.oriented === 'flags' && opener.order === 'forward';
  const answered = (tcpFlags & ACKNOWLEDGED) !== 0 || opener.order === 'reply';
  const flow = newFlow('netflow', context, {
    time,
    endTime: endTime ?? time,
    node: samplerOf(field('sampler_address')) || context.node,
    vantage: 'fwd',
    oriented: opener.oriented,
    protocol,
    client: endpointOf(record, 'Src', source),
    server: endpointOf(record, 'Dst', target),
    clientAddress: source,
    serverAddress: target,
    clientPort: sourcePort,
    serverPort: destinationPort,
    icmpType,
    ...outcomeOf(count(field('forwarding_status')), answered),
    connections: opens ? 1 : 0,
    connectionBasis: 'syn',
    bytesForward: count(field('bytes')),
    packetsForward: packets,
    sampling: Math.max(1, count(field('sampling_rate'))),
    eventId: eventId('netflow', time, endTime ?? time, ...[...IDENTITY, ...COUNTED].map((key) => text(field(key)))),
  });
  return { flow: fromOpener(flow, opener) };
}

/** NetFlow, IPFIX and sFlow as goflow2 writes them in JSON (netsampler/goflow2, pb/flow.proto), versions 1 and 2. */
export const goflow2 = jsonDecoder({
  format: 'netflow',
  recognises: (record) =>
    (has(record, 'sampler_address') && (has(record, 'src_addr') || has(record, 'etype'))) ||
    (has(record, 'SamplerAddress') && (has(record, 'SrcAddr') || has(record, 'Etype'))),
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
