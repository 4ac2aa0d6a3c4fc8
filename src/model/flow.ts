import type { Endpoint } from './endpoint.ts';
import type { Attribution, ConnectionBasis, FlowFormat, FlowVerdict, Orientation, Reason, Vantage } from './enums.ts';

/**
 * One observed record of one connection (or packet event) at one vantage point, normalised. After orientation the
 * `client` opened the connection and the `server` answered; with `oriented: 'unknown'` the two are in packet order.
 * Addresses are text (`10.0.0.1`, `2001:db8::1`, `''` when masked or aggregated away); `serverPort` is the pod port
 * after address translation; times are milliseconds since the epoch; counters are from the client's point of view.
 */
export interface Flow {
  readonly time: number;
  readonly endTime: number;
  readonly format: FlowFormat;
  readonly cluster: string;
  readonly node: string;
  readonly vantage: Vantage;
  readonly oriented: Orientation;
  /** The record was in reply order and has been turned round. */
  readonly swapped: boolean;
  /** IANA protocol number (6 TCP, 17 UDP, 132 SCTP, 1 ICMP, 58 ICMPv6); 0 unknown. */
  readonly protocol: number;
  readonly client: Endpoint;
  readonly server: Endpoint;
  readonly clientAddress: string;
  readonly serverAddress: string;
  readonly clientPort: number;
  readonly serverPort: number;
  /** ICMP type; 255 when the flow is not ICMP. */
  readonly icmpType: number;
  readonly serviceNamespace: string;
  readonly serviceName: string;
  /** The port of the Service before translation; 0 unknown. */
  readonly servicePort: number;
  /** DNS names the client is known to have resolved to the server's address. */
  readonly serverNames: readonly string[];
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly attribution: Attribution;
  /** Policy references `kind:namespace/name#rule` as the source named them. */
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  /** What staged policies would have done, where the source evaluates them (Calico). */
  readonly pending: readonly string[];
  readonly connections: number;
  readonly connectionBasis: ConnectionBasis;
  readonly bytesForward: number;
  readonly bytesReverse: number;
  readonly packetsForward: number;
  readonly packetsReverse: number;
  /** Multiplier of a sampled source; 1 = every packet was seen. */
  readonly sampling: number;
  readonly l7: string;
  /** Never headers nor query strings: they can hold secrets. */
  readonly l7Detail: string;
  /** 64-bit hash of the record's own identity, decimal. */
  readonly eventId: string;
}

/**
 * Where a stored row came from. `(topic, partition, offset, index)` is unique in the store: for files the topic is
 * `file:<name>`, the offset the byte at which the record's line starts, and the index counts rows of one message.
 */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
}
