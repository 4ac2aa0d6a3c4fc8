import type { JsonObject } from './decoder.ts';
import { object, part, text } from './fields.ts';
import type { Layer4 } from './hubble-layer4.ts';
import type { HubbleMessage } from './hubble-record.ts';

const FIELDS: readonly (keyof HubbleMessage)[] = [
  'node_name',
  'verdict',
  'drop_reason_desc',
  'traffic_direction',
  'trace_observation_point',
  'trace_reason',
  'Summary',
];

/**
 * What makes a record without `uuid` itself: its time to the last digit, who reported it and what, and both ends. Equal
 * records get equal ids however often they are delivered.
 */
export function canonicalIdentity(flow: HubbleMessage, time: string, layer4: Layer4): string {
  const address = part(flow.IP);
  const event = part(flow.event_type);
  const { protocol, sourcePort, destinationPort, icmpType, flags } = layer4;
  return [
    time,
    ...FIELDS.map((field) => text(flow[field])),
    text(address.source),
    text(address.destination),
    protocol,
    sourcePort,
    destinationPort,
    icmpType,
    flags === undefined ? '' : Object.keys(flags).join(),
    text(event.type),
    text(event.sub_type),
    ...endIdentity(flow.source),
    ...endIdentity(flow.destination),
    requestIdentity(object(flow.l7)),
  ].join('\u001f');
}

function endIdentity(value: unknown): string[] {
  const end = part(value);
  return [text(end.namespace), text(end.pod_name), text(end.identity)];
}

function requestIdentity(l7: JsonObject | undefined): string {
  if (l7 === undefined) return '';
  const [http, dns, kafka] = [part(l7.http), part(l7.dns), part(l7.kafka)];
  return [l7.type, l7.latency_ns, http.method, http.url, dns.query, kafka.correlation_id].map(text).join();
}
