import type { SideVerdict } from '../../model/verdict.ts';
import type { Truth } from '../match/truth.ts';
import { either, MAYBE, NO, YES } from '../match/truth.ts';
import type { PlannedPolicy, SidePlan } from './plan.ts';

/** A policy that selects, or may select, the members of a group. */
export interface Selecting {
  readonly policy: PlannedPolicy;
  readonly truth: Truth;
}

/** What one stage holds for a group of subjects. */
export interface Segment {
  readonly stageIndex: number;
  readonly selecting: readonly Selecting[];
  readonly isolates: Truth;
  /**
   * Three numbers for each word of the plan in which these policies have rules: the word, the rules of policies that
   * select or may select, and the rules of policies that surely select.
   */
  readonly words: Int32Array;
  /** Trails that were already put together, by what decided. */
  readonly trails: Map<unknown, SideVerdict>;
}

/** Endpoints that the same policies select share one group. Segments stand in walking order, by layer. */
export interface SubjectGroup {
  readonly layers: readonly (readonly Segment[])[];
}

/** A set of selecting policies as a path in a tree: two endpoints have the same set when they reach the same node. */
export interface SubjectNode {
  readonly parent: SubjectNode | undefined;
  readonly selecting: Selecting | undefined;
  readonly children: Map<number, SubjectNode>;
  group: SubjectGroup | undefined;
}

export function rootNode(): SubjectNode {
  return { parent: undefined, selecting: undefined, children: new Map(), group: undefined };
}

/** The node of "this set and the policy number `index`", which must not be below the numbers already in the set. */
export function childNode(parent: SubjectNode, index: number, selecting: Selecting): SubjectNode {
  const key = index * 2 + (selecting.truth === YES ? 1 : 0);
  const known = parent.children.get(key);
  if (known !== undefined) return known;
  const created = { parent, selecting, children: new Map(), group: undefined };
  parent.children.set(key, created);
  return created;
}

/** The group of a node, made when first asked for. */
export function groupOf(node: SubjectNode, plan: SidePlan): SubjectGroup {
  node.group ??= makeGroup(pathOf(node), plan);
  return node.group;
}

function pathOf(node: SubjectNode): Selecting[] {
  const path: Selecting[] = [];
  for (let at: SubjectNode | undefined = node; at?.selecting; at = at.parent) path.push(at.selecting);
  return path.reverse();
}

function makeGroup(path: readonly Selecting[], plan: SidePlan): SubjectGroup {
  const segments = plan.stages.flatMap(({ index }) => {
    const selecting = path.filter(({ policy }) => policy.stage.index === index);
    return selecting.length === 0 ? [] : [makeSegment(index, selecting)];
  });
  const layerOf = (segment: Segment) => plan.stages[segment.stageIndex]?.layer;
  return { layers: plan.layers.map((layer) => segments.filter((segment) => layerOf(segment) === layer)) };
}

function makeSegment(stageIndex: number, selecting: readonly Selecting[]): Segment {
  const words = new Map<number, { possible: number; sure: number }>();
  let isolates: Truth = NO;
  for (const { policy, truth } of selecting) {
    if (policy.isolates) isolates = either(isolates, truth);
    for (const bit of policy.bits) {
      const word = words.get(bit >> 5) ?? { possible: 0, sure: 0 };
      word.possible |= 1 << (bit & 31);
      if (truth !== MAYBE) word.sure |= 1 << (bit & 31);
      words.set(bit >> 5, word);
    }
  }
  const sorted = [...words].sort(([a], [b]) => a - b);
  return {
    stageIndex,
    selecting,
    isolates,
    words: Int32Array.from(sorted.flatMap(([word, { possible, sure }]) => [word, possible, sure])),
    trails: new Map(),
  };
}
