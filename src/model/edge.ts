import type { EndpointKind, Reason } from './enums.ts';
import type { LabelSet } from './labels.ts';

/** One end of an edge. Edge ends are interned by the reader: equal ends of one result are the same object. */
export interface EdgeEndpoint {
  readonly cluster: string;
  readonly kind: EndpointKind;
  readonly namespace: string;
  readonly workload: string;
  readonly workloadKind: string;
  readonly labels: LabelSet;
  readonly peer: string;
  /** The exact address of an endpoint that is not a pod; `''` for pods (see `Observation.clientAddresses`). */
  readonly address: string;
}

/** The hours of one UTC day in which something was seen: bit h of `hours` is the hour from h:00. */
export interface DayActivity {
  /** Days since 1970-01-01 UTC. */
  readonly day: number;
  readonly hours: number;
}

/** At most this many pods or addresses are listed per observation; a full list means "this many or more". */
export const OBSERVED_MEMBERS_LIMIT = 16;

/** What was seen of one edge with one outcome within the window that was read. */
export interface Observation {
  /** Flow records, all vantages summed. */
  readonly flows: number;
  /** Opened connections: summed within a vantage, then the maximum over vantages, never their sum. */
  readonly connections: number;
  /** Milliseconds since the epoch. */
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Sorted by day. The reader gives equal lists the same identity. */
  readonly activity: readonly DayActivity[];
  /** Distinct pods (else addresses) of the client side, sorted, at most `OBSERVED_MEMBERS_LIMIT`. */
  readonly clientPods: readonly string[];
  readonly serverPods: readonly string[];
  /** Distinct addresses, sorted, at most `OBSERVED_MEMBERS_LIMIT`. */
  readonly clientAddresses: readonly string[];
  readonly serverAddresses: readonly string[];
  /** Reasons of denials, sorted; empty for what passed. */
  readonly reasons: readonly Reason[];
  /** Policies the source itself named for this outcome. */
  readonly sourcePolicies: readonly string[];
}

/**
 * Flows folded by (client, server, protocol, server port). An attempt that left the source but was denied at the
 * destination counts as denied only: `passed` follows the destination's vantage wherever that vantage reported.
 */
export interface Edge {
  readonly client: EdgeEndpoint;
  readonly server: EdgeEndpoint;
  /** IANA protocol number. */
  readonly protocol: number;
  /** Server pod port after translation; 0 for protocols without ports. */
  readonly port: number;
  readonly serverNames: readonly string[];
  readonly passed?: Observation;
  /** Denied by a policy. */
  readonly denied?: Observation;
  /** Lost for other reasons, or with an unknown verdict: evidence neither for nor against a policy. */
  readonly unclear?: Observation;
  /** False when it is never known who opened these connections; such an edge is not learned from. */
  readonly oriented: boolean;
}
