import type { EdgeEndpoint } from '../model/edge.ts';
import type { Inventory } from '../model/inventory.ts';
import type { EvaluationProfile, PolicySet } from '../model/policy.ts';
import { invariant } from '../util/invariant.ts';
import { AddressCells } from './address-cells.ts';
import { BlockRows } from './block-rows.ts';
import type { EndpointClass, SideClass } from './endpoint-class.ts';
import { type Facts, factsOf, type World, workloadEndpoint, worldOf } from './facts.ts';
import { ClassMatcher } from './match-classes.ts';
import { makeRows } from './peer-rows.ts';
import { cidrMatchers, planSide, type SidePlan } from './plan.ts';
import { Programs } from './programs.ts';
import { childNode, groupOf, rootNode, type SubjectGroup, type SubjectNode } from './subject-group.ts';
import { NO, YES } from './truth.ts';
import { eachBit, hasBit } from './truth-set.ts';

export interface CompiledSide {
  readonly plan: SidePlan;
  readonly root: SubjectNode;
  readonly programs: Programs;
  readonly blocks: BlockRows;
}

/** A policy set made ready for an inventory. It learns endpoints as they come (`prepare`), and nothing else changes. */
export interface Compiled {
  readonly profile: EvaluationProfile;
  readonly egress: CompiledSide;
  readonly ingress: CompiledSide;
  readonly world: World;
  readonly cells: AddressCells;
  readonly classes: Map<string, EndpointClass>;
  /** Interned endpoints, by identity. */
  readonly known: Map<EdgeEndpoint, EndpointClass>;
  readonly portLists: Map<string, number>;
}

/** Makes a policy set ready to decide traffic between the workloads of `inventory` and anything else. */
export function compile(set: PolicySet, inventory: Inventory): Compiled {
  const names = new Set(set.stages.map(({ name }) => name));
  for (const { stage } of set.policies) invariant(names.has(stage), `stage ${stage} is defined`);
  const cells = new AddressCells(cidrMatchers(set));
  const compiled: Compiled = {
    profile: set.profile,
    egress: compileSide(planSide(set, 'egress'), cells, set.profile),
    ingress: compileSide(planSide(set, 'ingress'), cells, set.profile),
    world: worldOf(inventory),
    cells,
    classes: new Map(),
    known: new Map(),
    portLists: new Map(),
  };
  prepare(compiled, inventory.workloads.map(workloadEndpoint));
  return compiled;
}

function compileSide(plan: SidePlan, cells: AddressCells, { ipBlockMatchesPods }: EvaluationProfile): CompiledSide {
  const blocks = new BlockRows(plan.rules, cells, ipBlockMatchesPods);
  return { plan, root: rootNode(), programs: new Programs(), blocks };
}

/**
 * Makes endpoints known. Deciding does it by itself for an endpoint it has not met, but one at a time; a whole batch
 * costs little more than a single one, so give it all endpoints of what is to be replayed.
 */
export function prepare(compiled: Compiled, endpoints: Iterable<EdgeEndpoint>): void {
  const fresh = new Map<string, Facts>();
  const waiting = new Map<EdgeEndpoint, string>();
  for (const endpoint of new Set(endpoints)) {
    if (compiled.known.has(endpoint)) continue;
    const facts = factsOf(endpoint, compiled.world, compiled.cells);
    const key = classKey(compiled, facts);
    if (!compiled.classes.has(key) && !fresh.has(key)) fresh.set(key, facts);
    waiting.set(endpoint, key);
  }
  const classes = makeClasses(compiled, [...fresh.values()]);
  for (const [index, key] of [...fresh.keys()].entries()) compiled.classes.set(key, classes[index] as EndpointClass);
  for (const [endpoint, key] of waiting) compiled.known.set(endpoint, compiled.classes.get(key) as EndpointClass);
}

/** The class of an endpoint, known or not. */
export function classOf(compiled: Compiled, endpoint: EdgeEndpoint): EndpointClass {
  const known = compiled.known.get(endpoint);
  if (known !== undefined) return known;
  prepare(compiled, [endpoint]);
  return compiled.known.get(endpoint) as EndpointClass;
}

function classKey(compiled: Compiled, facts: Facts): string {
  const { cluster, kind, namespace, labels, peer } = facts.endpoint;
  const { portLists } = compiled;
  const start = `${kind}\0${cluster}\0${namespace}`;
  if (facts.pod === NO) {
    const { range } = facts;
    return `${start}\0${range ? `${range.from}-${range.to}` : peer}`;
  }
  const ports = JSON.stringify(facts.namedPorts ?? null);
  const portList = portLists.get(ports) ?? portLists.size;
  portLists.set(ports, portList);
  const address = facts.range ? `${facts.range.from}-${facts.range.to}` : '';
  return `${start}\0${labels.id}\0${facts.serviceAccount ?? ''}\0${portList}\0${address}`;
}

function makeClasses(compiled: Compiled, facts: readonly Facts[]): EndpointClass[] {
  if (facts.length === 0) return [];
  const { cells, profile } = compiled;
  const { ipBlockMatchesPods, ipBlockMatchesNodes } = profile;
  const matcher = new ClassMatcher(facts, { cells, ipBlockMatchesPods, ipBlockMatchesNodes });
  const egress = makeSide(compiled.egress, matcher, facts.length);
  const ingress = makeSide(compiled.ingress, matcher, facts.length);
  return facts.map((one, index) => ({
    facts: one,
    namedPorts: one.pod === NO ? [] : one.namedPorts,
    node: one.endpoint.kind === 'host' || one.endpoint.kind === 'health',
    egress: egress[index] as SideClass,
    ingress: ingress[index] as SideClass,
  }));
}

/** Classes with the same policies and the same row share what is known of them on this side. */
function makeSide({ plan, root, programs }: CompiledSide, matcher: ClassMatcher, size: number): SideClass[] {
  const { possible, sure, offsets } = makeRows(plan, matcher, size);
  const shared = new Map<SubjectGroup, Map<number, SideClass>>();
  return makeSubjects(plan, root, { matcher, size }).map((subject, index) => {
    const group = groupOf(subject, plan);
    const offset = offsets[index] as number;
    const ofGroup = shared.get(group) ?? new Map<number, SideClass>();
    const side = ofGroup.get(offset) ?? { group, start: programs.startOf(group, plan), possible, sure, offset };
    shared.set(group, ofGroup.set(offset, side));
    return side;
  });
}

function makeSubjects(
  plan: SidePlan,
  root: SubjectNode,
  { matcher, size }: { readonly matcher: ClassMatcher; readonly size: number },
): SubjectNode[] {
  const nodes = new Array<SubjectNode>(size).fill(root);
  for (const [number, policy] of plan.policies.entries()) {
    const { sure, possible } = matcher.match(policy.policy.subject);
    const yes = { policy, truth: YES } as const;
    const maybe = { policy, truth: 1 } as const;
    eachBit(possible, size, (index) => {
      nodes[index] = childNode(nodes[index] as SubjectNode, number, hasBit(sure, index) ? yes : maybe);
    });
  }
  return nodes;
}
