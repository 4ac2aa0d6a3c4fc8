import type { EdgeEndpoint } from '../../../model/edge.ts';
import { endpointName } from '../../../model/endpoint.ts';
import type { Policy, PolicyRule, PortMatcher, Side } from '../../../model/policy.ts';
import { decide } from '../../decide/decide.ts';
import type { Traffic } from '../../match/traffic.ts';
import { YES } from '../../match/truth.ts';
import { rulesOf, ruleText } from '../matchers.ts';
import { matches, meant } from '../matching.ts';
import type { LintContext, LintProblem, LintRule } from '../rule.ts';

/** A rule may name this many peers; wider ones do not speak of a connection that somebody had in mind. */
const MOST_PEERS = 5;
const MOST_PAIRS = 2_000;

/** A connection needs both ends: an allow at one end is of no use while the other end denies it. */
export const missingOtherHalf: LintRule = {
  id: 'missing-other-half',
  intent: 'An allow rule names peers whose own policies deny the same connection, so it does not come about.',
  severity: 'warning',
  needs: 'workloads',
  check: (context) =>
    context.set.policies
      .filter(({ staged }) => !staged)
      .flatMap((policy) => rulesOf(policy).flatMap(({ side, rule }) => ofRule(context, { policy, side, rule }))),
};

interface Place {
  readonly policy: Policy;
  readonly side: Side;
  readonly rule: PolicyRule;
}

function ofRule(context: LintContext, { policy, side, rule }: Place): LintProblem[] {
  const service = serviceOf(rule);
  if (rule.action !== 'allow' || service === undefined || rule.peer.match === 'anything') return [];
  const own = meant(context, policy.subject);
  const peers = meant(context, rule.peer).filter((end) => matches(context, rule.peer, end) === YES);
  const names = new Set(peers.map(endpointName));
  if (names.size === 0 || names.size > MOST_PEERS || own.length * peers.length > MOST_PAIRS) return [];
  const blocked = peers.filter((peer) => own.every((end) => !reaches(context, { side, own: end, peer, service })));
  const list = [...new Set(blocked.map(endpointName))];
  if (list.length === 0 || own.length === 0) return [];
  const other = side === 'ingress' ? 'egress' : 'ingress';
  const whom = side === 'ingress' ? 'from' : 'to';
  return [
    {
      policy,
      message: `${ruleText(side, rule)} allows traffic ${whom} ${list.join(', ')}, whose own ${other} policies deny it`,
      remedy: `Allow it in the ${other} policy of the other end too, or remove this rule.`,
    },
  ];
}

interface Meeting {
  readonly side: Side;
  readonly own: EdgeEndpoint;
  readonly peer: EdgeEndpoint;
  readonly service: Pick<Traffic, 'protocol' | 'port'>;
}

/** Whether the far end lets through what this end allows; what this end denies for other reasons is no half. */
function reaches({ compiled }: LintContext, { side, own, peer, service }: Meeting): boolean {
  const [client, server] = side === 'ingress' ? [peer, own] : [own, peer];
  if (own.namespace === peer.namespace && own.workload === peer.workload) return true;
  const verdict = decide(compiled, { client, server, ...service });
  return verdict[side].decision !== 'allow' || verdict[side === 'ingress' ? 'egress' : 'ingress'].decision !== 'deny';
}

/** The first service the rule names; a rule for all traffic stands for none in particular. */
function serviceOf({ ports }: PolicyRule): Pick<Traffic, 'protocol' | 'port'> | undefined {
  const [first] = (ports ?? []).flatMap((matcher: PortMatcher) =>
    'ports' in matcher && matcher.ports?.[0] !== undefined
      ? [{ protocol: matcher.protocol ?? 6, port: matcher.ports[0].from }]
      : [],
  );
  return first;
}
