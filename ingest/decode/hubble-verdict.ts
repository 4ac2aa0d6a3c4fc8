import type { FlowVerdict, Reason } from '../../src/model/enums.ts';
import { count } from './fields.ts';
import { EVENT, type HubbleEvent } from './hubble-event.ts';
import type { HubbleMessage } from './hubble-record.ts';

/** What a Hubble verdict and its drop reason mean. */
export interface HubbleVerdict {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
}

const verdict = (name: FlowVerdict, reason: Reason = 'none'): HubbleVerdict => Object.freeze({ verdict: name, reason });

const UNKNOWN = verdict('unknown');
const ALLOW = verdict('allow');
/** Lost in the data path: says nothing about policy. */
const FAULT = verdict('error', 'other_drop');
const DEFAULT_DENY = verdict('deny', 'default_deny');
const EXPLICIT_DENY = verdict('deny', 'explicit_deny');
const L7_DENY = verdict('deny', 'l7_deny');
/** A drop whose reason was masked away; most that Hubble reports are policy drops, and hiding them would be worse. */
const DENY = verdict('deny');

/** Bookkeeping of socket and address translation, not traffic: gives no row. */
export const BOOKKEEPING = Symbol('bookkeeping');

/** `Verdict` of cilium/cilium api/v1/flow/flow.proto by name and number; 15 and 16 are Retina's. */
const VERDICTS = new Map<unknown, HubbleVerdict | 'dropped' | typeof BOOKKEEPING>([
  ['VERDICT_UNKNOWN', UNKNOWN],
  [0, UNKNOWN],
  ['FORWARDED', ALLOW],
  [1, ALLOW],
  ['DROPPED', 'dropped'],
  [2, 'dropped'],
  ['ERROR', FAULT],
  [3, FAULT],
  ['AUDIT', verdict('audit', 'would_deny')],
  [4, verdict('audit', 'would_deny')],
  ['REDIRECTED', ALLOW],
  [5, ALLOW],
  ['TRACED', BOOKKEEPING],
  [6, BOOKKEEPING],
  ['TRANSLATED', BOOKKEEPING],
  [7, BOOKKEEPING],
  ['RETRANSMISSION', BOOKKEEPING],
  [15, BOOKKEEPING],
  // A DNS message that Retina saw on the wire: it was not dropped there.
  ['DNS', ALLOW],
  [16, ALLOW],
]);

/** Drops by policy, by name and number of `DropReason`; every other reason is a fault of the data path. */
const POLICY_DROPS = new Map<unknown, HubbleVerdict>([
  ['POLICY_DENIED', DEFAULT_DENY],
  [133, DEFAULT_DENY],
  ['POLICY_DENY', EXPLICIT_DENY],
  [181, EXPLICIT_DENY],
  ['AUTH_REQUIRED', verdict('deny', 'auth')],
  [189, verdict('deny', 'auth')],
]);

/** What a `verdict` field means, before drop reasons are looked at. */
export function isDropped(value: unknown): boolean {
  return VERDICTS.get(value) === 'dropped';
}

/** Verdict and reason of a flow, or that it is bookkeeping. */
export function readVerdict(flow: HubbleMessage, event: HubbleEvent): HubbleVerdict | typeof BOOKKEEPING {
  const found = VERDICTS.get(flow.verdict) ?? UNKNOWN;
  return found === 'dropped' ? dropped(flow, event) : found;
}

/** `drop_reason_desc` first, then the deprecated number, then what the kind of event implies. */
function dropped(flow: HubbleMessage, event: HubbleEvent): HubbleVerdict {
  const description = flow.drop_reason_desc;
  if (typeof description === 'string' && description !== '' && description !== 'DROP_REASON_UNKNOWN')
    return POLICY_DROPS.get(description) ?? FAULT;
  const code = count(description) || count(flow.drop_reason);
  if (code !== 0) return POLICY_DROPS.get(code) ?? FAULT;
  if (event.isL7) return L7_DENY;
  if (event.type === EVENT.policy) return hasEntries(flow) ? EXPLICIT_DENY : DEFAULT_DENY;
  if (event.type !== EVENT.drop) return DENY;
  return POLICY_DROPS.get(event.subType) ?? FAULT;
}

/** Only an explicit deny has a rule to name. */
function hasEntries(flow: HubbleMessage): boolean {
  const egress = flow.egress_denied_by;
  const ingress = flow.ingress_denied_by;
  return (Array.isArray(egress) && egress.length > 0) || (Array.isArray(ingress) && ingress.length > 0);
}

/** Whether a verdict is Retina's mark of a DNS message. */
export function isRetinaDns(flow: HubbleMessage): boolean {
  return flow.verdict === 16 || flow.verdict === 'DNS';
}
