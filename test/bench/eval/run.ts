import type { LearnResult } from '../../../src/learn/learn.ts';
import type { Edge } from '../../../src/model/edge.ts';
import type { Inventory } from '../../../src/model/inventory.ts';
import type { GroundTruthWorkload } from '../../../src/simulate/ground-truth-document.ts';
import { type Allowed, allowedTuples, type HeldOut, hoursOf, replayLater } from './allowed.ts';
import { perWorkload, rememberEverything, type Seen, seenTuples, twoReplicasTwoDays } from './baselines.ts';
import { type LearnerMode, type LearnerScores, learnerScores, learnFrom, trustedTuples } from './learner-scores.ts';
import { makeProtocol, type ProtocolOptions } from './protocol.ts';
import type { AttackKind } from './protocol-attacks.ts';
import { type Days, makeScene, type Scene } from './scene.ts';
import { scoreAttacks, scoreTuples, share, type TupleScores } from './scores.ts';
import { type Answers, answersOf, tupleOfEdge } from './tuples.ts';

/** How one way of granting did in one run. */
export interface VariantScores extends TupleScores {
  readonly heldOutFlows: number | undefined;
  readonly falseDeny: number | undefined;
  readonly attacks: ReadonlyMap<string, number>;
}

export interface Run {
  readonly graph: string;
  readonly seed: number;
  readonly workloads: number;
  readonly records: number;
  readonly attacks: ReadonlyMap<string, AttackKind>;
  readonly variants: ReadonlyMap<Variant, VariantScores>;
  /** By mode. */
  readonly learner: Readonly<Record<LearnerMode, LearnerScores>>;
  readonly detail: RunDetail;
}

/** The sets themselves, to look into. */
export interface RunDetail {
  readonly answers: Answers;
  readonly seen: ReadonlyMap<string, Seen>;
  readonly learned: Allowed;
}

export const VARIANTS = [
  'learner, function labels',
  'learner, existing labels',
  'every trusted tuple',
  'two replicas and two days',
  'one policy per workload',
  'remember everything',
] as const;
export type Variant = (typeof VARIANTS)[number];

/** One application with one seed, from simulation to scores. */
export async function runOnce(truth: unknown, options: ProtocolOptions): Promise<Run> {
  const protocol = makeProtocol(truth, options);
  const scene = await makeScene(protocol.graph, protocol.half);
  const answers = answersOf(scene.truth, protocol.graph, protocol.late);
  const first = scene.until.get(protocol.half) as Days;
  const seen = seenTuples(first.edges);
  const later = scene.later.edges.filter((edge) => answers.needed.has(tupleOfEdge(edge) ?? ''));
  const labels = learnFrom(first, 'labels', scene);
  const selectors = learnFrom(first, 'selectors', scene);
  const trusted = trustedTuples(labels.result);
  const given: Given = { scene, answers, seen, later, inventory: first.inventory };
  const byLabels = scorePolicies(labels.result, given);
  const bySelectors = scorePolicies(selectors.result, given);
  const variants: [Variant, VariantScores][] = [
    ['learner, function labels', byLabels.scores],
    ['learner, existing labels', bySelectors.scores],
    ['every trusted tuple', scoreSet(trusted, given)],
    ['two replicas and two days', scoreSet(twoReplicasTwoDays(seen), given)],
    ['one policy per workload', scoreSet(perWorkload(seen, sameLabels(answers.workloads)), given)],
    ['remember everything', scoreSet(rememberEverything(seen), given)],
  ];
  const common = { protocol, scene, answers, seen, later, trusted };
  return {
    graph: protocol.name,
    seed: options.seed,
    workloads: protocol.workloads,
    records: scene.records,
    attacks: protocol.attacks,
    variants: new Map(variants),
    learner: {
      labels: learnerScores({ ...common, allowed: byLabels.allowed, ...labels }),
      selectors: learnerScores({ ...common, allowed: bySelectors.allowed, ...selectors }),
    },
    detail: { answers, seen, learned: byLabels.allowed },
  };
}

interface Given {
  readonly scene: Scene;
  readonly answers: Answers;
  readonly seen: ReadonlyMap<string, Seen>;
  /** Needed traffic of the second half. */
  readonly later: readonly Edge[];
  /** What the first half told of the cluster. */
  readonly inventory: Inventory;
}

/** Scores policies by asking the evaluator. */
function scorePolicies({ learned }: LearnResult, given: Given): { scores: VariantScores; allowed: Allowed } {
  const { scene, answers, later, inventory } = given;
  const { workloads, grantable } = answers;
  const allowed = allowedTuples(learned, grantable, { workloads, cluster: scene.cluster, inventory });
  return { scores: score(allowed.tuples, replayLater(learned, later, scene.later.inventory), given), allowed };
}

/** Scores a mere set of tuples, as if it were enforced as it is. */
function scoreSet(tuples: ReadonlySet<string>, given: Given): VariantScores {
  const granted = new Set([...tuples].filter((tuple) => given.answers.grantable.has(tuple)));
  return score(granted, replaySet(granted, given.later), given);
}

function score(granted: ReadonlySet<string>, heldOut: HeldOut, { answers, seen }: Given): VariantScores {
  const { needed, replicated, undecidable, attacks } = answers;
  return {
    ...scoreTuples({ granted, needed, replicated, undecidable, seen, grantable: answers.grantable.size }),
    heldOutFlows: share(heldOut.flows - heldOut.deniedFlows, heldOut.flows),
    falseDeny: share(heldOut.deniedTupleHours, heldOut.tupleHours),
    attacks: scoreAttacks(granted, attacks),
  };
}

function replaySet(granted: ReadonlySet<string>, later: readonly Edge[]): HeldOut {
  const total = { flows: 0, deniedFlows: 0, tupleHours: 0, deniedTupleHours: 0 };
  for (const edge of later) {
    const hours = hoursOf(edge);
    const flows = edge.passed?.flows ?? 0;
    const denied = !granted.has(tupleOfEdge(edge) ?? '');
    total.flows += flows;
    total.tupleHours += hours;
    if (denied) total.deniedFlows += flows;
    if (denied) total.deniedTupleHours += hours;
  }
  return total;
}

/** Workloads of the same namespace that carry the same labels, by reference. */
function sameLabels(workloads: readonly GroundTruthWorkload[]): (reference: string) => readonly string[] {
  const groups = new Map<string, string[]>();
  const own = new Map<string, string[]>();
  for (const { namespace, name, labels } of workloads) {
    const key = `${namespace} ${JSON.stringify(Object.entries(labels).sort())}`;
    const group = groups.get(key) ?? [];
    group.push(`${namespace}/${name}`);
    groups.set(key, group);
    own.set(`${namespace}/${name}`, group);
  }
  return (reference) => own.get(reference) ?? [reference];
}
