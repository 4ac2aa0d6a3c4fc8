/**
 * The members of a flow message that its decoder reads (cilium/cilium api/v1/flow/flow.proto as protobuf JSON), whatever
 * stands in them.
 */
export class HubbleFlow {
  time: unknown = undefined;
  uuid: unknown = undefined;
  emitter: unknown = undefined;
  verdict: unknown = undefined;
  drop_reason: unknown = undefined;
  IP: unknown = undefined;
  l4: unknown = undefined;
  source: unknown = undefined;
  destination: unknown = undefined;
  l7: unknown = undefined;
  extensions: unknown = undefined;
  aggregate: unknown = undefined;
  Type: unknown = undefined;
  node_name: unknown = undefined;
  source_names: unknown = undefined;
  destination_names: unknown = undefined;
  reply: unknown = undefined;
  event_type: unknown = undefined;
  source_service: unknown = undefined;
  destination_service: unknown = undefined;
  traffic_direction: unknown = undefined;
  trace_observation_point: unknown = undefined;
  trace_reason: unknown = undefined;
  drop_reason_desc: unknown = undefined;
  is_reply: unknown = undefined;
  Summary: unknown = undefined;
  egress_allowed_by: unknown = undefined;
  ingress_allowed_by: unknown = undefined;
  egress_denied_by: unknown = undefined;
  ingress_denied_by: unknown = undefined;
}

/** A flow message from wherever: nothing need stand in it. */
export type HubbleMessage = Readonly<Partial<HubbleFlow>>;

/**
 * Adds to `flow` what `more` says. Written out: going through the names of members takes longer than reading a record.
 */
export function addMembers(flow: HubbleFlow, more: HubbleFlow): void {
  if (more.time !== undefined) flow.time = more.time;
  if (more.uuid !== undefined) flow.uuid = more.uuid;
  if (more.emitter !== undefined) flow.emitter = more.emitter;
  if (more.verdict !== undefined) flow.verdict = more.verdict;
  if (more.drop_reason !== undefined) flow.drop_reason = more.drop_reason;
  if (more.IP !== undefined) flow.IP = more.IP;
  if (more.l4 !== undefined) flow.l4 = more.l4;
  if (more.source !== undefined) flow.source = more.source;
  if (more.destination !== undefined) flow.destination = more.destination;
  if (more.l7 !== undefined) flow.l7 = more.l7;
  if (more.extensions !== undefined) flow.extensions = more.extensions;
  if (more.aggregate !== undefined) flow.aggregate = more.aggregate;
  if (more.Type !== undefined) flow.Type = more.Type;
  if (more.node_name !== undefined) flow.node_name = more.node_name;
  if (more.source_names !== undefined) flow.source_names = more.source_names;
  if (more.destination_names !== undefined) flow.destination_names = more.destination_names;
  if (more.reply !== undefined) flow.reply = more.reply;
  if (more.event_type !== undefined) flow.event_type = more.event_type;
  if (more.source_service !== undefined) flow.source_service = more.source_service;
  if (more.destination_service !== undefined) flow.destination_service = more.destination_service;
  if (more.traffic_direction !== undefined) flow.traffic_direction = more.traffic_direction;
  if (more.trace_observation_point !== undefined) flow.trace_observation_point = more.trace_observation_point;
  if (more.trace_reason !== undefined) flow.trace_reason = more.trace_reason;
  if (more.drop_reason_desc !== undefined) flow.drop_reason_desc = more.drop_reason_desc;
  if (more.is_reply !== undefined) flow.is_reply = more.is_reply;
  if (more.Summary !== undefined) flow.Summary = more.Summary;
  if (more.egress_allowed_by !== undefined) flow.egress_allowed_by = more.egress_allowed_by;
  if (more.ingress_allowed_by !== undefined) flow.ingress_allowed_by = more.ingress_allowed_by;
  if (more.egress_denied_by !== undefined) flow.egress_denied_by = more.egress_denied_by;
  if (more.ingress_denied_by !== undefined) flow.ingress_denied_by = more.ingress_denied_by;
}
