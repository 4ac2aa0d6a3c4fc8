import { PROTOCOL_NUMBERS } from '../../src/model/ports.ts';

const BY_NAME = new Map<string, number>([
  ...Object.entries(PROTOCOL_NUMBERS).map(([name, number]): [string, number] => [name.toLowerCase(), number]),
  ['icmp4', 1],
  ['icmpv4', 1],
  ['icmp6', 58],
  ['ipv6-icmp', 58],
  ['t', 6],
  ['u', 17],
]);

/** A protocol name in any case, a number or decimal text → the IANA number; 0 when it is none. */
export function protocolNumber(value: unknown): number {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 0 && value <= 255 ? value : 0;
  if (typeof value !== 'string') return 0;
  if (/^\d{1,3}$/.test(value)) return Number(value) <= 255 ? Number(value) : 0;
  return BY_NAME.get(value.toLowerCase()) ?? 0;
}

/** Whether the protocol is ICMP or ICMPv6. */
export function isIcmp(protocol: number): boolean {
  return protocol === 1 || protocol === 58;
}
