import type { PolicyRule, PortMatcher } from '../../model/policy.ts';
import { type PortRange, PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { appendTo } from '../../util/append-to.ts';
import { converted, type Field, integer, object, oneOf, type Read, text, wrong } from '../document/fields.ts';
import { portOrName } from '../kubernetes/schema.ts';

/** One item of `ports`: the source port belongs to its own destination port only. */
export interface PortItem {
  readonly destination: PortMatcher;
  readonly source?: PortRange;
}

const number = integer(1, 65_535);

/** N10: protocol, destination and source ports, all of one item together. */
export const portItem: Read<PortItem> = converted(
  object({
    protocol: oneOf('TCP', 'UDP', 'SCTP'),
    port: portOrName,
    endPort: number,
    sourcePort: number,
    sourceEndPort: number,
  }),
  ({ protocol = 'TCP', port, endPort, sourcePort, sourceEndPort }, field) => {
    const of = PROTOCOL_NUMBERS[protocol] as number;
    const [destinations, sources] = [range(port, endPort), range(sourcePort, sourceEndPort)];
    if (destinations === 'bad') return badRange(field, 'endPort');
    if (sources === 'bad') return badRange(field, 'sourceEndPort');
    const source = sources && { source: sources };
    if (typeof port === 'string') return { destination: { portName: port, protocol: of }, ...source };
    return { destination: { protocol: of, ...(destinations && { ports: [destinations] }) }, ...source };
  },
);

function range(start: number | string | undefined, end: number | undefined): PortRange | undefined | 'bad' {
  if (typeof start !== 'number') return end === undefined ? undefined : 'bad';
  return end !== undefined && end < start ? 'bad' : { from: start, to: end ?? start };
}

function badRange(field: Field, end: string): undefined {
  const start = end === 'endPort' ? 'port' : 'sourcePort';
  return wrong(field, 'bad-port-range', `${end} needs a numeric ${start} not above it`, 'Correct the two ports.');
}

/** One item of `protocols`; what an IGMP message is about is in no flow. */
export interface ProtocolItem {
  readonly ports: readonly PortMatcher[];
  readonly igmp: boolean;
  readonly condition?: string;
}

const icmp = object({ icmpType: integer(0, 255), icmpCode: integer(0, 255) });
const igmp = object({ igmpType: integer(0, 255), groupAddress: text });

/** N10: ICMP of both families, or IGMP. */
export const protocolItem: Read<ProtocolItem> = converted(object({ icmp, igmp }), (read, field) => {
  if ((read.icmp === undefined) === (read.igmp === undefined)) {
    return wrong(field, 'bad-port', 'it needs exactly one of icmp and igmp', 'Make them two list items.');
  }
  if (read.icmp) {
    const { icmpType: type, icmpCode: code } = read.icmp;
    const wanted = { ...(type !== undefined && { icmpType: type }), ...(code !== undefined && { icmpCode: code }) };
    return {
      igmp: false,
      ports: [PROTOCOL_NUMBERS.ICMP, PROTOCOL_NUMBERS.ICMPv6].map((of) => ({ protocol: of as number, ...wanted })),
    };
  }
  const { igmpType, groupAddress } = read.igmp ?? {};
  const about = [
    ...(igmpType === undefined ? [] : [`type ${igmpType}`]),
    ...(groupAddress === undefined ? [] : [`group ${groupAddress}`]),
  ].join(' ');
  const ports = [{ protocol: PROTOCOL_NUMBERS.IGMP as number }];
  return { igmp: true, ports, ...(about !== '' && { condition: `IGMP message of ${about}` }) };
});

/** Port criteria as they go into rules; several rules when destination and source ports belong together in pairs. */
export type PortPart = Pick<PolicyRule, 'ports' | 'sourcePorts'>;

export function portParts(ports: readonly PortItem[], protocols: readonly ProtocolItem[]): PortPart[] {
  const plain: PortMatcher[] = protocols.flatMap((item) => item.ports);
  const bySource = new Map<string, PortItem[]>();
  for (const item of ports) {
    if (item.source === undefined) plain.push(item.destination);
    else appendTo(bySource, `${item.source.from}-${item.source.to}`, item);
  }
  const paired = [...bySource.values()].map((items): PortPart => {
    const [first] = items;
    return {
      ports: items.map(({ destination }) => destination),
      sourcePorts: first?.source ? [{ ports: [first.source] }] : [],
    };
  });
  if (plain.length === 0 && paired.length === 0) return [{}];
  return plain.length > 0 ? [{ ports: plain }, ...paired] : paired;
}
