import { appendTo } from '../../../src/util/append-to.ts';
import { calibrationRatio } from './calibration.ts';
import { average, type Estimate, estimate } from './intervals.ts';
import type { LearnerMode, LearnerScores } from './learner-scores.ts';
import { ATTACK_KINDS } from './protocol-attacks.ts';
import { type Run, VARIANTS, type Variant, type VariantScores } from './run.ts';
import type { Widest } from './scores.ts';

/** Means with intervals over seeds: a seed's value is the mean over its graphs, so that seeds are independent. */
export interface Summary {
  readonly graphs: readonly string[];
  readonly seeds: readonly number[];
  readonly variants: readonly VariantSummary[];
  readonly learner: Readonly<Record<LearnerMode, LearnerSummary>>;
  readonly sizes: readonly GraphSize[];
  /** How far the furthest opened port of any run over many clients goes beyond what is trusted. */
  readonly widest: Readonly<Record<LearnerMode, Widest>> | undefined;
}

export interface VariantSummary {
  readonly variant: Variant;
  readonly precision: Estimate | undefined;
  readonly recall: Estimate | undefined;
  readonly recallSeen: Estimate | undefined;
  readonly recallReplicated: Estimate | undefined;
  readonly heldOutFlows: Estimate | undefined;
  readonly falseDeny: Estimate | undefined;
  readonly surfaceReduction: Estimate | undefined;
  /** By kind: mean share admitted, and the largest of all runs. */
  readonly attacks: Readonly<Record<string, { readonly mean: number; readonly most: number; readonly runs: number }>>;
}

export interface LearnerSummary {
  readonly overGrant: Estimate | undefined;
  readonly promised: number;
  readonly lopsided: number;
  readonly gratuitous: number;
  readonly churnPerDay: Estimate | undefined;
  readonly namesKept: Estimate | undefined;
  readonly calibration: number | undefined;
  readonly seconds: Estimate | undefined;
}

export interface GraphSize {
  readonly graph: string;
  readonly workloads: number;
  readonly pairs: number;
  readonly size: number;
  readonly perWorkload: number;
  readonly precision: number | undefined;
  readonly recallSeen: number | undefined;
}

/** `manyClients` are runs in which labels may generalise; they count for nothing else. */
export function summarise(runs: readonly Run[], manyClients: readonly Run[]): Summary {
  const bySeed = groupBy(runs, ({ seed }) => String(seed));
  const byGraph = groupBy(runs, ({ graph }) => graph);
  return {
    graphs: [...byGraph.keys()],
    seeds: [...bySeed.keys()].map(Number),
    variants: VARIANTS.map((variant) => summariseVariant(variant, runs, bySeed)),
    learner: {
      labels: summariseLearner('labels', runs, bySeed),
      selectors: summariseLearner('selectors', runs, bySeed),
    },
    sizes: [...byGraph].map(([graph, list]) => sizeOf(graph, list)),
    widest:
      manyClients.length === 0
        ? undefined
        : { labels: widestOf('labels', manyClients), selectors: widestOf('selectors', manyClients) },
  };
}

function widestOf(mode: LearnerMode, runs: readonly Run[]): Widest {
  const all = runs.map(({ learner }) => learner[mode].widest);
  return {
    platform: Math.max(...all.map(({ platform }) => platform)),
    other: Math.max(...all.map(({ other }) => other)),
  };
}

function groupBy(runs: readonly Run[], key: (run: Run) => string): ReadonlyMap<string, readonly Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) appendTo(groups, key(run), run);
  return groups;
}

type BySeed = ReadonlyMap<string, readonly Run[]>;

function overSeeds(bySeed: BySeed, value: (run: Run) => number | undefined): Estimate | undefined {
  return estimate([...bySeed.values()].map((runs) => average(runs.map(value))));
}

function summariseVariant(variant: Variant, runs: readonly Run[], bySeed: BySeed): VariantSummary {
  const over = (value: (scores: VariantScores) => number | undefined) =>
    overSeeds(bySeed, (run) => value(run.variants.get(variant) as VariantScores));
  const attacks = ATTACK_KINDS.flatMap((kind) => {
    const shares = runs.flatMap((run) => run.variants.get(variant)?.attacks.get(kind) ?? []);
    const mean = average(shares);
    return mean === undefined ? [] : [[kind, { mean, most: Math.max(...shares), runs: shares.length }] as const];
  });
  return {
    variant,
    precision: over(({ precision }) => precision),
    recall: over(({ recall }) => recall),
    recallSeen: over(({ recallSeen }) => recallSeen),
    recallReplicated: over(({ recallReplicated }) => recallReplicated),
    heldOutFlows: over(({ heldOutFlows }) => heldOutFlows),
    falseDeny: over(({ falseDeny }) => falseDeny),
    surfaceReduction: over(({ surfaceReduction }) => surfaceReduction),
    attacks: Object.fromEntries(attacks),
  };
}

function summariseLearner(mode: LearnerMode, runs: readonly Run[], bySeed: BySeed): LearnerSummary {
  const over = (value: (scores: LearnerScores) => number | undefined) =>
    overSeeds(bySeed, (run) => value(run.learner[mode]));
  const sum = (value: (scores: LearnerScores) => number) =>
    runs.reduce((total, { learner }) => total + value(learner[mode]), 0);
  const calibrations = runs.flatMap(({ learner }) => learner[mode].calibration ?? []);
  return {
    overGrant: over(({ overGrant }) => overGrant),
    promised: Math.max(0, ...runs.map(({ learner }) => learner[mode].promised)),
    lopsided: sum(({ lopsided }) => lopsided),
    gratuitous: sum(({ gratuitous }) => gratuitous),
    churnPerDay: over(({ churnPerDay }) => churnPerDay),
    namesKept: over(({ namesKept }) => namesKept),
    calibration: calibrationRatio(calibrations),
    seconds: over(({ seconds }) => seconds),
  };
}

function sizeOf(graph: string, runs: readonly Run[]): GraphSize {
  const mean = (value: (run: Run) => number | undefined) => average(runs.map(value));
  return {
    graph,
    workloads: Math.max(...runs.map(({ workloads }) => workloads)),
    pairs: mean(({ learner }) => learner.labels.pairs) ?? 0,
    size: mean(({ learner }) => learner.labels.size) ?? 0,
    perWorkload: mean(({ learner }) => learner.labels.perWorkloadSize) ?? 0,
    precision: mean(({ variants }) => variants.get('learner, function labels')?.precision),
    recallSeen: mean(({ variants }) => variants.get('learner, function labels')?.recallSeen),
  };
}
