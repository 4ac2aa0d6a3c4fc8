import type { JsonObject } from './decoder.ts';
import { list, object, part, present, text } from './fields.ts';
import { otlpAttributes, otlpValue } from './otlp-value.ts';

/** Where a record came from as far as its envelope tells; `''` when it does not. */
export interface Origin {
  readonly node: string;
  readonly cluster: string;
}

/** What an envelope holds: values to look into, each with what the envelope tells of it. */
export interface Contents {
  readonly values: readonly unknown[];
  readonly origin: Origin;
}

/** Names of shippers for node and cluster: fluent-bit, fluentd, vector, filebeat, and feeders of vendors. */
export function originOf(record: JsonObject): Origin {
  const kubernetes = part(record.kubernetes);
  const host = part(record.host);
  const node =
    present(kubernetes.host) ||
    present(kubernetes.pod_node_name) ||
    present(part(kubernetes.node).name) ||
    present(host.name) ||
    present(record.host) ||
    present(record.hostname);
  const cluster = present(part(part(record.orchestrator).cluster).name) || present(record.cluster_name);
  return { node, cluster };
}

function logRecordValue(logRecord: JsonObject): unknown {
  const body = otlpValue(logRecord.body);
  // Exporters that write a record as attributes leave the body empty or put a fixed sentence there.
  const attributes = otlpAttributes(logRecord.attributes);
  const bodyIsRecord = object(body) !== undefined || (typeof body === 'string' && /^\s*[{[]/.test(body));
  if (bodyIsRecord || Object.keys(attributes).length < 5) return body ?? attributes;
  return attributes;
}

/** The log records of an OTLP-JSON export, resource by resource. */
function otlpLogs(resourceLogs: readonly unknown[]): readonly Contents[] {
  return resourceLogs.map(part).map((resource) => {
    const attributes = otlpAttributes(part(resource.resource).attributes);
    const node = present(attributes['k8s.node.name']) || present(attributes['host.name']);
    const scopes = list(resource.scopeLogs).map(part);
    const records = scopes.flatMap((scope) => list(scope.logRecords)).map(part);
    return { values: records.map(logRecordValue), origin: { node, cluster: present(attributes['k8s.cluster.name']) } };
  });
}

/** Keys whose array holds records: Azure Event Hub, Whisker and Kubernetes lists, CloudWatch without its type. */
const ARRAYS = ['records', 'items', 'logEvents'];

/** Keys under which shippers put what they read, as text or already parsed; the first filled one counts. */
const CARRIERS = [
  ...['log', 'message', 'msg', '_source', 'jsonPayload', 'textPayload', 'json', 'body', 'payload'],
  // Splunk's collector and GELF.
  ...['event', 'full_message', 'short_message'],
];

function carried(record: JsonObject): unknown {
  const event = object(record.event);
  if (event !== undefined) return text(event.original) === '' ? event : event.original;
  for (const key of CARRIERS) {
    const value = record[key];
    if (object(value) !== undefined || (typeof value === 'string' && value.trim() !== '')) return value;
  }
  return undefined;
}

/** Beside the data of Pub/Sub (pulled) and of Kinesis and Firehose. */
const BESIDE_DATA = ['messageId', 'message_id', 'publishTime', 'attributes', 'recordId', 'approximateArrivalTimestamp'];

/** The base64 data of a Pub/Sub message, pushed or pulled, of a Firehose record, or of CloudWatch's event for Lambda. */
function encodedData(record: JsonObject): string | undefined {
  const message = object(record.message) ?? object(record.awslogs) ?? record;
  const isMessage = BESIDE_DATA.some((key) => key in message) || Object.keys(message).length === 1;
  return typeof message.data === 'string' && (isMessage || message !== record) ? message.data : undefined;
}

/**
 * What an object holds that is an envelope and not a record; `undefined` when it is no envelope anybody knows. What to
 * skip is an empty list.
 */
export function contentsOf(record: JsonObject): readonly Contents[] | undefined {
  const origin = originOf(record);
  if (record.messageType === 'CONTROL_MESSAGE') return [];
  if (Array.isArray(record.resourceLogs)) return otlpLogs(record.resourceLogs);
  const hits = part(record.hits).hits;
  if (Array.isArray(hits)) return [{ values: hits, origin }];
  const array = ARRAYS.map((key) => record[key]).find(Array.isArray);
  if (array !== undefined) return [{ values: array, origin }];
  const value = encodedData(record) ?? carried(record);
  return value === undefined ? undefined : [{ values: [value], origin }];
}
