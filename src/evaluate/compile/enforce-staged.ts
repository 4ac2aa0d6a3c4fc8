import { type Policy, type PolicyRef, type PolicySet, policyName } from '../../model/policy.ts';

/** A policy set with its staged policies let go, and what that means. */
export interface LetGo {
  readonly policySet: PolicySet;
  /** Policies in force whose place a staged one of their name takes, or that one removes. */
  readonly replaced: readonly PolicyRef[];
  readonly removed: readonly PolicyRef[];
  /** Staged policies that would not come into force either. */
  readonly leftOut: readonly PolicyRef[];
}

/** The policies that would be in force if everything that is staged were let go. */
export function enforceStaged(set: PolicySet): LetGo {
  const staged = set.policies.filter((policy) => policy.staged);
  const effective = new Map(staged.filter(({ letGo }) => letGo !== 'nothing').map((one) => [enforcedKey(one), one]));
  const replaced: PolicyRef[] = [];
  const removed: PolicyRef[] = [];
  const policies = set.policies.flatMap((policy): Policy[] => {
    if (policy.staged) return comesIntoForce(policy) ? [{ ...policy, staged: false }] : [policy];
    const successor = effective.get(enforcedKey(policy));
    if (successor === undefined) return [policy];
    (successor.letGo === 'delete' ? removed : replaced).push(policy.ref);
    return [];
  });
  return {
    policySet: { ...set, policies },
    replaced,
    removed,
    leftOut: staged.filter((policy) => policy.letGo === 'nothing').map(({ ref }) => ref),
  };
}

function comesIntoForce({ letGo }: Policy): boolean {
  return letGo === undefined;
}

/** The object that a staged policy becomes: the kind without `Staged`, in the same tier, under the same name. */
function enforcedKey({ ref, stage }: Policy): string {
  const { namespace, name } = ref;
  if (ref.kind === 'StagedKubernetesNetworkPolicy') return `NetworkPolicy ${policyName(ref)}`;
  if (ref.dialect !== 'calico') return `${ref.kind} ${policyName(ref)}`;
  // Calico stores the name of the tier in front of the name.
  const own = name.startsWith(`${stage}.`) ? name.slice(stage.length + 1) : name;
  return `calico ${ref.kind.replace('Staged', '')} ${stage} ${policyName({ namespace, name: own })}`;
}
