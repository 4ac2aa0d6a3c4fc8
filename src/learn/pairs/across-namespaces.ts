import type { EndpointMatcher } from '../../model/policy.ts';
import { appendTo } from '../../util/append-to.ts';
import type { HalfPolicy } from './to-policies.ts';

/** Where the pods of one policy of `toPolicies` are, and how they are named. */
interface Pods {
  readonly namespaces: readonly string[];
  readonly labels: EndpointMatcher;
}

/**
 * One policy for each half instead of one for each namespace and selector, for dialects whose policies can span them.
 * Namespaces that stay apart have one each: no dialect can ask for a peer in the same namespace from outside of it.
 */
export function acrossNamespaces(halves: readonly HalfPolicy[]): HalfPolicy[] {
  const groups = new Map<string, HalfPolicy[]>();
  for (const half of halves) appendTo(groups, `${half.half} ${half.pair?.function ?? ''} ${ownNamespace(half)}`, half);
  return [...groups.values()].map(merged);
}

/** The namespace of a policy that stays apart from other namespaces; empty for all others. */
function ownNamespace({ pair, policy: { ref } }: HalfPolicy): string {
  return pair?.scope?.includes(ref.namespace) ? ref.namespace : '';
}

/** All policies of one half say the same of their pods; the first has the plain name. */
function merged(group: readonly HalfPolicy[]): HalfPolicy {
  const first = group[0] as HalfPolicy;
  const { policy } = first;
  const own = ownNamespace(first);
  const subjects = bySelector(group.map((one) => podsOf(one.policy.subject)));
  const [only] = subjects;
  const name = own === '' ? policy.ref.name : `${policy.ref.name}-${own}`;
  const ref = { ...policy.ref, kind: '', namespace: '', name };
  const subject: EndpointMatcher = subjects.length === 1 && only ? only : { match: 'some', of: subjects };
  return { ...first, policy: { ...policy, ref, subject } };
}

function podsOf(subject: EndpointMatcher): Pods {
  const parts = subject.match === 'all' ? subject.of : [subject];
  const namespaces = parts.flatMap((part) => (part.match === 'namespaceName' ? part.names : []));
  return { namespaces, labels: { match: 'all', of: parts.filter(({ match }) => match !== 'namespaceName') } };
}

/** Namespaces that share a selector share a subject. */
function bySelector(all: readonly Pods[]): EndpointMatcher[] {
  const groups = new Map<string, Pods[]>();
  for (const pods of all) appendTo(groups, JSON.stringify(pods.labels), pods);
  return [...groups.values()].map((group) => {
    const names = group.flatMap(({ namespaces }) => namespaces);
    const labels = group[0]?.labels.match === 'all' ? group[0].labels.of : [];
    return { match: 'all', of: [{ match: 'namespaceName', names }, ...labels] };
  });
}
