/**
 * Kinds of the policy references stored with a flow: Kubernetes NetworkPolicy (`knp`) and ClusterNetworkPolicy
 * (`gcnp`), AdminNetworkPolicy (`anp`) and its baseline (`banp`), Cilium (`cnp`, `ccnp`), Calico (`np`, `gnp` and the
 * staged `snp`, `sgnp`, `sknp`), Antrea (`annp`, `acnp`), Istio AuthorizationPolicy and Azure's security groups.
 */
export type PolicyRefKind =
  | 'knp'
  | 'gcnp'
  | 'anp'
  | 'banp'
  | 'cnp'
  | 'ccnp'
  | 'np'
  | 'gnp'
  | 'snp'
  | 'sgnp'
  | 'sknp'
  | 'annp'
  | 'acnp'
  | 'istio'
  | 'nsg';

export interface PolicyName {
  readonly kind: PolicyRefKind;
  /** Namespace, or the tier of a tiered cluster-scoped policy; `''` for none. */
  readonly scope: string;
  readonly name: string;
  /** Number or name of the rule; `''` when the source does not say. */
  readonly rule: string;
}

/** `knp:shop/cart#0`, `gnp:security/deny-all#-1`, `ccnp:host-rules`. */
export function policyRef({ kind, scope, name, rule }: PolicyName): string {
  return `${kind}:${scope === '' ? '' : `${scope}/`}${name}${rule === '' ? '' : `#${rule}`}`;
}
