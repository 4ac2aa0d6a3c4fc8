import ipaddr from 'ipaddr.js';
import { type AddressRange, contains, isIpv4, overlaps, parseCidr } from './ip.ts';

/** The fewest blocks that hold exactly the addresses of `cidrs` that are in none of `except`. */
export function subtractCidrs(cidrs: readonly string[], except: readonly string[]): string[] {
  const holes = except.flatMap((text) => parseCidr(text) ?? []);
  const rest = cidrs.flatMap((text) => parseCidr(text) ?? []).flatMap((range) => subtract(range, holes));
  return merged(rest).flatMap(cidrsOf);
}

/** The fewest blocks that hold exactly the addresses that are in both lists. */
export function intersectCidrs(a: readonly string[], b: readonly string[]): string[] {
  const others = b.flatMap((text) => parseCidr(text) ?? []);
  const common = a
    .flatMap((text) => parseCidr(text) ?? [])
    .flatMap((range) => others.filter((other) => overlaps(range, other)).map((other) => smaller(range, other)));
  return merged(common).flatMap(cidrsOf);
}

/** Two blocks either lie in each other or have nothing in common. */
function smaller(a: AddressRange, b: AddressRange): AddressRange {
  return contains(a, b) ? b : a;
}

function subtract(range: AddressRange, holes: readonly AddressRange[]): AddressRange[] {
  return holes.reduce<AddressRange[]>((rest, hole) => rest.flatMap((part) => without(part, hole)), [range]);
}

function without(part: AddressRange, hole: AddressRange): AddressRange[] {
  if (!overlaps(part, hole)) return [part];
  return [
    ...(part.from < hole.from ? [{ from: part.from, to: hole.from - 1n }] : []),
    ...(hole.to < part.to ? [{ from: hole.to + 1n, to: part.to }] : []),
  ];
}

/** Sorted, without overlaps; neighbours become one, but never across the two families. */
function merged(ranges: readonly AddressRange[]): AddressRange[] {
  const result: AddressRange[] = [];
  for (const range of [...ranges].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0))) {
    const last = result.at(-1);
    if (last && range.from <= last.to + 1n && isIpv4(last.from) === isIpv4(range.from)) {
      result[result.length - 1] = { from: last.from, to: (range.to > last.to ? range : last).to };
    } else result.push(range);
  }
  return result;
}

const IPV4_BASE = 1n << 128n;

function cidrsOf({ from, to }: AddressRange): string[] {
  const base = isIpv4(from) ? IPV4_BASE : 0n;
  const width = isIpv4(from) ? 32 : 128;
  const blocks: string[] = [];
  for (let start = from - base; start <= to - base; ) {
    let bits = 0;
    while (
      bits < width &&
      start % (1n << BigInt(bits + 1)) === 0n &&
      start + (1n << BigInt(bits + 1)) - 1n <= to - base
    )
      bits++;
    blocks.push(`${formatAddress(start, width)}/${width - bits}`);
    start += 1n << BigInt(bits);
  }
  return blocks;
}

function formatAddress(address: bigint, width: number): string {
  const bytes = Array.from({ length: width / 8 }, (_, index) =>
    Number((address >> BigInt(width - 8 * (index + 1))) & 255n),
  );
  return ipaddr.fromByteArray(bytes).toString();
}
