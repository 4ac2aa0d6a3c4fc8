import ipaddr from 'ipaddr.js';
import { isIpv4 } from './ip.ts';

/** The text of an integer of `parseAddress`: `10.0.0.1`, `2001:db8::1`. */
export function formatAddress(address: bigint): string {
  const bytes = Array.from({ length: isIpv4(address) ? 4 : 16 }, (_, index) =>
    Number((address >> BigInt(index * 8)) & 0xffn),
  );
  return ipaddr.fromByteArray(bytes.reverse()).toString();
}
