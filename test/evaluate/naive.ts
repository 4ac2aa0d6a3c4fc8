import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { EdgeEndpoint } from '../../src/model/edge.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import type { EndpointMatcher, Policy, PolicyRule, PolicySet, PortMatcher, Side } from '../../src/model/policy.ts';
import { selects } from '../../src/model/selector.ts';
import type { Decision } from '../../src/model/verdict.ts';

/**
 * The semantics of the model written down as plainly as possible and as slowly as it may be: an open fact is tried both
 * ways, so there is no three-valued logic here at all. It knows pods with and without labels and outside IPv4
 * addresses, which is what the generated cases consist of.
 */
export function naiveDecision(set: PolicySet, inventory: Inventory, traffic: Traffic): Decision {
  const sides = (['egress', 'ingress'] as const).map((side) => naiveSide(set, inventory, { traffic, side }));
  if (sides.includes('deny')) return 'deny';
  return sides.includes('uncertain') ? 'uncertain' : 'allow';
}

/** Every matcher that hinges on unknown labels is a coin; with few coins all throws can be tried. */
function naiveSide(set: PolicySet, inventory: Inventory, about: { traffic: Traffic; side: Side }): Decision {
  const outcomes = new Set<Decision>();
  const coins = new Map<string, boolean>();
  const asked: string[] = [];
  const throwCoin = (name: string): boolean => {
    const known = coins.get(name);
    if (known !== undefined) return known;
    coins.set(name, false);
    asked.push(name);
    return false;
  };
  for (;;) {
    outcomes.add(walk(set, { inventory, ...about, throwCoin }));
    const last = asked.findLastIndex((name) => coins.get(name) === false);
    if (last < 0 || outcomes.size === 2) break;
    for (const name of asked.splice(last + 1)) coins.delete(name);
    coins.set(asked[last] as string, true);
  }
  return outcomes.size === 2 ? 'uncertain' : ([...outcomes][0] as Decision);
}

interface World {
  readonly inventory: Inventory;
  readonly traffic: Traffic;
  readonly side: Side;
  throwCoin(name: string): boolean;
}

function walk(set: PolicySet, world: World): 'allow' | 'deny' {
  const { traffic, side } = world;
  const [subject, peer] = side === 'egress' ? [traffic.client, traffic.server] : [traffic.server, traffic.client];
  const stages = [...set.stages].sort((a, b) => a.order - b.order);
  for (let index = 0; index < stages.length; index++) {
    const stage = stages[index];
    const selecting = set.policies
      .filter((policy) => policy.stage === stage?.name && policy[side] && matches(policy.subject, subject, world))
      .sort((a, b) => a.order - b.order || (a.ref.name < b.ref.name ? -1 : 1));
    const hit = firstHit(selecting, peer, { ...world, union: stage?.combine === 'deny-overrides' });
    if (hit === 'allow' || hit === 'deny') return hit;
    if (hit === 'pass') {
      if (stage?.passTo !== undefined) index = stages.findIndex(({ name }) => name === stage.passTo) - 1;
      continue;
    }
    if (selecting.some((policy) => policy[side]?.isolates)) return 'deny';
  }
  return 'allow';
}

function firstHit(
  policies: readonly Policy[],
  peer: EdgeEndpoint,
  world: World & { union: boolean },
): PolicyRule['action'] | undefined {
  const rules = policies.flatMap((policy) => policy[world.side]?.rules ?? []).filter(({ action }) => action !== 'log');
  const hits = rules.filter((rule) => matches(rule.peer, peer, world) && portsMatch(rule.ports, world.traffic));
  if (!world.union) return hits[0]?.action;
  return hits.some(({ action }) => action === 'deny') ? 'deny' : hits[0]?.action;
}

function portsMatch(ports: readonly PortMatcher[] | undefined, { protocol, port }: Traffic): boolean {
  return (
    ports?.some(
      (matcher) =>
        'ports' in matcher &&
        matcher.protocol === protocol &&
        matcher.ports?.some(({ from, to }) => port >= from && port <= to),
    ) ?? true
  );
}

function matches(matcher: EndpointMatcher, endpoint: EdgeEndpoint, world: World): boolean {
  const isPod = endpoint.kind === 'pod';
  switch (matcher.match) {
    case 'anything':
      return true;
    case 'pod':
      return isPod;
    case 'all':
      return matcher.of.every((part) => matches(part, endpoint, world));
    case 'some':
      return matcher.of.some((part) => matches(part, endpoint, world));
    case 'not':
      return !matches(matcher.of, endpoint, world);
    case 'namespaceName':
      return isPod && matcher.names.includes(endpoint.namespace);
    case 'namespaceLabels': {
      const name = endpoint.namespace;
      const labels = world.inventory.namespaces.get(`${endpoint.cluster}/${name}`) ?? new Map();
      return isPod && selects(matcher.selector, new Map([...labels, ['kubernetes.io/metadata.name', name]]));
    }
    case 'labels':
      if (!isPod) return false;
      if (endpoint.labels.id !== '0') return selects(matcher.selector, endpoint.labels.labels);
      return world.throwCoin(`${endpoint.namespace}/${endpoint.workload} ${JSON.stringify(matcher.selector)}`);
    case 'cidr':
      return (
        inBlock(endpoint.address, matcher.cidrs[0] ?? '') &&
        !matcher.except.some((block) => inBlock(endpoint.address, block))
      );
    default:
      throw new Error(`not generated: ${matcher.match}`);
  }
}

function inBlock(address: string, block: string): boolean {
  const [base = '', length = ''] = block.split('/');
  const bits = (text: string): string =>
    text
      .split('.')
      .map((byte) => Number(byte).toString(2).padStart(8, '0'))
      .join('');
  return address !== '' && bits(address).startsWith(bits(base).slice(0, Number(length)));
}
