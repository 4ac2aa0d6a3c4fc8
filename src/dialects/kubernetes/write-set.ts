import type { Policy, PolicySet } from '../../model/policy.ts';
import { Names, type Refusal, type WrittenDocuments } from '../writing/documents.ts';
import { type PlainObject, writeNetworkPolicy } from './write.ts';

/**
 * Writes a whole policy set as NetworkPolicies. These know one stage and no order, so the stage that isolates is written
 * and policies of other stages, which would come before or after it, are refused.
 */
export function writeKubernetes(set: PolicySet): WrittenDocuments {
  const documents: PlainObject[] = [];
  const refusals: Refusal[] = [];
  const home = homeStage(set);
  const names = new Map<string, Names>();
  for (const policy of set.policies) {
    const written = policy.staged
      ? { refusal: 'NetworkPolicy has no dry run' }
      : policy.stage !== home
        ? {
            refusal: `it stands in stage ${policy.stage}, and NetworkPolicies know no stages before or after their own`,
          }
        : writeNetworkPolicy(renamed(policy, names));
    if ('refusal' in written) refusals.push({ policy: policy.ref, reason: written.refusal });
    else documents.push(written.document);
  }
  return { documents, refusals };
}

/** The stage in which policies isolate; with several, the first in walking order, which denies before the others. */
function homeStage({ policies, stages }: PolicySet): string | undefined {
  const isolating = new Set(
    policies.filter(({ egress, ingress }) => egress?.isolates || ingress?.isolates).map(({ stage }) => stage),
  );
  return stages.find(({ name }) => isolating.has(name))?.name;
}

/** One document of another dialect may have become several policies. */
function renamed(policy: Policy, names: Map<string, Names>): Policy {
  const { namespace, name } = policy.ref;
  const ofNamespace = names.get(namespace) ?? new Names();
  names.set(namespace, ofNamespace);
  return { ...policy, ref: { ...policy.ref, name: ofNamespace.unique(name) } };
}
