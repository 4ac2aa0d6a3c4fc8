import type { OutputDialect } from '../../src/dialects/micropolicies/form.ts';
import type { Side } from '../../src/model/policy.ts';
import type { Verdict } from '../../src/model/verdict.ts';

/** Traffic that a dialect decides otherwise than NetworkPolicies do, but for what it cannot speak about at all. */
export function differences(
  reference: ReadonlyMap<string, Verdict>,
  found: ReadonlyMap<string, Verdict>,
  dialect: OutputDialect | undefined,
): string[] {
  return [...reference].flatMap(([tuple, wanted]) => {
    const got = found.get(tuple);
    const fromPod = tuple.startsWith('pod ');
    const same = (side: Side): boolean => {
      const [known, own] = [wanted[side].decision, got?.[side].decision];
      // Cilium knows the API server as a node, too, where it runs on one.
      const maybeNode = dialect === 'cilium' && tuple.includes('apiserver') && own === 'uncertain';
      return known === 'uncertain' || known === own || maybeNode;
    };
    const egress = dialect === 'istio' || same('egress');
    const silent = (dialect === 'cluster' && !fromPod) || (dialect === 'istio' && !/ 6\/\d+$/.test(tuple));
    const ingress = silent || same('ingress');
    if (egress && ingress) return [];
    const text = (one: Verdict | undefined): string => `${one?.egress.decision}/${one?.ingress.decision}`;
    return [`${tuple}: ${text(wanted)}, not ${text(got)}`];
  });
}
