import type { EndpointMatcher, Policy, PolicyRule, PortMatcher, Side } from '../../../model/policy.ts';
import { alternatives, rulesOf, ruleText } from '../matchers.ts';
import type { LintProblem, LintRule } from '../rule.ts';

/** More ports at once than any service needs. */
const MANY_PORTS = 1_000;

/** A grant that nobody could have listed is one that nobody checked. */
export const tooBroad: LintRule = {
  id: 'too-broad',
  intent: 'An allow rule that opens everything, everyone or thousands of ports undoes what isolating is for.',
  severity: 'warning',
  needs: 'policies',
  check: ({ set }) =>
    set.policies.flatMap((policy) => rulesOf(policy).flatMap(({ side, rule }) => ofRule(policy, side, rule))),
};

function ofRule(policy: Policy, side: Side, rule: PolicyRule): LintProblem[] {
  if (rule.action !== 'allow') return [];
  const everyone = alternatives(rule.peer).some(isEveryone);
  const where = ruleText(side, rule);
  const word = side === 'ingress' ? 'from' : 'to';
  if (everyone && rule.ports === undefined) {
    const remedy = 'Name peers or ports; if all of it is meant, leave the direction out of the policy.';
    return [{ policy, message: `${where} allows all traffic ${word} anywhere`, remedy }];
  }
  const ports = (rule.ports ?? []).reduce((sum, port) => sum + sizeOf(port), 0);
  if (ports >= MANY_PORTS) {
    return [{ policy, message: `${where} opens ${ports} ports`, remedy: 'Name the ports that are served.' }];
  }
  const allPods = alternatives(rule.peer).some(({ match }) => match === 'pod');
  if (!allPods || rule.ports !== undefined) return [];
  return [
    {
      policy,
      message: `${where} allows all traffic ${word} every pod of the cluster`,
      remedy: 'Name namespaces, labels or ports.',
    },
  ];
}

function isEveryone(matcher: EndpointMatcher): boolean {
  if (matcher.match === 'anything') return true;
  return matcher.match === 'cidr' && matcher.except.length === 0 && matcher.cidrs.some((cidr) => cidr.endsWith('/0'));
}

function sizeOf(port: PortMatcher): number {
  if ('portName' in port || 'icmpType' in port || 'icmpCode' in port) return 1;
  if (!('ports' in port) || port.ports === undefined) return 65_535;
  return port.ports.reduce((sum, { from, to }) => sum + to - from + 1, 0);
}
