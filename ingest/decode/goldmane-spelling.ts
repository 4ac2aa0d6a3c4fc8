import type { JsonObject } from './decoder.ts';
import { has, object, part, present, text } from './fields.ts';

/**
 * Goldmane messages come in three JSON spellings: the emitter's (snake case, numeric enums, `Key` nested), protojson
 * (camel case, enum names, 64-bit integers as text) and Whisker's REST form (flat, enum names, zero values written).
 * This file hides which one it is.
 */
/** The identifying part of a flow; Whisker writes it flat into the flow itself. */
export function keyOf(flow: JsonObject): JsonObject {
  return object(flow.Key) ?? object(flow.key) ?? flow;
}

/** The flow inside a streaming envelope `{id, flow}`, or the record itself. */
export function flowOf(record: JsonObject): JsonObject {
  const inner = object(record.flow);
  return inner !== undefined && (has(inner, 'Key') || has(inner, 'key')) ? inner : record;
}

/** One end of a flow as it was written. */
export interface GoldmaneEnd {
  readonly name: string;
  readonly namespace: string;
  readonly type: unknown;
}

/** The source or the destination of the flow with this key. Fields are read by name: by computed names it takes four times as long. */
export function endOf(key: JsonObject, end: 'source' | 'dest'): GoldmaneEnd {
  if (end === 'source')
    return {
      name: nameOf(key.source_name ?? key.sourceName),
      namespace: present(key.source_namespace ?? key.sourceNamespace),
      type: key.source_type ?? key.sourceType,
    };
  return {
    name: nameOf(key.dest_name ?? key.destName),
    namespace: present(key.dest_namespace ?? key.destNamespace),
    type: key.dest_type ?? key.destType,
  };
}

/** The labels of both ends as they were written. */
export function labelsOf(flow: JsonObject): { readonly source: unknown; readonly dest: unknown } {
  return { source: flow.source_labels ?? flow.sourceLabels, dest: flow.dest_labels ?? flow.destLabels };
}

/** Where a flow went: the port of the pod, and the Service that was asked for. */
export interface GoldmaneTarget {
  readonly port: unknown;
  readonly serviceName: string;
  readonly serviceNamespace: string;
  readonly servicePortName: string;
  readonly servicePort: unknown;
}

/** The target of the flow with this key. */
export function targetOf(key: JsonObject): GoldmaneTarget {
  return {
    port: key.dest_port ?? key.destPort,
    serviceName: present(key.dest_service_name ?? key.destServiceName),
    serviceNamespace: present(key.dest_service_namespace ?? key.destServiceNamespace),
    servicePortName: present(key.dest_service_port_name ?? key.destServicePortName),
    servicePort: key.dest_service_port ?? key.destServicePort,
  };
}

/** Times and counters as they were written; `in` and `out` are the reporter's. */
export interface GoldmaneCounts {
  readonly start: unknown;
  readonly end: unknown;
  readonly started: unknown;
  readonly bytesIn: unknown;
  readonly bytesOut: unknown;
  readonly packetsIn: unknown;
  readonly packetsOut: unknown;
}

/** Times and counters of `flow`. */
export function countsOf(flow: JsonObject): GoldmaneCounts {
  return {
    start: flow.start_time ?? flow.startTime,
    end: flow.end_time ?? flow.endTime,
    started: flow.num_connections_started ?? flow.numConnectionsStarted,
    bytesIn: flow.bytes_in ?? flow.bytesIn,
    bytesOut: flow.bytes_out ?? flow.bytesOut,
    packetsIn: flow.packets_in ?? flow.packetsIn,
    packetsOut: flow.packets_out ?? flow.packetsOut,
  };
}

/** The two policy lists, called enforced and pending by Whisker. */
export function tracesOf(key: JsonObject): { readonly enforced: unknown; readonly pending: unknown } {
  const policies = part(key.policies);
  return {
    enforced: policies.enforced_policies ?? policies.enforcedPolicies ?? policies.enforced,
    pending: policies.pending_policies ?? policies.pendingPolicies ?? policies.pending,
  };
}

/** Whisker writes public and private networks out; everything else uses Calico's short names. */
export function nameOf(value: unknown): string {
  const name = present(value);
  if (name === 'PUBLIC NETWORK') return 'pub';
  return name === 'PRIVATE NETWORK' ? 'pvt' : name;
}

/** The name of an enum value given as name or number; `''` when absent or not in `names` (whose index is the number). */
export function enumName(value: unknown, names: readonly string[]): string {
  if (typeof value === 'number') return names[value] ?? '';
  const written = text(value);
  return names.includes(written) ? written : '';
}
