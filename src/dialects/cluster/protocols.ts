import type { PortMatcher } from '../../model/policy.ts';
import { type PortRange, PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { converted, type Field, integer, object, type Read, required, wrong } from '../document/fields.ts';
import { portName } from '../document/syntax.ts';

export const port = integer(1, 65_535);

const range = converted(
  object({ start: required(port), end: required(port) }),
  ({ start, end }, field): PortRange | undefined => {
    if (start < end) return { from: start, to: end };
    return wrong(field, 'bad-port-range', `start ${start} is not below end ${end}`, 'Write number for a single port.');
  },
);

const destinationPort: Read<PortRange> = converted(object({ number: port, range }), (read, field) => {
  if (read.number !== undefined && read.range === undefined) return { from: read.number, to: read.number };
  return (read.number === undefined ? read.range : undefined) ?? oneField(field, 'number or range');
});

const transport = object({ destinationPort });

const fields = object({ tcp: transport, udp: transport, sctp: transport, destinationNamedPort: portName });

/** C5: exactly one of the transports, or a name that any transport may carry. */
export const protocol: Read<PortMatcher> = converted(fields, (read, field) => {
  const given = Object.keys(read).filter((key) => read[key as keyof typeof read] !== undefined);
  const [only] = given;
  if (only === undefined || given.length > 1) return oneField(field, 'tcp, udp, sctp or destinationNamedPort');
  if (read.destinationNamedPort !== undefined) return { portName: read.destinationNamedPort };
  const ports = read[only as 'tcp' | 'udp' | 'sctp']?.destinationPort;
  return { protocol: PROTOCOL_NUMBERS[only.toUpperCase()] as number, ...(ports && { ports: [ports] }) };
});

function oneField(field: Field, what: string): undefined {
  return wrong(field, 'bad-port', `it needs exactly one of ${what}`, 'Make several list items of it.');
}
