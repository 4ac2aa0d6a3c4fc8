import type { EdgeEndpoint } from '../../model/edge.ts';
import type { Inventory } from '../../model/inventory.ts';
import type { EvaluationProfile, PolicySet, Side } from '../../model/policy.ts';
import { invariant } from '../../util/invariant.ts';
import { AddressCells } from '../match/address-cells.ts';
import { type Facts, factsOf, type World, workloadEndpoint, worldOf } from '../match/facts.ts';
import { KnownEndpoints } from '../match/known-endpoints.ts';
import { NO } from '../match/truth.ts';
import { BlockRows } from './block-rows.ts';
import { ClassTable } from './class-table.ts';
import type { EndpointClass } from './endpoint-class.ts';
import { type CompiledSide, makeClasses } from './make-classes.ts';
import { PeerRows } from './peer-rows.ts';
import { cidrMatchers, planSide } from './plan.ts';
import { Programs } from './programs.ts';
import { QuickSide } from './quick-decision.ts';
import { rootNode } from './subject-group.ts';

/** A policy set made ready for an inventory. It learns endpoints as they come (`prepare`), and nothing else changes. */
export interface Compiled {
  readonly profile: EvaluationProfile;
  readonly egress: CompiledSide;
  readonly ingress: CompiledSide;
  readonly world: World;
  readonly cells: AddressCells;
  /** Classes by their numbers, for full walks and for quick ones. */
  readonly classes: EndpointClass[];
  readonly table: ClassTable;
  /** Numbers of classes by what tells them apart, and of interned endpoints by identity. */
  readonly numbers: Map<string, number>;
  readonly known: KnownEndpoints;
  readonly portLists: Map<string, number>;
}

/** Makes a policy set ready to decide traffic between the workloads of `inventory` and anything else. */
export function compile(set: PolicySet, inventory: Inventory): Compiled {
  const names = new Set(set.stages.map(({ name }) => name));
  for (const { stage } of set.policies) invariant(names.has(stage), `stage ${stage} is defined`);
  const cells = new AddressCells(cidrMatchers(set));
  const table = new ClassTable();
  const compiled: Compiled = {
    profile: set.profile,
    egress: compileSide(set, 'egress', { cells, table }),
    ingress: compileSide(set, 'ingress', { cells, table }),
    world: worldOf(inventory),
    cells,
    classes: [],
    table,
    numbers: new Map(),
    known: new KnownEndpoints(),
    portLists: new Map(),
  };
  prepare(compiled, inventory.workloads.map(workloadEndpoint));
  return compiled;
}

function compileSide(set: PolicySet, side: Side, { cells, table }: Pick<Compiled, 'cells' | 'table'>): CompiledSide {
  const plan = planSide(set, side);
  const programs = new Programs();
  const rows = new PeerRows(plan);
  const blocks = new BlockRows(plan.rules, cells, set.profile.ipBlockMatchesPods);
  const quick = new QuickSide(side, { plan, programs, rows, blocks, classes: table });
  return { plan, root: rootNode(), programs, rows, quick };
}

/**
 * Makes endpoints known. Deciding does it by itself for an endpoint it has not met, but one at a time; a whole batch
 * costs little more than a single one, so give it all endpoints of what is to be replayed.
 */
export function prepare(compiled: Compiled, endpoints: Iterable<EdgeEndpoint>): void {
  const { known } = compiled;
  const fresh: Facts[] = [];
  for (const endpoint of endpoints) {
    if (known.get(endpoint) !== undefined) continue;
    known.set(endpoint, numberOf(compiled, factsOf(endpoint, compiled.world, compiled.cells), fresh));
  }
  addClasses(compiled, fresh);
}

/** Number of the class with these facts; facts that no class has yet are added to `fresh`. */
function numberOf(compiled: Compiled, facts: Facts, fresh: Facts[]): number {
  const { numbers } = compiled;
  const key = classKey(compiled, facts);
  const known = numbers.get(key);
  if (known !== undefined) return known;
  fresh.push(facts);
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

function addClasses(compiled: Compiled, fresh: readonly Facts[]): void {
  for (const one of makeClasses(fresh, compiled)) {
    compiled.classes.push(one);
    compiled.table.add(one);
  }
}

/** The class of an endpoint, known or not, with the mesh identity that traffic carried, where that was told. */
export function classOf(compiled: Compiled, endpoint: EdgeEndpoint, principal?: string): EndpointClass {
  return compiled.classes[classNumber(compiled, endpoint, principal)] as EndpointClass;
}

/** Its number. */
export function classNumber(compiled: Compiled, endpoint: EdgeEndpoint, principal?: string): number {
  if (principal !== undefined) {
    const fresh: Facts[] = [];
    const told = numberOf(compiled, { ...factsOf(endpoint, compiled.world, compiled.cells), principal }, fresh);
    addClasses(compiled, fresh);
    return told;
  }
  const number = compiled.known.get(endpoint);
  if (number !== undefined) return number;
  prepare(compiled, [endpoint]);
  return compiled.known.get(endpoint) as number;
}

function classKey(compiled: Compiled, facts: Facts): string {
  const { cluster, kind, namespace, labels, peer } = facts.endpoint;
  const { portLists } = compiled;
  const start = `${kind}\0${cluster}\0${namespace}\0${facts.principal ?? '?'}`;
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
