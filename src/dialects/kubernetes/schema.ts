import type { PortMatcher } from '../../model/policy.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import { converted, type Field, integer, list, object, oneOf, type Read, wrong } from '../document/fields.ts';
import { resource } from '../document/metadata.ts';
import { labelSelector } from '../document/selector.ts';
import { portName } from '../document/syntax.ts';
import { peerMatcher } from './read-peer.ts';

/** A number, or the name of a container port: which of the two is told by the type alone. */
export const portOrName: Read<number | string> = (field) =>
  typeof field.value === 'string' ? portName(field) : integer(1, 65_535)(field);

/** K18–K22. */
const port: Read<PortMatcher> = converted(
  object({ protocol: oneOf('TCP', 'UDP', 'SCTP'), port: portOrName, endPort: integer(1, 65_535) }),
  ({ protocol = 'TCP', port: start, endPort }, field) => {
    const number = PROTOCOL_NUMBERS[protocol] as number;
    if (typeof start === 'string') {
      return endPort === undefined
        ? { portName: start, protocol: number }
        : badRange(field, 'cannot follow a port name');
    }
    if (start === undefined) return endPort === undefined ? { protocol: number } : badRange(field, 'needs a port');
    if (endPort !== undefined && endPort < start) return badRange(field, `is below port ${start}`);
    return { protocol: number, ports: [{ from: start, to: endPort ?? start }] };
  },
);

function badRange(field: Field, why: string): undefined {
  return wrong(field, 'bad-port-range', `endPort ${why}`, 'Give a numeric port, and an endPort not below it.');
}

const ports = list(port);

const ingressRule = converted(object({ from: list(peerMatcher), ports }), ({ from, ports }) => ({
  peers: from,
  ports,
}));
const egressRule = converted(object({ to: list(peerMatcher), ports }), ({ to, ports }) => ({ peers: to, ports }));

/** Fields of NetworkPolicy as kubernetes/api networking/v1/types.go has them. */
export const networkPolicy = resource(
  object({
    podSelector: labelSelector,
    policyTypes: list(oneOf('Ingress', 'Egress'), 2),
    ingress: list(ingressRule),
    egress: list(egressRule),
  }),
);
