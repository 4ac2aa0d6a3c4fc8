import type { EndpointMatcher, Policy, PolicyRule } from '../../../model/policy.ts';
import { alternatives, rulesOf, ruleText } from '../matchers.ts';
import type { LintRule } from '../rule.ts';

/**
 * Two list items of one rule, one that names namespaces only and one that names pods of the own namespace only: most
 * often one item with both was meant, and a single dash makes the difference (K13).
 */
export const separatePeers: LintRule = {
  id: 'separate-peers',
  intent: 'namespaceSelector and podSelector in two list items are alternatives; in one item both must hold.',
  severity: 'warning',
  needs: 'policies',
  check: ({ set }) =>
    set.policies.flatMap((policy) =>
      rulesOf(policy)
        .filter(({ rule }) => isSlip(policy, rule))
        .map(({ side, rule }) => ({
          policy,
          message: `${ruleText(side, rule)} lets in every pod of the namespaces it names, and apart from that pods of ${policy.ref.namespace}: a namespaceSelector and a podSelector stand in separate list items`,
          remedy: 'Remove the dash before podSelector if both must hold; keep it, and say so in a comment, if not.',
        })),
    ),
};

function isSlip({ ref }: Policy, { peer }: PolicyRule): boolean {
  const items = alternatives(peer);
  const whole = items.filter(({ match }) => match === 'namespaceLabels');
  const own = items.filter((item) => isOwnPods(item, ref.namespace));
  return items.length === 2 && whole.length === 1 && own.length === 1;
}

/** Pods of the policy's own namespace that some labels pick. */
function isOwnPods(matcher: EndpointMatcher, namespace: string): boolean {
  if (matcher.match !== 'all') return false;
  const own = matcher.of.some((part) => part.match === 'namespaceName' && part.names.join() === namespace);
  return own && matcher.of.length === 2 && matcher.of.some(({ match }) => match === 'labels');
}
