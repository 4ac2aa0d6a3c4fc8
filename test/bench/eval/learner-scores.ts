import { micropoliciesDocument, renderMicropolicies } from '../../../src/dialects/micropolicies/micropolicies.ts';
import { type PreviousRun, readMicropolicies } from '../../../src/dialects/micropolicies/read-micropolicies.ts';
import { type LearnResult, learn } from '../../../src/learn/learn.ts';
import { functionOfPort } from '../../../src/learn/links/port-names.ts';
import { DEFAULT_LEARN_OPTIONS } from '../../../src/learn/options.ts';
import { toPolicies } from '../../../src/learn/pairs/to-policies.ts';
import { TRUST_SENTENCES } from '../../../src/learn/trust/rules.ts';
import type { Edge } from '../../../src/model/edge.ts';
import { PROTOCOL_NUMBERS } from '../../../src/model/ports.ts';
import type { Allowed } from './allowed.ts';
import { type Calibration, calibrationOf } from './calibration.ts';
import { compareRuns, type Pod, pairStates, sumChurn } from './churn.ts';
import type { Protocol } from './protocol.ts';
import type { Days, Scene } from './scene.ts';
import { difference, overGrant, type Widest, widestOverGrant } from './scores.ts';
import { perWorkloadSize, policySize } from './size.ts';
import { type Answers, tupleOfEdge } from './tuples.ts';

/** What only policies have, not mere sets of tuples. */
export interface LearnerScores {
  readonly overGrant: number;
  readonly promised: number;
  readonly widest: Widest;
  readonly lopsided: number;
  readonly size: number;
  readonly perWorkloadSize: number;
  readonly pairs: number;
  readonly gratuitous: number;
  /** Both kinds of changes that nothing new explains, with the day that was added. */
  readonly changes: readonly string[];
  readonly churnPerDay: number | undefined;
  readonly namesKept: number | undefined;
  readonly calibration: Calibration | undefined;
  readonly seconds: number;
}

export const LEARNER_MODES = ['labels', 'selectors'] as const;
export type LearnerMode = (typeof LEARNER_MODES)[number];

/** One run of the learner over some days, above what an earlier run left. */
export function learnFrom(
  { edges, inventory }: Days,
  mode: LearnerMode,
  { cluster, before }: { readonly cluster: string; readonly before?: PreviousRun },
): { result: LearnResult; seconds: number } {
  const started = performance.now();
  const result = learn(edges, inventory, { ...DEFAULT_LEARN_OPTIONS, mode, cluster }, before?.pairs, before);
  return { result, seconds: (performance.now() - started) / 1000 };
}

/** What the next run finds of this one: its `micropolicies.yaml`, written and read as the product does. */
function leftBehind({ learned }: LearnResult, { cluster }: Scene): PreviousRun {
  const document = micropoliciesDocument(learned, { cluster, from: 0, to: 0 }, TRUST_SENTENCES);
  return readMicropolicies(renderMicropolicies(document));
}

/** Trusted tuples between pods. */
export function trustedTuples({ trustedEdges }: LearnResult): Set<string> {
  return new Set(trustedEdges.flatMap((edge) => tupleOfEdge(edge) ?? []));
}

/** Everybody who was seen, once with each set of labels. */
function podsOf({ edges }: Days): Pod[] {
  const pods = new Map<string, Pod>();
  for (const { client, server } of edges)
    for (const { namespace, labels } of [client, server])
      pods.set(`${namespace} ${labels.id}`, { namespace, labels: labels.labels });
  return [...pods.values()];
}

interface LearnerGiven {
  readonly protocol: Protocol;
  readonly scene: Scene;
  readonly answers: Answers;
  readonly seen: { has(tuple: string): boolean };
  readonly later: readonly Edge[];
  readonly trusted: ReadonlySet<string>;
  readonly allowed: Allowed;
  readonly result: LearnResult;
  readonly seconds: number;
}

/** Scores the set that was learned from the first half, and how it changes with each day of the second. */
export function learnerScores(given: LearnerGiven): LearnerScores {
  const { answers, trusted, allowed, result, seconds } = given;
  const halves = toPolicies(result.learned);
  const subjects = new Set(
    result.learned.assignments.map(({ workload: { namespace, name } }) => `${namespace}/${name}`),
  );
  const days = dailyChurn(given);
  const churn = sumChurn(days);
  const granted = difference(allowed.byRule, answers.undecidable);
  return {
    overGrant: overGrant(granted, trusted),
    // Function labels name their members exactly.
    promised: result.learned.mode === 'labels' ? 0 : DEFAULT_LEARN_OPTIONS.maxOverGrant,
    widest: widestOverGrant(granted, { trusted, isPlatform }),
    lopsided: allowed.lopsided.length,
    size: halves.reduce((sum, { policy }) => sum + policySize(policy), 0),
    perWorkloadSize: perWorkloadSize(
      [...trusted].filter((tuple) => answers.grantable.has(tuple)),
      (reference) => subjects.has(reference),
    ),
    pairs: result.learned.pairs.length,
    gratuitous: churn.gratuitous,
    changes: days.flatMap(({ gratuitous, unexplained }, at) => {
      const day = given.protocol.half + 1 + at;
      return [
        ...gratuitous.map((name) => `day ${day} same grants: ${name}`),
        ...unexplained.map((name) => `day ${day} other grants: ${name}`),
      ];
    }),
    churnPerDay: churn.perDay,
    namesKept: churn.namesKept,
    calibration: calibrationOf(result.learned, given.seen, given.later),
    seconds,
  };
}

/** Whether a port is one that a platform offers to everybody; `TCP/8080`. */
function isPlatform(text: string): boolean {
  const [protocol = '', port] = text.split('/');
  return functionOfPort(PROTOCOL_NUMBERS[protocol] ?? 0, Number(port)) !== '';
}

/** Learns from a day more each time, above the run of the day before, and compares the two. */
function dailyChurn({ protocol, scene, result }: LearnerGiven): ReturnType<typeof compareRuns>[] {
  const churns: ReturnType<typeof compareRuns>[] = [];
  const { mode } = result.learned;
  let before = { result, states: pairStates(toPolicies(result.learned)), trusted: trustedTuples(result) };
  for (let day = protocol.half + 1; day <= protocol.graph.days; day++) {
    const days = scene.until.get(day) as Days;
    const next = learnFrom(days, mode, { cluster: scene.cluster, before: leftBehind(before.result, scene) }).result;
    const trusted = trustedTuples(next);
    const fresh = new Set([...trusted].filter((tuple) => !before.trusted.has(tuple)));
    const states = pairStates(toPolicies(next.learned));
    churns.push(compareRuns(before.states, states, { fresh, pods: podsOf(days) }));
    before = { result: next, states, trusted };
  }
  return churns;
}
