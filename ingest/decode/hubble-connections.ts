import type { ConnectionBasis, EndpointKind, Vantage } from '../../src/model/enums.ts';
import type { JsonObject } from './decoder.ts';
import { count, object } from './fields.ts';
import { EVENT, type HubbleEvent } from './hubble-event.ts';
import type { HubbleMessage } from './hubble-record.ts';

/** What decides whether a record opens a connection. */
export interface ConnectionEvidence {
  readonly event: HubbleEvent;
  readonly vantage: Vantage;
  readonly isReply: boolean;
  readonly clientKind: EndpointKind;
  readonly serverKind: EndpointKind;
  readonly tcpFlags: JsonObject | undefined;
}

export interface CountedConnections {
  readonly connections: number;
  readonly basis: ConnectionBasis;
}

const counted = (connections: number, basis: ConnectionBasis): CountedConnections =>
  Object.freeze({ connections, basis });
const BY_EVENT = counted(1, 'event');
const BY_PACKET = counted(1, 'syn');
const NO_EVENT = counted(0, 'event');
const NO_PACKET = counted(0, 'syn');

/** Trace points of `event_type.sub_type` (cilium/cilium pkg/monitor/api), for records without the name. */
const POINTS = ['TO_ENDPOINT', 'TO_PROXY', 'TO_HOST', 'TO_STACK', 'TO_OVERLAY'];
/** Where a packet leaves its source; it may pass TO_NETWORK after one of these. */
const LEAVING = new Set(['TO_ENDPOINT', 'TO_PROXY', 'TO_HOST', 'TO_STACK', 'TO_OVERLAY']);

/**
 * Connections a record opens. A policy decision counts one at its side; an opening packet counts at one point of its
 * path only, although several report it. A drop event counts none: the agent reports the same attempt as a decision.
 */
export function countConnections(flow: HubbleMessage, evidence: ConnectionEvidence): CountedConnections {
  const one = countOne(flow, evidence);
  const aggregate = object(flow.aggregate);
  if (aggregate === undefined) return one;
  const folded =
    count(aggregate.ingress_flow_count) +
    count(aggregate.egress_flow_count) +
    count(aggregate.unknown_direction_flow_count);
  return counted(Math.min(one.connections * Math.max(folded, 1), 0xffff_ffff), 'reported');
}

function countOne(flow: HubbleMessage, evidence: ConnectionEvidence): CountedConnections {
  const { isReply } = evidence;
  const eventType = evidence.event.type;
  if (eventType === EVENT.policy) return isReply ? NO_EVENT : BY_EVENT;
  if (eventType !== EVENT.trace && eventType !== 0) return NO_EVENT;
  if (isReply || !isOpening(flow, evidence.tcpFlags)) return NO_PACKET;
  return eventType === 0 || isCountingPoint(flow, evidence) ? BY_PACKET : NO_PACKET;
}

function isOpening(flow: HubbleMessage, flags: JsonObject | undefined): boolean {
  if (flags !== undefined && flags.SYN === true) return flags.ACK !== true;
  return flow.trace_reason === 'NEW';
}

/** Leaving the client: the first point on the way out; entering the server: the last one. */
function isCountingPoint(flow: HubbleMessage, { event, vantage, clientKind, serverKind }: ConnectionEvidence): boolean {
  const point = flow.trace_observation_point ?? POINTS[event.subType];
  if (vantage !== 'src') return point === 'TO_ENDPOINT' || (point === 'TO_HOST' && serverKind === 'host');
  return LEAVING.has(point as string) || (point === 'TO_NETWORK' && clientKind === 'host');
}
