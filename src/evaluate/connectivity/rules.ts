import type { EndpointMatcher, Side } from '../../model/policy.ts';
import type { Compiled } from '../compile/compile.ts';
import type { EndpointClass } from '../compile/endpoint-class.ts';
import type { PlannedRule, SidePlan } from '../compile/plan.ts';
import { CloserLook } from '../decide/closer.ts';
import { endsOf } from '../decide/ends.ts';
import type { NamedPort } from '../match/facts.ts';
import type { Truth } from '../match/truth.ts';
import type { PortSpace, PortTruth } from './ports.ts';

/** What the rules of one side say about services, worked out once for all pairs. */
export interface SideRules {
  readonly plan: SidePlan;
  readonly space: PortSpace;
  /** By bit: the rule compares both ends with each other, so classes alone do not settle it. */
  readonly relational: readonly boolean[];
  /** By bit: ports of the rule depend on the server. */
  readonly named: readonly boolean[];
  readonly services: Map<number, PortTruth>;
  readonly namedServices: Map<string, PortTruth>;
}

export function sideRules(plan: SidePlan, space: PortSpace): SideRules {
  return {
    plan,
    space,
    relational: plan.rules.map((rule) => rule !== undefined && isRelational(rule)),
    named: plan.rules.map((rule) =>
      [...(rule?.ports ?? []), ...(rule?.notPorts ?? [])].some(({ name }) => name !== ''),
    ),
    services: new Map(),
    namedServices: new Map(),
  };
}

function isRelational({ rule }: PlannedRule): boolean {
  return rule.self !== undefined || compares(rule.peer);
}

/** Whether an atom asks about both ends together, or about what only single connections show. */
function compares(matcher: EndpointMatcher): boolean {
  switch (matcher.match) {
    case 'all':
    case 'some':
      return matcher.of.some(compares);
    case 'not':
      return compares(matcher.of);
    case 'sameNamespaceLabels':
    case 'ownNode':
    case 'dnsName':
      return true;
    default:
      return false;
  }
}

/** Services of the rule at `bit`, for a server with these container ports. */
export function servicesOf(rules: SideRules, bit: number, namedPorts: readonly NamedPort[] | undefined): PortTruth {
  if (!rules.named[bit]) return remembered(rules.services, bit, () => compute(undefined));
  const key = `${bit}\0${JSON.stringify(namedPorts)}`;
  return remembered(rules.namedServices, key, () => compute(namedPorts));

  function compute(names: readonly NamedPort[] | undefined): PortTruth {
    return rules.space.ofRule(rules.plan.rules[bit] as PlannedRule, names);
  }
}

function remembered<K, V>(known: Map<K, V>, key: K, create: () => V): V {
  const found = known.get(key);
  if (found !== undefined) return found;
  const created = create();
  known.set(key, created);
  return created;
}

/** Both ends of a pair, as one side sees them. */
export interface Pair {
  readonly client: EndpointClass;
  readonly server: EndpointClass;
}

/** Whether subject and peer of a relational rule match for this very pair. */
export function closerTruth(compiled: Compiled, { side, pair }: { readonly side: Side; readonly pair: Pair }) {
  const traffic = { client: pair.client.facts.endpoint, server: pair.server.facts.endpoint, protocol: 0, port: 0 };
  const look = new CloserLook(compiled, side, endsOf(compiled, traffic));
  return (planned: PlannedRule): Truth => look.peer(planned);
}

/** Source ports and conditions are in no manifest. */
export function hingesOnMore({ rule }: PlannedRule): boolean {
  return Boolean(rule.conditions?.length) || rule.sourcePorts !== undefined || rule.notSourcePorts !== undefined;
}
