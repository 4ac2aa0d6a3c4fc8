import type { Endpoint } from '../../src/model/endpoint.ts';
import type { FlowVerdict, Reason, Vantage } from '../../src/model/enums.ts';
import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, list, object, part, port, present, text } from './fields.ts';
import { findOpener, fromOpener } from './orientation.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { parseTime } from './time.ts';
import { workloadOfPod } from './workload-name.ts';

type End = 'src' | 'dest';

function podOf(pod: JsonObject): Endpoint {
  const name = present(pod.pod_name);
  const workload = part(pod.pod_workload);
  const guessed = workloadOfPod(name);
  return endpoint({
    kind: 'pod',
    namespace: present(pod.pod_namespace),
    workload: present(workload.workload_name ?? workload.name) || guessed.workload,
    workloadKind: present(workload.workload_type ?? workload.type) || guessed.workloadKind,
    pod: name,
  });
}

/** Cluster details without a pod are those of a node; a Google service or a location stands outside. */
function endpointOf(payload: JsonObject, end: End, found: string): Endpoint {
  const details = object(payload[`${end}_gke_details`]);
  const pod = object(part(details).pod);
  if (pod !== undefined && present(pod.pod_name) !== '') return podOf(pod);
  const machine = present(part(payload[`${end}_instance`]).vm_name);
  if (details !== undefined) return endpoint({ kind: 'host', peer: machine });
  const google = part(payload[`${end}_google_service`]);
  const service = present(google.service_name) || present(google.type);
  if (service !== '') return endpoint({ kind: 'external', peer: service });
  if (object(payload[`${end}_location`]) !== undefined) return endpoint({ kind: 'external' });
  // A machine of the network may carry pods without saying so; the inventory knows them by address.
  return endpoint({ kind: machine === '' ? kindOfAddress(found) : 'unknown' });
}

/** `SRC`, `DEST`; gateways report from the path. */
function vantageOf(reporter: string): Vantage {
  if (reporter === 'SRC') return 'src';
  if (reporter === 'DEST') return 'dst';
  return reporter.endsWith('_GATEWAY') ? 'fwd' : 'unknown';
}

interface Outcome {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
}

/**
 * Newer records say what became of the traffic. For others: ingress is sampled behind the firewall, so it was let in;
 * egress is sampled in front of it, so only an answer shows that it got through.
 */
function outcomeOf(payload: JsonObject, vantage: Vantage, answered: boolean): Outcome {
  const disposition = present(payload.disposition).toUpperCase();
  if (disposition.startsWith('DENIED') || disposition.startsWith('DROP')) {
    return { verdict: 'deny', reason: 'default_deny' };
  }
  const passed = disposition.startsWith('ALLOW') || vantage === 'dst' || answered;
  return { verdict: passed ? 'allow' : 'unknown', reason: 'none' };
}

/** The Service a GKE pod stands behind, as far as there is exactly one. */
function serviceOf(payload: JsonObject, end: End) {
  const services = list(part(payload[`${end}_gke_details`]).service);
  if (services.length !== 1) return {};
  const service = part(services[0]);
  return { serviceName: present(service.service_name), serviceNamespace: present(service.service_namespace) };
}

function clusterOf(payload: JsonObject, vantage: Vantage): string {
  const named = (end: End): string => present(part(part(payload[`${end}_gke_details`]).cluster).cluster_name);
  return vantage === 'dst' ? named('dest') || named('src') : named('src') || named('dest');
}

function nodeOf(payload: JsonObject, vantage: Vantage): string {
  return present(part(payload[vantage === 'dst' ? 'dest_instance' : 'src_instance']).vm_name);
}

function read(record: JsonObject, context: DecodeContext): Reading {
  const payload = part(record.jsonPayload);
  const connection = part(payload.connection);
  const time = parseTime(payload.start_time) ?? parseTime(payload.end_time) ?? parseTime(record.timestamp);
  if (time === undefined) return { reject: 'bad-time', detail: 'start_time is missing or no plausible time' };
  const [source, target] = [address(connection.src_ip), address(connection.dest_ip)];
  if (source === '' && target === '') return { reject: 'no-address', detail: 'neither end has an IP address' };
  const vantage = vantageOf(present(payload.reporter));
  const protocol = protocolNumber(connection.protocol);
  const [sourcePort, destinationPort] = [port(connection.src_port), port(connection.dest_port)];
  const opener = findOpener({ protocol, sourcePort, destinationPort, icmpType: 255, tcpFlags: 0, mask: 'window' });
  const reply = opener.order === 'reply';
  const answered = reply || count(payload.rtt_msec) > 0 || present(payload.round_trip_time) !== '';
  const flow = newFlow('gcp_vpc', context, {
    time,
    endTime: parseTime(payload.end_time) ?? time,
    cluster: clusterOf(payload, vantage) || context.cluster,
    node: nodeOf(payload, vantage) || context.node,
    vantage,
    oriented: opener.oriented,
    protocol,
    client: endpointOf(payload, 'src', source),
    server: endpointOf(payload, 'dest', target),
    clientAddress: source,
    serverAddress: target,
    clientPort: sourcePort,
    serverPort: destinationPort,
    ...serviceOf(payload, reply ? 'src' : 'dest'),
    ...outcomeOf(payload, vantage, answered),
    bytesForward: count(payload.bytes_sent),
    packetsForward: count(payload.packets_sent),
    eventId: eventId('gcp_vpc', text(record.insertId), text(record.timestamp), source, target, text(payload.reporter)),
  });
  return { flow: fromOpener(flow, opener) };
}

/** GCP VPC Flow Logs as Cloud Logging entries of either log name (Google Cloud, "About VPC Flow Logs records"). */
export const gcpVpc = jsonDecoder({
  format: 'gcp_vpc',
  recognises: (record) => object(part(record.jsonPayload).connection) !== undefined,
  decode: (record, context, sink) => deliver(read(record, context), sink),
});
