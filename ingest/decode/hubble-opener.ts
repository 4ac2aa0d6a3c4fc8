import { object } from './fields.ts';
import { EVENT, type HubbleEvent } from './hubble-event.ts';
import { l7Type } from './hubble-l7.ts';
import type { Layer4 } from './hubble-layer4.ts';
import type { HubbleMessage } from './hubble-record.ts';
import { isDropped } from './hubble-verdict.ts';
import { type Opener, openerByKind, openerByPorts } from './orientation.ts';

/** What the ladder looks at besides the flow record itself. */
export interface OpenerEvidence {
  readonly event: HubbleEvent;
  readonly layer4: Layer4;
  /** Retina without conntrack writes `is_reply: false` on everything; only `true` means something there. */
  readonly trustsForward: boolean;
}

const opener = (oriented: Opener['oriented'], order: Opener['order']): Opener => Object.freeze({ oriented, order });
const FORWARD = opener('reported', 'forward');
const REPLY = opener('reported', 'reply');
const SYN = opener('flags', 'forward');
const SYN_ACK = opener('flags', 'reply');
const BY_PORT = opener('ports', 'forward');
const UNKNOWN = opener('unknown', 'forward');
const FIRST_EPHEMERAL_PORT = 32_768;

/** Connection tracking's view of a packet: all but REPLY (and RELATED, which may be either) run forward. */
const TRACE_REASONS = new Map<unknown, Opener>([
  ['NEW', FORWARD],
  ['ESTABLISHED', FORWARD],
  ['REOPENED', FORWARD],
  ['REPLY', REPLY],
]);

/** Who opened the connection: told by the agent, else flags, ICMP type, the kind of event, ports; see `Opener`. */
export function hubbleOpener(flow: HubbleMessage, evidence: OpenerEvidence): Opener {
  return (
    reported(flow, evidence) ??
    byFlags(evidence.layer4) ??
    openerByKind(evidence.layer4.protocol, evidence.layer4.icmpType) ??
    byEvent(flow, evidence.event.type) ??
    byPorts(evidence.layer4) ??
    UNKNOWN
  );
}

function reported(flow: HubbleMessage, evidence: OpenerEvidence): Opener | undefined {
  const isReply = replyFlag(flow.is_reply);
  if (isReply === false && evidence.trustsForward) return FORWARD;
  if (isReply === true || flow.reply === true) return REPLY;
  const asked = l7Type(evidence.event.l7);
  if (asked === 'REQUEST') return FORWARD;
  if (asked === 'RESPONSE') return REPLY;
  return TRACE_REASONS.get(flow.trace_reason);
}

/** Some encoders write the wrapper message of a protobuf BoolValue out. */
function replyFlag(value: unknown): unknown {
  return typeof value === 'boolean' ? value : (object(value)?.value ?? value);
}

function byFlags({ flags }: Layer4): Opener | undefined {
  if (flags === undefined || flags.SYN !== true) return undefined;
  return flags.ACK === true ? SYN_ACK : SYN;
}

/** A dropped packet and one that a policy decided on are nearly always the first of their connection. */
function byEvent(flow: HubbleMessage, eventType: number): Opener | undefined {
  const decided = eventType === EVENT.drop || eventType === EVENT.policy || isDropped(flow.verdict);
  return decided ? FORWARD : undefined;
}

/** A lone low destination port (the source port masked or aggregated away) is a listener's too. */
function byPorts({ sourcePort, destinationPort }: Layer4): Opener | undefined {
  if (sourcePort === 0 && destinationPort > 0 && destinationPort < FIRST_EPHEMERAL_PORT) return BY_PORT;
  return openerByPorts(sourcePort, destinationPort);
}
