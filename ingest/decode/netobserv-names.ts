import type { JsonObject } from './decoder.ts';
import { has } from './fields.ts';

const ENDS = [
  ['source', 'Src'],
  ['destination', 'Dst'],
] as const;

const PER_END: readonly (readonly [string, string])[] = [
  ['address', 'Addr'],
  ['port', 'Port'],
  ['mac', 'Mac'],
  ['subnet.label', 'SubnetLabel'],
  ['k8s.name', 'K8S_Name'],
  ['k8s.kind', 'K8S_Type'],
  ['k8s.namespace.name', 'K8S_Namespace'],
  ['k8s.owner.name', 'K8S_OwnerName'],
  ['k8s.owner.kind', 'K8S_OwnerType'],
  ['k8s.host.name', 'K8S_HostName'],
  ['k8s.host.address', 'K8S_HostIP'],
];

/** OpenTelemetry attribute → field, as the last column of flows-format.adoc lists them (netobserv-operator, docs). */
const OTEL_NAMES = new Map<string, string>([
  ...ENDS.flatMap(([otel, own]) =>
    PER_END.map(([suffix, field]): [string, string] => [`${otel}.${suffix}`, own + field]),
  ),
  ['bytes', 'Bytes'],
  ['packets', 'Packets'],
  ['protocol', 'Proto'],
  ['icmp.type', 'IcmpType'],
  ['icmp.code', 'IcmpCode'],
  ['tcp.flags', 'Flags'],
  ['tcp.rtt', 'TimeFlowRttNs'],
  ['host.direction', 'FlowDirection'],
  ['k8s.cluster.name', 'K8S_ClusterName'],
  ['drops.bytes', 'PktDropBytes'],
  ['drops.packets', 'PktDropPackets'],
  ['drops.latestcause', 'PktDropLatestDropCause'],
  ['dns.id', 'DnsId'],
  ['dns.name', 'DnsName'],
  ['dns.latency', 'DnsLatencyMs'],
  ['dns.responsecode', 'DnsFlagsResponseCode'],
  ['timeflowstart', 'TimeFlowStartMs'],
  ['timeflowend', 'TimeFlowEndMs'],
  ['timereceived', 'TimeReceived'],
]);

/** Whether the record uses the names of the OpenTelemetry export. */
export function hasOtelNames(record: JsonObject): boolean {
  return has(record, 'timeflowstart') && (has(record, 'source.address') || has(record, 'destination.address'));
}

/** The record under NetObserv's own field names, whichever it came with. */
export function withOwnNames(record: JsonObject): JsonObject {
  if (!hasOtelNames(record)) return record;
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [OTEL_NAMES.get(key) ?? key, value]));
}
