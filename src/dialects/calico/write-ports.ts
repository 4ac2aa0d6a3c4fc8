import type { PolicyRule, PortMatcher } from '../../model/policy.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { Inexpressible } from './selector-text.ts';

/** What one rule says of protocol and ports; P31 wants a protocol wherever ports are numbers. */
export interface RulePorts {
  readonly protocol?: number;
  readonly notProtocol?: number;
  readonly icmp?: PlainObject;
  readonly notICMP?: PlainObject;
  readonly ports?: readonly PortText[];
  readonly notPorts?: readonly PortText[];
  readonly sourcePorts?: readonly PortText[];
  readonly notSourcePorts?: readonly PortText[];
}

type PortText = number | string;
type PortRule = Pick<PolicyRule, 'ports' | 'notPorts' | 'sourcePorts' | 'notSourcePorts'>;

/** TCP, UDP, SCTP: the protocols of container ports, and the only ones of which Calico knows ports. */
const WITH_PORTS: readonly number[] = [6, 17, 132];

/** One rule per protocol (several for ICMP types), together as wide as the neutral rule. */
export function rulePorts(rule: PortRule): RulePorts[] {
  const protocols = protocolsOf(rule);
  if (protocols === undefined) return withoutProtocol(rule);
  return protocols.flatMap((protocol) => ofProtocol(rule, protocol));
}

/** Protocols that the positive lists name; undefined = every protocol there is. */
function protocolsOf({ ports, sourcePorts }: PortRule): readonly number[] | undefined {
  const [here, there] = [ports, sourcePorts].map((list) => list && protocolsIn(list));
  if (here === undefined || there === undefined) return here ?? there;
  return here.filter((protocol) => there.includes(protocol));
}

function protocolsIn(list: readonly PortMatcher[]): readonly number[] | undefined {
  if (list.some((one) => one.protocol === undefined && !isAboutPorts(one))) return undefined;
  const all = list.flatMap(({ protocol }) => (protocol === undefined ? WITH_PORTS : [protocol]));
  return [...new Set(all)];
}

function isAboutPorts(matcher: PortMatcher): boolean {
  return 'portName' in matcher || ('ports' in matcher && matcher.ports !== undefined);
}

function isIcmp(matcher: PortMatcher): matcher is Extract<PortMatcher, { icmpType?: number }> {
  return (
    ('icmpType' in matcher && matcher.icmpType !== undefined) ||
    ('icmpCode' in matcher && matcher.icmpCode !== undefined)
  );
}

/** Everything but what the negated lists name: the other protocols, and the rest of the one they name. */
function withoutProtocol({ notPorts = [], notSourcePorts = [] }: PortRule): RulePorts[] {
  const negated = [...notPorts, ...notSourcePorts];
  if (negated.length === 0) return [{}];
  if (negated.every((one) => 'portName' in one && one.protocol === undefined)) {
    return [{ ...given('notPorts', texts(notPorts, 6)), ...given('notSourcePorts', texts(notSourcePorts, 6)) }];
  }
  const [protocol, ...more] = new Set(negated.map((one) => one.protocol));
  if (protocol === undefined || more.length > 0) {
    throw new Inexpressible('a Calico rule can exclude ports of one protocol only');
  }
  return [{ notProtocol: protocol }, ...ofProtocol({ notPorts, notSourcePorts }, protocol)];
}

function ofProtocol(rule: PortRule, protocol: number): RulePorts[] {
  const [notPorts, notSourcePorts] = [of(rule.notPorts, protocol) ?? [], of(rule.notSourcePorts, protocol) ?? []];
  if ([...notPorts, ...notSourcePorts].some(isWhole)) return [];
  const shared = {
    protocol,
    ...given('sourcePorts', positive(of(rule.sourcePorts, protocol))),
    ...given('notSourcePorts', texts(notSourcePorts, protocol)),
    ...given('notPorts', texts(notPorts, protocol)),
    ...excludedIcmp(notPorts.filter(isIcmp)),
  };
  const ports = of(rule.ports, protocol);
  if (ports === undefined || ports.some(isWhole)) return [shared];
  return [
    ...ports.filter(isIcmp).map((one) => ({ ...shared, icmp: icmpFields(one) })),
    ...(ports.some(isAboutPorts) ? [{ ...shared, ports: texts(ports, protocol) }] : []),
  ];
}

function of(list: readonly PortMatcher[] | undefined, protocol: number): readonly PortMatcher[] | undefined {
  return list?.filter((one) =>
    one.protocol === undefined ? isWhole(one) || WITH_PORTS.includes(protocol) : one.protocol === protocol,
  );
}

/** All of a protocol. */
function isWhole(matcher: PortMatcher): boolean {
  return !isAboutPorts(matcher) && !isIcmp(matcher);
}

/** No restriction when one of the list is the whole protocol. */
function positive(list: readonly PortMatcher[] | undefined): readonly PortText[] {
  return list === undefined || list.some(isWhole) ? [] : texts(list, list[0]?.protocol ?? 6);
}

function given(name: string, list: readonly PortText[]): Partial<RulePorts> {
  return list.length > 0 ? { [name]: list } : {};
}

function texts(list: readonly PortMatcher[], protocol: number): PortText[] {
  const found = list.flatMap((one): PortText[] => {
    if ('portName' in one) return [one.portName];
    const ranges = 'ports' in one ? (one.ports ?? []) : [];
    return ranges.map(({ from, to }) => (from === to ? from : `${from}:${to}`));
  });
  if (found.length === 0 || WITH_PORTS.includes(protocol)) return found;
  throw new Inexpressible('Calico knows ports of TCP, UDP and SCTP only');
}

function excludedIcmp([first, ...more]: readonly PortMatcher[]): Partial<RulePorts> {
  if (more.length > 0) throw new Inexpressible('a Calico rule can exclude one type of ICMP only');
  return first === undefined ? {} : { notICMP: icmpFields(first) };
}

function icmpFields(matcher: PortMatcher): PlainObject {
  const { icmpType, icmpCode } = matcher as { icmpType?: number; icmpCode?: number };
  if (icmpType === undefined) throw new Inexpressible('in Calico an ICMP code needs a type');
  return { type: icmpType, ...(icmpCode !== undefined && { code: icmpCode }) };
}
