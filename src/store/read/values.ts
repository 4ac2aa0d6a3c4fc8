/** An address as the engine prints it (always IPv6) → as people write it; `''` for `::`, which stands for unknown. */
export function addressText(ipv6: string): string {
  if (ipv6 === '::') return '';
  return ipv6.startsWith('::ffff:') && ipv6.includes('.') ? ipv6.slice('::ffff:'.length) : ipv6;
}
