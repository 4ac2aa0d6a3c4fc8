import type { PortMatcher } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { chunks, Inexpressible } from '../writing/documents.ts';
import { MAX_PORTS } from './ports.ts';

const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132]);
const PORTLESS: Readonly<Record<number, string>> = {
  2: 'IGMP',
  4: 'IPIP',
  47: 'GRE',
  50: 'ESP',
  51: 'AH',
  112: 'VRRP',
};
const FAMILIES: Readonly<Record<number, string>> = { 1: 'IPv4', 58: 'IPv6' };

/** The fields of ports, one for each entry that the rule needs: `toPorts` and `icmps` exclude each other (X24). */
export function writePorts(matchers: readonly PortMatcher[] | undefined): readonly PlainObject[] {
  if (matchers === undefined || matchers.some(isEverything)) return [{}];
  const icmp = matchers.flatMap((one) => ('icmpType' in one || 'icmpCode' in one ? [icmpField(one)] : []));
  const ports = matchers.flatMap((one) => ('icmpType' in one || 'icmpCode' in one ? [] : portItems(one)));
  return [
    ...(ports.length > 0 ? [{ toPorts: chunks(ports, MAX_PORTS).map((part) => ({ ports: part })) }] : []),
    ...(icmp.length > 0 ? [{ icmps: chunks(icmp, MAX_PORTS).map((part) => ({ fields: part })) }] : []),
  ];
}

function isEverything(matcher: PortMatcher): boolean {
  const about = matcher as { ports?: unknown; portName?: unknown; protocol?: unknown };
  return about.ports === undefined && about.portName === undefined && about.protocol === undefined;
}

function icmpField(matcher: Extract<PortMatcher, { icmpType?: number }>): PlainObject {
  const { protocol, icmpType, icmpCode } = matcher;
  const family = FAMILIES[protocol];
  if (family === undefined || icmpType === undefined || icmpCode !== undefined)
    throw new Inexpressible('Cilium names ICMP by type alone');
  return { type: icmpType, family };
}

function portItems(matcher: Exclude<PortMatcher, { icmpType?: number }> | PortMatcher): PlainObject[] {
  const { protocol } = matcher;
  const portless = protocol === undefined ? undefined : PORTLESS[protocol];
  if (portless !== undefined) return [{ port: '0', protocol: portless }];
  if (protocol !== undefined && !WITH_PORTS.has(protocol))
    throw new Inexpressible(`Cilium cannot name protocol ${protocolName(protocol)} as a whole`);
  const name = protocol === undefined ? 'ANY' : protocolName(protocol);
  if ('portName' in matcher) return [{ port: matcher.portName, protocol: name }];
  const ranges = 'ports' in matcher ? matcher.ports : undefined;
  if (ranges === undefined) return [{ port: '0', protocol: name }];
  return ranges.map(({ from, to }) => ({ port: String(from), ...(to > from && { endPort: to }), protocol: name }));
}
