/**
 * Closed sets of the flow model, each as name → number stored in ClickHouse (Enum8). The numbers are part of the
 * stored format: append, never renumber. Text from a source is always mapped onto these names before a row is built,
 * because one unknown name fails a whole insert.
 */
export const FORMATS = {
  unknown: 0,
  hubble: 1,
  calico_ee: 2,
  goldmane: 3,
  antrea: 4,
  netobserv: 5,
  gadget: 6,
  obi: 7,
  netflow: 8,
  aws_vpc: 9,
  gcp_vpc: 10,
  azure_flow: 11,
  istio: 12,
  ztunnel: 13,
  retina: 14,
  kubescape: 15,
} as const;
/** The kind of source a flow was decoded from. */
export type FlowFormat = keyof typeof FORMATS;

export const VANTAGES = { unknown: 0, src: 1, dst: 2, fwd: 3, both: 4, proxy: 5 } as const;
/** Where the observer stood: at the client's side (`src`), the server's (`dst`), on the path, at both, in a proxy. */
export type Vantage = keyof typeof VANTAGES;

export const ORIENTATIONS = { unknown: 0, reported: 1, flags: 2, ports: 3, kind: 4 } as const;
/** How it is known who opened the connection. `unknown` is stored but never learned from. */
export type Orientation = keyof typeof ORIENTATIONS;

export const ENDPOINT_KINDS = {
  unknown: 0,
  pod: 1,
  host: 2,
  service: 3,
  external: 4,
  netset: 5,
  private: 6,
  apiserver: 7,
  ingress: 8,
  health: 9,
  unmanaged: 10,
} as const;
/** What stands at one end of a flow; it decides which form of policy rule can name it at all. */
export type EndpointKind = keyof typeof ENDPOINT_KINDS;

export const FLOW_VERDICTS = { unknown: 0, allow: 1, deny: 2, audit: 3, error: 4 } as const;
/** What the source says happened. `audit` passed although a policy objects; `error` is no decision of a policy. */
export type FlowVerdict = keyof typeof FLOW_VERDICTS;

export const REASONS = {
  none: 0,
  default_deny: 1,
  explicit_deny: 2,
  l7_deny: 3,
  auth: 4,
  other_drop: 5,
  would_deny: 6,
} as const;
/** Why it was not simply allowed. `other_drop` is a fault of the data path and says nothing about policy. */
export type Reason = keyof typeof REASONS;

export const ATTRIBUTIONS = { none: 0, partial: 1, full: 2 } as const;
/** How completely the source names the policies that decided. */
export type Attribution = keyof typeof ATTRIBUTIONS;

export const CONNECTION_BASES = { row: 0, syn: 1, reported: 2, event: 3 } as const;
/** What `connections` counts: rows, opening packets, a number the source reports, or opening events. */
export type ConnectionBasis = keyof typeof CONNECTION_BASES;
