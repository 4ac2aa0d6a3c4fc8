import { compareText } from '../../src/util/compare.ts';
import type { JsonObject } from './decoder.ts';
import { list, object, text, texts } from './fields.ts';
import { type PolicyRefKind, policyRef } from './policy-ref.ts';

const KINDS: Readonly<Record<string, PolicyRefKind>> = {
  CiliumNetworkPolicy: 'cnp',
  CiliumClusterwideNetworkPolicy: 'ccnp',
  NetworkPolicy: 'knp',
  ClusterNetworkPolicy: 'gcnp',
  AdminNetworkPolicy: 'anp',
  BaselineAdminNetworkPolicy: 'banp',
};

const NONE: readonly string[] = Object.freeze([]);

/** References of one or two policy lists of a flow (`egress_allowed_by`, `ingress_allowed_by` …), sorted, each once. */
export function policiesOf(egress: unknown, ingress: unknown): readonly string[] {
  if (!Array.isArray(egress) && !Array.isArray(ingress)) return NONE;
  const named = [...list(egress), ...list(ingress)].flatMap((entry) => {
    const policy = object(entry);
    const reference = policy === undefined ? '' : nameOf(policy);
    return reference === '' ? [] : [reference];
  });
  return [...new Set(named)].sort(compareText);
}

/** Before Cilium 1.18 the kind stands in a label only; without either it is taken for a CiliumNetworkPolicy. */
function nameOf(policy: JsonObject): string {
  const labels = texts(policy.labels);
  const label = (key: string): string => {
    const found = labels.find((entry) => entry.includes(`${key}=`));
    return found === undefined ? '' : found.slice(found.indexOf('=') + 1);
  };
  const name = text(policy.name) || label('io.cilium.k8s.policy.name');
  if (name === '') return '';
  const kind = KINDS[text(policy.kind) || label('io.cilium.k8s.policy.derived-from')] ?? 'cnp';
  const scope = text(policy.namespace) || label('io.cilium.k8s.policy.namespace');
  return policyRef({ kind, scope, name, rule: '' });
}
