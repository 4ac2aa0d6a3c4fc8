/**
 * The members of a flow message that its decoder reads (cilium/cilium api/v1/flow/flow.proto as protobuf JSON), whatever
 * stands in them.
 */
export class HubbleFlow {
  time: unknown = undefined;
  uuid: unknown = undefined;
  verdict: unknown = undefined;
  drop_reason: unknown = undefined;
  drop_reason_desc: unknown = undefined;
  IP: unknown = undefined;
  l4: unknown = undefined;
  source: unknown = undefined;
  destination: unknown = undefined;
  Type: unknown = undefined;
  node_name: unknown = undefined;
  source_names: unknown = undefined;
  destination_names: unknown = undefined;
  l7: unknown = undefined;
  reply: unknown = undefined;
  is_reply: unknown = undefined;
  event_type: unknown = undefined;
  source_service: unknown = undefined;
  destination_service: unknown = undefined;
  traffic_direction: unknown = undefined;
  trace_observation_point: unknown = undefined;
  trace_reason: unknown = undefined;
  egress_allowed_by: unknown = undefined;
  ingress_allowed_by: unknown = undefined;
  egress_denied_by: unknown = undefined;
  ingress_denied_by: unknown = undefined;
  aggregate: unknown = undefined;
  extensions: unknown = undefined;
  emitter: unknown = undefined;
  /** Part of what makes a record without `uuid` itself. */
  Summary: unknown = undefined;
}

/** A flow message from wherever: nothing need stand in it. */
export type HubbleMessage = Readonly<Partial<HubbleFlow>>;
