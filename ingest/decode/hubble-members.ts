import type { HubbleFlow } from './hubble-record.ts';

/** How a member is read: a word repeats in many records, a unique one does not. */
export const KIND = { word: 0, unique: 1, end: 2, addresses: 3, layer4: 4, passedOver: 5 } as const;

/** The members of a flow message, in the order in which agents write them; what no decoder reads is passed over. */
const FLOW_MEMBERS: Readonly<Record<keyof HubbleFlow, number> & Record<string, number>> = {
  time: KIND.unique,
  uuid: KIND.unique,
  emitter: KIND.word,
  verdict: KIND.word,
  drop_reason: KIND.word,
  auth_type: KIND.passedOver,
  ethernet: KIND.passedOver,
  IP: KIND.addresses,
  l4: KIND.layer4,
  source: KIND.end,
  destination: KIND.end,
  Type: KIND.word,
  node_name: KIND.word,
  node_labels: KIND.passedOver,
  source_names: KIND.word,
  destination_names: KIND.word,
  l7: KIND.unique,
  reply: KIND.word,
  event_type: KIND.word,
  source_service: KIND.word,
  destination_service: KIND.word,
  traffic_direction: KIND.word,
  policy_match_type: KIND.passedOver,
  trace_observation_point: KIND.word,
  trace_reason: KIND.word,
  file: KIND.passedOver,
  ip_trace_id: KIND.passedOver,
  drop_reason_desc: KIND.word,
  is_reply: KIND.word,
  debug_capture_point: KIND.passedOver,
  interface: KIND.passedOver,
  proxy_port: KIND.passedOver,
  trace_context: KIND.passedOver,
  sock_xlate_point: KIND.passedOver,
  socket_cookie: KIND.passedOver,
  cgroup_id: KIND.passedOver,
  Summary: KIND.word,
  extensions: KIND.unique,
  egress_allowed_by: KIND.word,
  ingress_allowed_by: KIND.word,
  egress_denied_by: KIND.word,
  ingress_denied_by: KIND.word,
  policy_log: KIND.passedOver,
  aggregate: KIND.unique,
};

/** Their names; no member that is read is missing, and the others have no field in `HubbleFlow`. */
export const FLOW_NAMES = Object.keys(FLOW_MEMBERS) as (keyof HubbleFlow)[];
/** How each is read, by index. */
export const FLOW_KINDS = Object.values(FLOW_MEMBERS);
