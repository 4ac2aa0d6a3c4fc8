import type { Endpoint } from '../../src/model/endpoint.ts';
import type { EndpointKind, Vantage } from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import { compareText } from '../../src/util/compare.ts';
import { address } from './address.ts';
import { kindOfAddress } from './address-kind.ts';
import type { DecodeContext, DecodeSink, JsonObject } from './decoder.ts';
import { endpoint, eventId, newFlow } from './draft.ts';
import { count, list, part, port, present, text } from './fields.ts';
import { fromOpener, type Opener, openerByPorts, UNKNOWN_OPENER } from './orientation.ts';
import { otlpAttributes } from './otlp-value.ts';
import { protocolNumber } from './protocol.ts';
import { deliver, jsonDecoder, type Reading } from './reading.ts';
import { epochTime } from './time.ts';

/** The prefix was `beyla.` and became `obi.`; only the end of the name is stable. */
const isFlowBytes = (name: string): boolean => name.replaceAll('_', '.').includes('network.flow.bytes');

const KINDS: Readonly<Record<string, EndpointKind>> = { Pod: 'pod', Service: 'service', Node: 'host' };

type Attributes = (name: string) => string;

/** Attributes under their dotted OpenTelemetry names; exporters that write Prometheus style use underscores. */
function attributesOf(point: JsonObject): Attributes {
  const written = otlpAttributes(point.attributes);
  const named = new Map(Object.entries(written).map(([key, value]) => [key.replaceAll('_', '.'), present(value)]));
  return (name) => named.get(name) ?? '';
}

function endpointOf(told: Attributes, end: 'src' | 'dst'): Endpoint {
  const name = told(`${end}.name`) === told(`${end}.address`) ? '' : told(`${end}.name`);
  const kind = KINDS[told(`k8s.${end}.type`)];
  const namespace = told(`k8s.${end}.namespace`);
  const owner = told(`k8s.${end}.owner.name`);
  const own = told(`k8s.${end}.name`);
  if (kind === 'host') return endpoint({ kind, peer: own });
  if (kind === 'service') return endpoint({ kind, namespace, peer: own || owner });
  if (kind === undefined && owner === '') {
    return endpoint({ kind: kindOfAddress(address(told(`${end}.address`))), peer: told(`${end}.cidr`) || name });
  }
  const workloadKind = told(`k8s.${end}.owner.type`);
  return endpoint({ kind: 'pod', namespace, workload: owner || own, workloadKind, pod: kind === 'pod' ? own : '' });
}

/** The agent says who answers: by `direction`, or by the port it calls the server's. */
function openerOf(told: Attributes): Opener {
  const direction = told('direction');
  if (direction === 'request') return { oriented: 'reported', order: 'forward' };
  if (direction === 'response') return { oriented: 'reported', order: 'reply' };
  const [from, to, server] = [told('src.port'), told('dst.port'), told('server.port')];
  if (server !== '' && from !== to) {
    if (server === to) return { oriented: 'reported', order: 'forward' };
    if (server === from) return { oriented: 'reported', order: 'reply' };
  }
  return openerByPorts(port(from), port(to)) ?? UNKNOWN_OPENER;
}

function vantageOf(direction: string): Vantage {
  if (direction === 'egress' || direction === '1') return 'src';
  return direction === 'ingress' || direction === '0' ? 'dst' : 'unknown';
}

/** Metric, resource and temporality a data point stands under. */
interface Series {
  readonly resource: JsonObject;
  /** Points hold increments; cumulative totals cannot be told apart without earlier points. */
  readonly delta: boolean;
}

function portsOf(told: Attributes, opener: Opener) {
  const [client, server] = [port(told('client.port')), port(told('server.port'))];
  const reply = opener.order === 'reply';
  return {
    clientPort: (reply ? server : client) || port(told('src.port')),
    serverPort: (reply ? client : server) || port(told('dst.port')),
  };
}

function readPoint(point: JsonObject, series: Series, context: DecodeContext): Reading {
  const endTime = epochTime(point.timeUnixNano, 'ns');
  if (endTime === undefined) return { reject: 'bad-time', detail: 'timeUnixNano is missing or no plausible time' };
  const told = attributesOf(point);
  const opener = openerOf(told);
  const names = Object.entries(otlpAttributes(point.attributes)).map(([key, value]) => `${key}=${text(value)}`);
  const flow: Flow = newFlow('obi', context, {
    time: (series.delta ? epochTime(point.startTimeUnixNano, 'ns') : undefined) ?? endTime,
    endTime,
    cluster: told('k8s.cluster.name') || present(series.resource['k8s.cluster.name']) || context.cluster,
    node: present(series.resource['k8s.node.name'] ?? series.resource['host.name']) || told('obi.ip') || context.node,
    vantage: vantageOf(told('iface.direction')),
    oriented: opener.oriented,
    protocol: protocolNumber(told('transport')),
    client: endpointOf(told, 'src'),
    server: endpointOf(told, 'dst'),
    clientAddress: address(told('src.address')),
    serverAddress: address(told('dst.address')),
    ...portsOf(told, opener),
    bytesForward: series.delta ? count(point.asInt ?? point.asDouble) : 0,
    eventId: eventId('obi', text(point.timeUnixNano), text(point.asInt ?? point.asDouble), ...names.sort(compareText)),
  });
  return { flow: fromOpener(flow, opener) };
}

const isDelta = (value: unknown): boolean => value === 1 || value === 'AGGREGATION_TEMPORALITY_DELTA';

function decodeMetric(metric: JsonObject, resource: JsonObject, context: DecodeContext, sink: DecodeSink): void {
  if (!isFlowBytes(text(metric.name))) {
    sink.skip('other-metric');
    return;
  }
  const sum = part(metric.sum);
  const series = { resource, delta: isDelta(sum.aggregationTemporality) };
  const points = list(sum.dataPoints);
  if (points.length === 0) sink.skip('empty-metric');
  for (const point of points) deliver(readPoint(part(point), series, context), sink);
}

function decode(record: JsonObject, context: DecodeContext, sink: DecodeSink): void {
  const resources = list(record.resourceMetrics).map(part);
  if (resources.length === 0) sink.skip('no-metrics');
  for (const { resource, scopeMetrics } of resources) {
    const attributes = otlpAttributes(part(resource).attributes);
    const metrics = list(scopeMetrics).flatMap((scope) => list(part(scope).metrics));
    if (metrics.length === 0) sink.skip('no-metrics');
    for (const metric of metrics) decodeMetric(part(metric), attributes, context, sink);
  }
}

/** Network flow metrics of OBI and Beyla as OTLP JSON (open-telemetry/opentelemetry-ebpf-instrumentation). */
export const obi = jsonDecoder({
  format: 'obi',
  recognises: (record) => Array.isArray(record.resourceMetrics),
  decode,
});
