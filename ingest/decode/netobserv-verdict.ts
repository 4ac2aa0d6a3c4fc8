import type { Attribution, FlowVerdict, Reason } from '../../src/model/enums.ts';
import type { JsonObject } from './decoder.ts';
import { count, list, part, present, text } from './fields.ts';
import { type PolicyRefKind, policyRef } from './policy-ref.ts';

export interface SliceOutcome {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly attribution: Attribution;
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
}

/** Types of OVN-Kubernetes ACL events that name a policy; the others (node, namespace isolation …) name none. */
const KINDS: Readonly<Record<string, PolicyRefKind>> = {
  NetworkPolicy: 'knp',
  AdminNetworkPolicy: 'anp',
  BaselineAdminNetworkPolicy: 'banp',
  ClusterNetworkPolicy: 'gcnp',
};

/** Drop causes by which Open vSwitch and netfilter carry out policies; all others are faults of the data path. */
const POLICY_CAUSES = new Set(['OVS_DROP_EXPLICIT', 'SKB_DROP_REASON_NETFILTER_DROP']);

interface AclEvent {
  readonly action: string;
  readonly ref: string;
}

function aclEvents(record: JsonObject): readonly AclEvent[] {
  return list(record.NetworkEvents)
    .map(part)
    .filter((event) => text(event.Feature) === 'acl')
    .map((event) => {
      const kind = KINDS[text(event.Type)];
      const [scope, name] = [present(event.Namespace), present(event.Name)];
      const ref = kind === undefined || name === '' ? '' : policyRef({ kind, scope, name, rule: '' });
      return { action: text(event.Action), ref };
    });
}

const refs = (events: readonly AclEvent[]): readonly string[] => [
  ...new Set(events.map((event) => event.ref).filter((ref) => ref !== '')),
];

/**
 * Policy events first, then drops, else "allowed" only when an answer shows that the packets arrived: a packet seen
 * leaving may still be dropped further on.
 */
export function sliceOutcome(record: JsonObject, answered: boolean): SliceOutcome {
  const events = aclEvents(record);
  const allowing = events.filter((event) => event.action.startsWith('allow'));
  const dropping = events.filter((event) => event.action === 'drop');
  const allowedBy = refs(allowing);
  if (dropping.length > 0) {
    const deniedBy = refs(dropping);
    const reason = deniedBy.length > 0 ? 'explicit_deny' : 'default_deny';
    return { verdict: 'deny', reason, attribution: deniedBy.length > 0 ? 'full' : 'partial', allowedBy, deniedBy };
  }
  const told = { attribution: allowedBy.length > 0 ? 'partial' : 'none', allowedBy, deniedBy: [] } as const;
  if (count(record.PktDropPackets) > 0 || count(record.PktDropBytes) > 0) {
    return POLICY_CAUSES.has(text(record.PktDropLatestDropCause))
      ? { ...told, verdict: 'deny', reason: 'default_deny' }
      : { ...told, verdict: 'error', reason: 'other_drop' };
  }
  const passed = allowing.length > 0 || (answered && count(record.Bytes ?? record.Bytes_AB) > 0);
  return { ...told, verdict: passed ? 'allow' : 'unknown', reason: 'none' };
}
