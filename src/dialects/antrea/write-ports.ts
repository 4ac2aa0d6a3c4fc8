import type { PolicyRule, PortMatcher } from '../../model/policy.ts';
import { type PortRange, protocolName } from '../../model/ports.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { Inexpressible } from '../writing/documents.ts';

/** `ports` and `protocols` of a rule; both absent: all traffic. Absent as a whole: no traffic. */
export interface WrittenPorts {
  readonly ports?: readonly PlainObject[];
  readonly protocols?: readonly PlainObject[];
}

const TRANSPORTS = [6, 17, 132];
const [ICMP, IGMP, ICMP_V6] = [1, 2, 58];

/** N10. */
export function writePorts(rule: PolicyRule): WrittenPorts | undefined {
  if (rule.notPorts || rule.notSourcePorts) throw new Inexpressible('its rules cannot say which ports not');
  const wanted = rule.ports?.some(isEverything) ? undefined : rule.ports;
  if (rule.sourcePorts !== undefined) return nonEmpty(paired(wanted, rule.sourcePorts), []);
  if (wanted === undefined) return {};
  const others = wanted.filter((one) => one.protocol !== undefined && !TRANSPORTS.includes(one.protocol));
  const ports = wanted.filter((one) => !others.includes(one)).flatMap(destinations);
  const protocols = writeProtocols(others);
  if (ports.length > 0 && protocols.some((one) => 'igmp' in one))
    throw new Inexpressible('IGMP cannot stand beside ports');
  return nonEmpty(ports, protocols);
}

function nonEmpty(ports: readonly PlainObject[], protocols: readonly PlainObject[]): WrittenPorts | undefined {
  if (ports.length === 0 && protocols.length === 0) return undefined;
  return { ...(ports.length > 0 && { ports }), ...(protocols.length > 0 && { protocols }) };
}

function isEverything(matcher: PortMatcher): boolean {
  return matcher.protocol === undefined && !('portName' in matcher) && rangesOf(matcher) === undefined;
}

function rangesOf(matcher: PortMatcher): readonly PortRange[] | undefined {
  return 'ports' in matcher ? matcher.ports : undefined;
}

function destinations(matcher: PortMatcher): readonly PlainObject[] {
  const protocols = matcher.protocol === undefined ? TRANSPORTS : [matcher.protocol];
  if ('portName' in matcher) return protocols.map((one) => ({ protocol: protocolName(one), port: matcher.portName }));
  if (matcher.protocol === undefined) throw new Inexpressible('a port needs a protocol');
  const protocol = protocolName(matcher.protocol);
  const ranges = rangesOf(matcher);
  if (ranges === undefined) return [{ protocol }];
  return ranges
    .filter(({ to }) => to > 0)
    .map(({ from, to }) => ({ protocol, port: Math.max(from, 1), ...(to > from && { endPort: to }) }));
}

/** Every destination with every source port of its protocol. */
function paired(wanted: readonly PortMatcher[] | undefined, sources: readonly PortMatcher[]): readonly PlainObject[] {
  const all: readonly PortMatcher[] = wanted ?? TRANSPORTS.map((protocol) => ({ protocol }));
  if (all.some(({ protocol }) => protocol === undefined || !TRANSPORTS.includes(protocol))) {
    throw new Inexpressible('source ports need a protocol that has ports');
  }
  return all.flatMap((destination) =>
    sources
      .filter(({ protocol }) => protocol === undefined || protocol === destination.protocol)
      .flatMap((source) => destinations(destination).flatMap((one) => fromSource(one, source))),
  );
}

function fromSource(destination: PlainObject, source: PortMatcher): readonly PlainObject[] {
  if ('portName' in source) throw new Inexpressible('a source port cannot be a name');
  const ranges = rangesOf(source);
  if (ranges === undefined) return [destination];
  return ranges
    .filter(({ to }) => to > 0)
    .map(({ from, to }) => ({
      ...destination,
      sourcePort: Math.max(from, 1),
      ...(to > from && { sourceEndPort: to }),
    }));
}

/** ICMP means both families at once, so both have to be there. */
function writeProtocols(matchers: readonly PortMatcher[]): readonly PlainObject[] {
  const keys = new Set(matchers.map((one) => JSON.stringify(icmpOf(one))));
  return matchers.flatMap((matcher): PlainObject[] => {
    const { protocol, ...fields } = icmpOf(matcher);
    if (protocol === IGMP) {
      if (matchers.length > 1) throw new Inexpressible('IGMP cannot stand beside other protocols');
      return [{ igmp: {} }];
    }
    if (protocol !== ICMP && protocol !== ICMP_V6) {
      throw new Inexpressible('its rules know TCP, UDP, SCTP, ICMP and IGMP only');
    }
    const twin = { protocol: protocol === ICMP ? ICMP_V6 : ICMP, ...fields };
    if (!keys.has(JSON.stringify(twin))) throw new Inexpressible('its rules cannot tell ICMP from ICMPv6');
    return protocol === ICMP ? [{ icmp: fields }] : [];
  });
}

function icmpOf(matcher: PortMatcher) {
  const { icmpType, icmpCode } = matcher as { icmpType?: number; icmpCode?: number };
  return {
    protocol: matcher.protocol,
    ...(icmpType !== undefined && { icmpType }),
    ...(icmpCode !== undefined && { icmpCode }),
  };
}
