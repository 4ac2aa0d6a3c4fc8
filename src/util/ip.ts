import ipaddr from 'ipaddr.js';

/**
 * Addresses as integers on one line: IPv6 at its own value, IPv4 above all of IPv6. So the two families never overlap,
 * and blocks of either are plain inclusive ranges.
 */
export interface AddressRange {
  readonly from: bigint;
  readonly to: bigint;
}

const IPV4_BASE = 1n << 128n;

const DOTTED = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;

/** The integer of an address; IPv4 in IPv6 clothes (`::ffff:10.0.0.1`) counts as IPv4. Absent when it is none. */
export function parseAddress(text: string): bigint | undefined {
  const dotted = DOTTED.exec(text);
  if (dotted) {
    const bytes = dotted.slice(1).map(Number);
    if (bytes.some((byte) => byte > 255)) return undefined;
    return IPV4_BASE + BigInt(bytes.reduce((value, byte) => value * 256 + byte, 0));
  }
  if (!text.includes(':') || text.includes('%') || !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.IPv6.parse(text);
  if (address.isIPv4MappedAddress()) return parseAddress(address.toIPv4Address().toString());
  return address.parts.reduce((value, part) => (value << 16n) | BigInt(part), 0n);
}

/** The addresses of `10.0.0.0/8` or `2001:db8::/32`; host bits are ignored. Absent when it is no CIDR block. */
export function parseCidr(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const length = text.slice(slash + 1);
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash));
  if (address === undefined || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const bits = Number(length) - (isIpv4(address) && text.includes(':') ? 96 : 0);
  const width = isIpv4(address) ? 32 : 128;
  if (bits < 0 || bits > width) return undefined;
  const size = 1n << BigInt(width - bits);
  const base = isIpv4(address) ? IPV4_BASE : 0n;
  const from = base + ((address - base) / size) * size;
  return { from, to: from + size - 1n };
}

/** The addresses meant by an address, a CIDR block or `first-last`. Absent when it is none of these. */
export function parseAddressRange(text: string): AddressRange | undefined {
  if (text.includes('/')) return parseCidr(text);
  const [first, last, ...rest] = text.split('-').map((part) => parseAddress(part.trim()));
  if (first === undefined || rest.length > 0) return undefined;
  const end = text.includes('-') ? last : first;
  if (end === undefined || end < first || isIpv4(first) !== isIpv4(end)) return undefined;
  return { from: first, to: end };
}

/** Whether an integer of `parseAddress` is an IPv4 address. */
export function isIpv4(address: bigint): boolean {
  return address >= IPV4_BASE;
}

/** Whether every address of `inner` is in `outer`. */
export function contains(outer: AddressRange, inner: AddressRange): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}

/** Whether the two have an address in common. */
export function overlaps(a: AddressRange, b: AddressRange): boolean {
  return a.from <= b.to && b.from <= a.to;
}
