import type { Orientation } from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import { turned } from './draft.ts';
import { isIcmp } from './protocol.ts';

/** Who opened the connection: `forward` = the source of the packet, `reply` = its destination. */
export interface Opener {
  readonly oriented: Orientation;
  readonly order: 'forward' | 'reply';
}

/** Nothing tells who opened; the order stays as it came. */
export const UNKNOWN_OPENER: Opener = { oriented: 'unknown', order: 'forward' };

/** Below are the ports only privileged programs listen on. */
const FIRST_USER_PORT = 1024;
/** First port Linux gives to outgoing connections by default (`ip_local_port_range`). */
const FIRST_EPHEMERAL_PORT = 32_768;

/**
 * How a mask of TCP flags came about: `window` is OR-ed over all packets of a slice, so that SYN and ACK may come from
 * two packets of the client; `exact` is one packet's, or AWS's, which leaves pure acknowledgements out.
 */
export type FlagsMask = 'window' | 'exact';

/** SYN alone is the opener's; SYN with ACK is the answer where the mask can tell (FIN may join in a short connection). */
export function openerByFlags(protocol: number, flags: number, mask: FlagsMask): Opener | undefined {
  if (protocol !== 6) return undefined;
  if (flags === 0x02 || flags === 0x03) return { oriented: 'flags', order: 'forward' };
  if (mask === 'window') return undefined;
  return flags === 0x12 || flags === 0x13 ? { oriented: 'flags', order: 'reply' } : undefined;
}

type Rank = 0 | 1 | 2;
const rank = (port: number): Rank => (port < FIRST_USER_PORT ? 0 : port < FIRST_EPHEMERAL_PORT ? 1 : 2);

/**
 * A privileged port against any other, or a registered port against an ephemeral one, is the listener's. Two ports of
 * one class say nothing.
 */
export function openerByPorts(sourcePort: number, destinationPort: number): Opener | undefined {
  if (sourcePort === 0 || destinationPort === 0) return undefined;
  const [from, to] = [rank(sourcePort), rank(destinationPort)];
  if (from === to) return undefined;
  return { oriented: 'ports', order: to < from ? 'forward' : 'reply' };
}

/** ICMP echo requests open, echo replies answer; other messages belong to something else. */
export function openerByKind(protocol: number, icmpType: number): Opener | undefined {
  if (!isIcmp(protocol)) return undefined;
  const [request, reply] = protocol === 1 ? [8, 0] : [128, 129];
  if (icmpType === request) return { oriented: 'kind', order: 'forward' };
  return icmpType === reply ? { oriented: 'kind', order: 'reply' } : undefined;
}

/** What the ladder looks at, in packet order. */
export interface PacketFacts {
  readonly protocol: number;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmpType: number;
  readonly tcpFlags: number;
  readonly mask: FlagsMask;
}

/** The ladder for sources that do not say who opened: flags, then ports, then kind; the first that answers counts. */
export function findOpener(facts: PacketFacts): Opener {
  const { protocol } = facts;
  const flags = openerByFlags(protocol, facts.tcpFlags, facts.mask);
  if (flags !== undefined) return flags;
  if (isIcmp(protocol)) return openerByKind(protocol, facts.icmpType) ?? UNKNOWN_OPENER;
  return openerByPorts(facts.sourcePort, facts.destinationPort) ?? UNKNOWN_OPENER;
}

/** Turns a flow in packet order round when it is a reply; such sources report packet-wise, so the vantage turns too. */
export function fromOpener(flow: Flow, opener: Opener): Flow {
  return opener.order === 'reply' ? turned(flow, 'packet-wise') : flow;
}
