import ipaddr from 'ipaddr.js';
import { memo } from './memo.ts';

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$/;

/**
 * Canonical text of an IP address; `''` for everything that is none and for the unspecified addresses, which flow logs
 * use for "not known". Mapped IPv4 loses its `::ffff:`, IPv6 its zone.
 */
export function address(value: unknown): string {
  if (typeof value !== 'string' || value.length < 2 || value.length > 64) return '';
  if (IPV4.test(value)) return value === '0.0.0.0' ? '' : value;
  return value.includes(':') ? addressV6(value) : '';
}

/** Pods of one cluster have few addresses beside how often they are written. */
const addressV6 = memo((value: string): string => {
  const bare = value.includes('%') ? value.slice(0, value.indexOf('%')) : value;
  if (!ipaddr.IPv6.isValid(bare)) return '';
  const parsed = ipaddr.IPv6.parse(bare);
  const canonical = parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toString();
  return canonical === '::' || canonical === '0.0.0.0' ? '' : canonical;
});

/** `10.0.0.1:80` or `[2001:db8::1]:80` → address and port; what is missing or unreadable is `''` and 0. */
export function addressAndPort(value: unknown): { readonly address: string; readonly port: number } {
  if (typeof value !== 'string') return { address: '', port: 0 };
  const colon = value.lastIndexOf(':');
  const end = value.endsWith(']') || colon < 0 ? value.length : colon;
  const host = value.slice(0, end);
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  // An IPv6 address without brackets has no port: its last group would be taken for one.
  if (bare === host && host.includes(':')) return { address: address(value), port: 0 };
  const port = Number(value.slice(end + 1));
  return { address: address(bare), port: Number.isInteger(port) && port >= 0 && port <= 65_535 ? port : 0 };
}

const PRIVATE_RANGES = new Set(['private', 'uniqueLocal', 'carrierGradeNat', 'linkLocal', 'loopback']);

/** Whether `canonical` (from `address`) lies in a range that is never routed on the internet. */
export const isPrivate = memo((canonical: string): boolean => {
  if (canonical === '') return false;
  return PRIVATE_RANGES.has(ipaddr.parse(canonical).range());
});
