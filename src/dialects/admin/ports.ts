import type { PortMatcher } from '../../model/policy.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { port } from '../cluster/protocols.ts';
import { converted, object, oneOf, type Read, required, wrong } from '../document/fields.ts';
import { portName } from '../document/syntax.ts';

const protocol = oneOf('TCP', 'UDP', 'SCTP');

function matcher(name: 'TCP' | 'UDP' | 'SCTP' | undefined, from: number, to: number): PortMatcher {
  return { protocol: PROTOCOL_NUMBERS[name ?? 'TCP'] as number, ports: [{ from, to }] };
}

const portNumber = converted(object({ protocol, port: required(port) }), (read) =>
  matcher(read.protocol, read.port, read.port),
);

const portRange = converted(
  object({ protocol, start: required(port), end: required(port) }),
  ({ protocol: name, start, end }, field) => {
    if (start < end) return matcher(name, start, end);
    const remedy = 'Write portNumber for a single port.';
    return wrong(field, 'bad-port-range', `start ${start} is not below end ${end}`, remedy);
  },
);

const namedPort: Read<PortMatcher> = converted(portName, (name) => ({ portName: name }));

/** A10: exactly one of the three; any protocol may carry the name. */
export const portItem: Read<PortMatcher> = converted(object({ portNumber, portRange, namedPort }), (read, field) => {
  const given = Object.values(read).filter((one) => one !== undefined);
  const [only] = given;
  if (only !== undefined && given.length === 1) return only;
  const message = 'it needs exactly one of portNumber, portRange or namedPort';
  return wrong(field, 'bad-port', message, 'Make several list items of it.');
});
