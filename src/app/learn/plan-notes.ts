import type { OutputForm } from '../../dialects/micropolicies/form.ts';
import type { Learned, LearnNote } from '../../model/pair.ts';

/** What the form of the output cannot say as exactly as it was learned. */
export function formNotes(learned: Learned, { dialect }: OutputForm): LearnNote[] {
  if (dialect === 'cluster') return callersOutside(learned);
  return dialect === 'cilium' ? wholeNodes(learned) : [];
}

/** ClusterNetworkPolicy neither lets in nor keeps out what is no pod. */
function callersOutside({ defaultDeny }: Learned): LearnNote[] {
  const isolated = defaultDeny.ingress.members.length;
  if (isolated === 0) return [];
  const message = `ClusterNetworkPolicy names callers that are pods only: ${isolated} isolated workloads stay open to callers from outside the cluster and from nodes.`;
  const remedy = 'Write a second folder in another dialect where that matters.';
  return [{ rule: 'outside-callers-not-expressible', message, remedy }];
}

/** Cilium knows nodes as an entity, not by their addresses. */
function wholeNodes({ pairs }: Learned): LearnNote[] {
  const named = pairs.filter(({ service, client }) =>
    [...service.outside, ...client.outside].some((peer) => peer.peer === 'addresses' && peer.kind === 'host'),
  );
  if (named.length === 0) return [];
  const functions = named.map((pair) => pair.function).join(', ');
  const message = `Cilium names all nodes at once: ${functions} grant every node what some were seen to need.`;
  return [{ rule: 'nodes-as-a-whole', message, remedy: 'Look at the ports of these functions.' }];
}
