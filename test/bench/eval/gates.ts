import { DEFAULT_LEARN_OPTIONS } from '../../../src/learn/options.ts';
import { platformBound } from '../../../src/learn/pairs/widen-clients.ts';
import type { Estimate } from './intervals.ts';
import type { LearnerMode } from './learner-scores.ts';
import { ATTACK_KINDS, type AttackKind, BEYOND_EVIDENCE } from './protocol-attacks.ts';
import type { Variant } from './run.ts';
import { distanceClosed } from './scores.ts';
import type { Summary, VariantSummary } from './summary.ts';

export interface Gate {
  readonly gate: string;
  readonly wanted: string;
  readonly found: string;
  readonly passed: boolean;
}

const LEARNERS: readonly Variant[] = ['learner, function labels', 'learner, existing labels'];
/** Sizes are compared on graphs of more workloads than this. */
const SMALL_GRAPH = 10;

/** Every gate with what was found. What was not measured does not pass. */
export function judgeGates(summary: Summary): Gate[] {
  const of = (variant: Variant) => summary.variants.find((one) => one.variant === variant) as VariantSummary;
  return [
    ...LEARNERS.map((variant) => atLeast(`tuple precision (${variant})`, of(variant).precision, 0.99)),
    recallGate(of('learner, function labels'), of('every trusted tuple')),
    distanceGate(of('learner, function labels'), of('two replicas and two days')),
    ...LEARNERS.flatMap((variant) =>
      ATTACK_KINDS.filter((kind) => !BEYOND_EVIDENCE.has(kind)).map((kind) => attackGate(kind, of(variant))),
    ),
    ...learnerGates(summary, 'labels'),
    ...learnerGates(summary, 'selectors'),
    ...boundGates(summary),
    ...sizeGates(summary),
  ];
}

function atLeast(gate: string, found: Estimate | undefined, wanted: number): Gate {
  const passed = found !== undefined && found.mean >= wanted;
  return { gate, wanted: `≥ ${wanted}`, found: text(found?.mean), passed };
}

function recallGate(learner: VariantSummary, trusted: VariantSummary): Gate {
  const wanted = trusted.recall?.mean ?? 1;
  return atLeast('tuple recall, against that of every trusted tuple', learner.recall, Math.floor(wanted * 1e9) / 1e9);
}

function distanceGate(learner: VariantSummary, simple: VariantSummary): Gate {
  const [own, other] = [learner.recallReplicated?.mean, simple.recallReplicated?.mean];
  const closed = own === undefined || other === undefined ? undefined : distanceClosed(own, other);
  return {
    gate: 'distance of "two replicas and two days" to full recall of what replicated clients need, closed',
    wanted: '≥ 0.5',
    found: `${text(closed)} (${text(own)} against ${text(other)})`,
    passed: closed !== undefined && closed >= 0.5,
  };
}

function attackGate(kind: AttackKind, { variant, attacks }: VariantSummary): Gate {
  const most = attacks[kind]?.most;
  return { gate: `admitted of ${kind}, at most (${variant})`, wanted: '0', found: text(most), passed: most === 0 };
}

function learnerGates({ learner }: Summary, mode: LearnerMode): Gate[] {
  const { overGrant, promised, lopsided, gratuitous, churnPerDay, calibration } = learner[mode];
  const whose = mode === 'labels' ? 'function labels' : 'existing labels';
  const at = (gate: string, wanted: string, found: number | undefined, passed: (found: number) => boolean): Gate => ({
    ...{ gate: `${gate} (${whose})`, wanted, found: text(found), passed: found !== undefined && passed(found) },
  });
  return [
    at('over-grant, against the promised bound', `≤ ${text(promised)}`, overGrant?.mean, (found) => found <= promised),
    at('tuples that one side grants and the other does not', '0', lopsided, (found) => found === 0),
    at('pairs that changed their words and not their grants', '0', gratuitous, (found) => found === 0),
    at('pairs changed in a day without new edges', '< 0.01', churnPerDay?.mean, (found) => found < 0.01),
    at('coverage, foretold by came', '0.5 to 2', calibration, (found) => found >= 0.5 && found <= 2),
  ];
}

/** Where nothing is generalised, a bound says nothing: with existing labels there has to be something within it. */
function boundGates({ widest }: Summary): Gate[] {
  const bound = DEFAULT_LEARN_OPTIONS.maxOverGrant;
  const exact = (gate: string, found: number | undefined): Gate => {
    return { gate: `${gate} (function labels)`, wanted: '0', found: text(found), passed: found === 0 };
  };
  const within = (gate: string, found: number | undefined, most: number): Gate => ({
    ...{ gate: `${gate} (existing labels)`, wanted: `> 0 and ≤ ${text(most)}`, found: text(found) },
    passed: found !== undefined && found > 0 && found <= most,
  });
  const [one, platform] = ['over-grant of one port of a server', 'the same of a function of the platform'];
  return [
    exact(one, widest && Math.max(widest.labels.other, widest.labels.platform)),
    within(one, widest?.selectors.other, bound),
    within(platform, widest?.selectors.platform, platformBound(bound)),
  ];
}

function sizeGates({ sizes }: Summary): Gate[] {
  return sizes
    .filter(({ workloads }) => workloads > SMALL_GRAPH)
    .map(({ graph, size, perWorkload }) => ({
      gate: `size with function labels, ${graph}`,
      wanted: `< ${text(perWorkload)}`,
      found: text(size),
      passed: size < perWorkload,
    }));
}

function text(value: number | undefined): string {
  if (value === undefined) return 'not measured';
  return String(Number(value.toFixed(Math.abs(value) >= 10 ? 1 : 4)));
}
