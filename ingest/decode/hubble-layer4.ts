import type { JsonObject } from './decoder.ts';
import { count, object, port } from './fields.ts';

/** The transport part of a Hubble flow, in packet order. */
export interface Layer4 {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** 255 when the flow is not ICMP. */
  readonly icmpType: number;
  readonly flags: JsonObject | undefined;
}

const NO_LAYER4: Layer4 = { protocol: 0, sourcePort: 0, destinationPort: 0, icmpType: 255, flags: undefined };
const WITHOUT_PORTS: readonly (readonly [string, number])[] = [
  ['ICMPv4', 1],
  ['ICMPv6', 58],
  ['VRRP', 112],
  ['IGMP', 2],
];

/** Reads the one member that `l4` has. Absent ports are 0, absent ICMP types 0 (echo reply), as in protobuf JSON. */
export function readLayer4(value: unknown): Layer4 {
  const layer4 = object(value);
  if (layer4 === undefined) return NO_LAYER4;
  const tcp = object(layer4.TCP);
  if (tcp !== undefined) return withPorts(6, tcp);
  const udp = object(layer4.UDP);
  if (udp !== undefined) return withPorts(17, udp);
  const sctp = object(layer4.SCTP);
  if (sctp !== undefined) return withPorts(132, sctp);
  for (const [name, protocol] of WITHOUT_PORTS) {
    const found = object(layer4[name]);
    if (found === undefined) continue;
    const icmpType = protocol === 1 || protocol === 58 ? Math.min(count(found.type), 255) : 255;
    return { protocol, sourcePort: 0, destinationPort: 0, icmpType, flags: undefined };
  }
  return NO_LAYER4;
}

function withPorts(protocol: number, found: JsonObject): Layer4 {
  return {
    protocol,
    sourcePort: port(found.source_port),
    destinationPort: port(found.destination_port),
    icmpType: 255,
    flags: protocol === 6 ? object(found.flags) : undefined,
  };
}
