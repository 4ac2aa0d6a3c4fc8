import type { Attribution, FlowVerdict, Reason } from '../../src/model/enums.ts';
import type { JsonObject } from './decoder.ts';
import { present, text } from './fields.ts';
import { type PolicyRefKind, policyRef } from './policy-ref.ts';

type RuleAction = 'none' | 'allow' | 'deny';

/** RuleAction as number or pretty-printed; other values ("Invalid") count as not told. */
const ACTIONS = new Map<string, RuleAction>([
  ['1', 'allow'],
  ['Allow', 'allow'],
  ['2', 'deny'],
  ['Drop', 'deny'],
  ['3', 'deny'],
  ['Reject', 'deny'],
]);

const KINDS = new Map<string, PolicyRefKind>([
  ['1', 'knp'],
  ['K8sNetworkPolicy', 'knp'],
  ['2', 'annp'],
  ['AntreaNetworkPolicy', 'annp'],
  ['3', 'acnp'],
  ['AntreaClusterNetworkPolicy', 'acnp'],
  ['4', 'gcnp'],
  ['K8sClusterNetworkPolicy', 'gcnp'],
]);

interface Applied {
  readonly action: RuleAction;
  /** `''` when no policy is named. */
  readonly ref: string;
}

function appliedOn(record: JsonObject, side: 'ingress' | 'egress'): Applied {
  const told = (field: string): string => present(record[`${side}NetworkPolicy${field}`]);
  const name = told('Name');
  const namespace = told('Namespace');
  const kind = KINDS.get(told('Type')) ?? (namespace === '' ? 'acnp' : 'annp');
  const ref = name === '' ? '' : policyRef({ kind, scope: namespace, name, rule: told('RuleName') });
  return { action: ACTIONS.get(text(record[`${side}NetworkPolicyRuleAction`])) ?? 'none', ref };
}

export interface AntreaOutcome {
  readonly verdict: FlowVerdict;
  readonly reason: Reason;
  readonly attribution: Attribution;
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
}

/**
 * At most one policy per direction. A drop without a name is the isolation of some NetworkPolicy; neither name nor
 * action on a side means that nothing selected the pod there.
 */
export function antreaOutcome(record: JsonObject): AntreaOutcome {
  const sides = [appliedOn(record, 'egress'), appliedOn(record, 'ingress')];
  const named = (action: RuleAction): readonly string[] =>
    sides.filter((side) => side.action === action && side.ref !== '').map((side) => side.ref);
  const allowedBy = named('allow');
  if (!sides.some((side) => side.action === 'deny')) {
    return { verdict: 'allow', reason: 'none', attribution: 'full', allowedBy, deniedBy: [] };
  }
  const deniedBy = named('deny');
  const reason = deniedBy.length === 0 ? 'default_deny' : 'explicit_deny';
  return { verdict: 'deny', reason, attribution: deniedBy.length === 0 ? 'partial' : 'full', allowedBy, deniedBy };
}
