import type { DecodeContext, Decoder, DecodeSink, JsonObject } from './decoder.ts';
import { count, object } from './fields.ts';
import { decodeHubbleFlow, type HubbleEnvelope } from './hubble-flow.ts';
import { isRetina } from './hubble-retina.ts';
import { parseTime } from './time.ts';

/** Members of an export event besides `flow` (cilium/cilium api/v1/observer/observer.proto). */
const OTHER_EVENTS: readonly (readonly [member: string, skip: string])[] = [
  ['node_status', 'node-status'],
  ['agent_event', 'agent-event'],
  ['debug_event', 'debug-event'],
];

/** Whether an object looks like a flow message itself. Field masks may have removed any member but these together. */
function isFlow(value: JsonObject): boolean {
  const hasNetwork = object(value.l4) ?? object(value.IP) ?? object(value.l7);
  const hasEnds = object(value.source) !== undefined && object(value.destination) !== undefined;
  const verdict = value.verdict;
  const isVerdict = typeof verdict === 'string' || typeof verdict === 'number';
  return isVerdict ? hasNetwork !== undefined || hasEnds : hasNetwork !== undefined && hasEnds;
}

function isOtherEvent(record: JsonObject): boolean {
  return object(record.lost_events) !== undefined || OTHER_EVENTS.some(([member]) => object(record[member]));
}

/** The flow message of a record: under `flow`, or the record itself as older command lines wrote it. */
function flowOf(record: JsonObject): JsonObject {
  return object(record.flow) ?? record;
}

function recognises(record: JsonObject | string): boolean {
  if (typeof record === 'string') return false;
  return isFlow(flowOf(record)) || isOtherEvent(record);
}

function decodeAs(format: HubbleEnvelope['format']): Decoder['decode'] {
  return (record: JsonObject | string, context: DecodeContext, sink: DecodeSink): void => {
    if (typeof record === 'string') {
      sink.reject('not-json', 'a Hubble record is a JSON object');
      return;
    }
    const wrapped = object(record.flow);
    const envelope = { time: record.time, nodeName: record.node_name, format };
    if (wrapped !== undefined) decodeHubbleFlow(wrapped, envelope, context, sink);
    else if (isFlow(record)) decodeHubbleFlow(record, envelope, context, sink);
    else decodeOther(record, sink);
  };
}

function decodeOther(record: JsonObject, sink: DecodeSink): void {
  const lost = object(record.lost_events);
  const other = OTHER_EVENTS.find(([member]) => object(record[member]) !== undefined);
  if (lost !== undefined) {
    sink.lost(count(lost.num_events_lost), parseTime(record.time));
    sink.skip('lost-events');
  } else if (other !== undefined) sink.skip(other[1]);
  else sink.reject('not-hubble', 'neither a Hubble flow (`flow`, or `verdict` with `IP`, `l4` or `l7`) nor an event');
}

/** Flows of Cilium's Hubble: exporter files, `hubble observe -o json`, wrapped or bare, whole or masked. */
export const HUBBLE: Decoder = {
  format: 'hubble',
  recognises: (record) => recognises(record) && !isRetina(flowOf(record as JsonObject)),
  decode: decodeAs('hubble'),
};

/** The same message written by Retina, with its own counters and without conntrack to rely on. */
export const RETINA: Decoder = {
  format: 'retina',
  recognises: (record) => recognises(record) && isRetina(flowOf(record as JsonObject)),
  decode: decodeAs('retina'),
};
