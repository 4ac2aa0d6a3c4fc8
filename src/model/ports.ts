/** IANA numbers of the protocols people write by name. */
export const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = {
  ICMP: 1,
  IGMP: 2,
  TCP: 6,
  UDP: 17,
  GRE: 47,
  ESP: 50,
  AH: 51,
  ICMPv6: 58,
  VRRP: 112,
  SCTP: 132,
  UDPLite: 136,
};

const NAMES = new Map(Object.entries(PROTOCOL_NUMBERS).map(([name, number]) => [number, name]));

/** `TCP`, `UDP` …; the decimal number for protocols without a common name. */
export function protocolName(protocol: number): string {
  return NAMES.get(protocol) ?? String(protocol);
}

/** Whether the protocol has ports that a policy can name. */
export function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 132 || protocol === 136;
}

/** Inclusive range of ports. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}
