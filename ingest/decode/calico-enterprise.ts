import type { Endpoint } from '../../src/model/endpoint.ts';
import type { EndpointKind, Vantage } from '../../src/model/enums.ts';
import type { LabelInterner, LabelSet } from '../../src/model/labels.ts';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { address } from './address.ts';
import { isStagedPolicyString, parsePolicyStrings } from './calico-policy-string.ts';
import { type TraceOutcome, traceOutcome } from './calico-trace.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, has, list, object, part, port, present, text, texts } from './fields.ts';
import { labelsOfList, labelsOfObject, labelsOfText } from './label-hygiene.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime, NO_TIME, parseTime } from './time.ts';
import { workloadOfPrefix } from './workload-name.ts';

type End = 'source' | 'dest';

/** `{"labels": ["k=v", …]}`; also a bare list, an object or text, as forwarders flatten it. Null and `-` are unknown. */
function labelsOf(value: unknown, interner: LabelInterner): LabelSet {
  if (Array.isArray(value)) return labelsOfList(value, interner);
  const nested = object(value);
  if (nested !== undefined) {
    if ('labels' in nested) return labelsOf(nested.labels, interner);
    return labelsOfObject(nested, interner);
  }
  const written = present(value);
  return written === '' ? UNKNOWN_LABELS : labelsOfText(written, ',', interner);
}

/** Peers outside the cluster are told apart only as public and private; both names are Calico's. */
export function networkKind(name: string): EndpointKind {
  return name === 'pvt' ? 'private' : 'external';
}

function kindOf(type: string, name: string, namespace: string): EndpointKind {
  if (type === 'wep') return 'pod';
  if (type === 'hep') return 'host';
  if (type === 'ns') return 'netset';
  if (type === 'net' || name === 'pub' || name === 'pvt') return networkKind(name);
  return namespace === '' ? 'unknown' : 'pod';
}

function endpointOf(record: JsonObject, end: End, interner: LabelInterner): Endpoint {
  const namespace = present(record[`${end}_namespace`]);
  const pod = present(record[`${end}_name`]);
  const group = present(record[`${end}_name_aggr`]);
  const kind = kindOf(text(record[`${end}_type`]), group, namespace);
  const labels = labelsOf(record[`${end}_labels`], interner);
  if (kind === 'pod') return endpoint({ kind, namespace, labels, ...workloadOfPrefix(group || pod), pod });
  const name = group || pod;
  return endpoint({ kind, namespace, labels, peer: namespace === '' ? name : `${namespace}/${name}` });
}

/** `dst, fwd` is one row for both of a host's roles; the end it reports for is the telling one. */
function vantageOf(reporter: string): Vantage {
  const roles = reporter.toLowerCase().split(/[,\s]+/);
  if (roles.includes('dst')) return 'dst';
  if (roles.includes('src')) return 'src';
  return roles.includes('fwd') ? 'fwd' : 'unknown';
}

function outcomeOf(record: JsonObject, vantage: Vantage): TraceOutcome {
  const policies = part(record.policies);
  const mixed = list(policies.all_policies);
  const transit = vantage === 'fwd' ? policies.transit_policies : undefined;
  const enforced = policies.enforced_policies ?? transit ?? mixed.filter((policy) => !isStagedPolicyString(policy));
  const pending = policies.pending_policies ?? (mixed.some(isStagedPolicyString) ? mixed : enforced);
  return traceOutcome(text(record.action), parsePolicyStrings(enforced), parsePolicyStrings(pending));
}

/** Counters are the reporter's: what comes in at the destination is what the client sent. */
function counters(record: JsonObject, vantage: Vantage) {
  const [forward, reverse] = vantage === 'src' ? ['out', 'in'] : ['in', 'out'];
  return {
    bytesForward: count(record[`bytes_${forward}`]),
    bytesReverse: count(record[`bytes_${reverse}`]),
    packetsForward: count(record[`packets_${forward}`]),
    packetsReverse: count(record[`packets_${reverse}`]),
  };
}

const TIMES = ['start_time', 'end_time', '@timestamp'];

const IDENTITY = [
  ...['start_time', 'end_time', '@timestamp', 'host', 'reporter', 'action', 'proto'],
  ...['source_ip', 'source_port', 'source_type', 'source_namespace', 'source_name', 'source_name_aggr'],
  ...['dest_ip', 'dest_port', 'dest_type', 'dest_namespace', 'dest_name', 'dest_name_aggr'],
  ...['bytes_in', 'bytes_out', 'packets_in', 'packets_out', 'num_flows', 'num_flows_started'],
];

function read(record: JsonObject, context: DecodeContext): Reading {
  const time = epochTime(record.start_time, 's') ?? parseTime(record.start_time);
  const stamp = epochTime(record['@timestamp'], 'ms') ?? parseTime(record['@timestamp']);
  const end = epochTime(record.end_time, 's') ?? parseTime(record.end_time) ?? stamp;
  const began = time ?? end ?? (TIMES.some((key) => present(record[key]) !== '') ? undefined : NO_TIME);
  if (began === undefined)
    return { reject: 'bad-time', detail: 'neither start_time, end_time nor @timestamp is a plausible time' };
  const vantage = vantageOf(text(record.reporter));
  const counted = has(record, 'num_flows_started');
  return {
    flow: newFlow('calico_ee', context, {
      time: began,
      endTime: end ?? began,
      node: present(record.host) || context.node,
      vantage,
      oriented: 'reported',
      protocol: protocolNumber(record.proto),
      client: endpointOf(record, 'source', context.interner),
      server: endpointOf(record, 'dest', context.interner),
      clientAddress: address(record.source_ip),
      serverAddress: address(record.dest_ip),
      clientPort: port(record.source_port),
      serverPort: port(record.dest_port),
      serviceNamespace: present(record.dest_service_namespace),
      serviceName: present(record.dest_service_name),
      servicePort: port(record.dest_service_port_num),
      serverNames: texts(record.dest_domains).filter((name) => name !== '-'),
      connections: count(record.num_flows_started),
      connectionBasis: counted ? 'reported' : 'row',
      ...outcomeOf(record, vantage),
      ...counters(record, vantage),
      eventId: eventId('calico_ee', ...IDENTITY.map((key) => text(record[key]))),
    }),
  };
}

/** Calico Enterprise and Calico Cloud flow logs (tigera/docs, observability/elastic/flow). */
export const calicoEnterprise = jsonDecoder({
  format: 'calico_ee',
  recognises: (record) =>
    has(record, 'reporter') &&
    has(record, 'action') &&
    (has(record, 'source_name_aggr') || has(record, 'dest_name_aggr')),
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
