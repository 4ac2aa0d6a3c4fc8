import type { FlowVerdict, Vantage } from '../../src/model/enums.ts';
import { address } from './address.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { eventId, newFlow } from './draft.ts';
import { count, has, number, present, text } from './fields.ts';
import { ends, openerOf } from './netobserv-ends.ts';
import { readFlags } from './netobserv-flags.ts';
import { hasOtelNames, withOwnNames } from './netobserv-names.ts';
import { sliceOutcome } from './netobserv-verdict.ts';
import { fromOpener } from './orientation.ts';
import { isIcmp, protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime } from './time.ts';

/** Direction of the packets as the node sees it; text in Loki. Inner traffic has both ends on the node. */
function vantageOf(direction: string): Vantage {
  if (direction === '0') return 'dst';
  return direction === '1' ? 'src' : direction === '2' ? 'both' : 'unknown';
}

function nodeOf(record: JsonObject, vantage: Vantage): string {
  const host = present(record[vantage === 'src' ? 'SrcK8S_HostName' : 'DstK8S_HostName']);
  return host || present(record.AgentIP);
}

const IDENTITY = [
  ...['TimeFlowStartMs', 'TimeFlowEndMs', 'AgentIP', 'FlowDirection', 'SrcAddr', 'DstAddr', 'SrcPort', 'DstPort'],
  ...['Proto', 'IcmpType', 'IcmpCode', 'Bytes', 'Packets', 'PktDropBytes', 'PktDropPackets', 'Interface'],
  ...['_HashId', '_RecordType'],
];

/** The far node reports the same packets, unless they left the cluster or never arrived. */
function isReportedElsewhere(record: JsonObject, vantage: Vantage, verdict: FlowVerdict): boolean {
  const arrived = verdict !== 'deny' && verdict !== 'error';
  return vantage === 'src' && arrived && present(record.DstK8S_OwnerName) !== '';
}

function counters(record: JsonObject, conversation: boolean) {
  return {
    bytesForward: count(conversation ? record.Bytes_AB : record.Bytes),
    bytesReverse: conversation ? count(record.Bytes_BA) : 0,
    packetsForward: count(conversation ? record.Packets_AB : record.Packets),
    packetsReverse: conversation ? count(record.Packets_BA) : 0,
    sampling: Math.max(1, count(record.Sampling)),
  };
}

/** A measured round trip, or bytes of the other direction in a conversation: there was an answer. */
function rttOrReverse(record: JsonObject): boolean {
  return count(record.TimeFlowRttNs) > 0 || count(record.Bytes_BA) > 0;
}

function dns(record: JsonObject) {
  if (number(record.DnsId) === undefined || (count(record.DnsId) === 0 && !has(record, 'DnsLatencyMs'))) return {};
  const detail = [present(record.DnsName), present(record.DnsFlagsResponseCode)].filter((part) => part !== '');
  return { l7: 'dns', l7Detail: detail.join(' ') };
}

function read(written: JsonObject, context: DecodeContext): Reading {
  const record = withOwnNames(written);
  const kind = text(record._RecordType);
  if (kind === 'newConnection' || kind === 'heartbeat') return { skip: `record-type-${kind}` };
  const time = epochTime(record.TimeFlowStartMs, 'ms') ?? epochTime(record.TimeReceived, 's');
  if (time === undefined) return { reject: 'bad-time', detail: 'TimeFlowStartMs is no plausible time' };
  if (address(record.SrcAddr) === '' && address(record.DstAddr) === '') return { skip: 'not-ip' };
  const conversation = kind === 'endConnection';
  const protocol = protocolNumber(record.Proto);
  const flags = readFlags(protocol, record.Flags, count(record.Packets));
  const opener = openerOf(record, protocol, flags);
  const answered = flags.answered || opener.order === 'reply' || rttOrReverse(record);
  const outcome = sliceOutcome(record, answered);
  const vantage = vantageOf(text(record.FlowDirection));
  if (isReportedElsewhere(record, vantage, outcome.verdict)) return { skip: 'reported-by-destination' };
  const flow = newFlow('netobserv', context, {
    time,
    endTime: epochTime(record.TimeFlowEndMs, 'ms') ?? time,
    cluster: present(record.K8S_ClusterName) || context.cluster,
    node: nodeOf(record, vantage) || context.node,
    vantage,
    oriented: opener.oriented,
    protocol,
    ...ends(record, opener, context.interner),
    icmpType: isIcmp(protocol) ? count(record.IcmpType) : 255,
    connections: conversation || flags.opens ? 1 : 0,
    connectionBasis: conversation ? 'event' : 'syn',
    ...counters(record, conversation),
    ...dns(record),
    ...outcome,
    eventId: eventId('netobserv', ...IDENTITY.map((key) => text(record[key]))),
  });
  return { flow: fromOpener(flow, opener) };
}

/** NetObserv flows as its Kafka exporter writes them (netobserv-operator, docs/flows-format.adoc), also by OTel names. */
export const netobserv = jsonDecoder({
  format: 'netobserv',
  recognises: (record) =>
    hasOtelNames(record) ||
    (has(record, 'TimeFlowStartMs') &&
      (has(record, 'SrcAddr') || has(record, 'DstAddr') || has(record, 'AgentIP') || has(record, 'Etype'))),
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
