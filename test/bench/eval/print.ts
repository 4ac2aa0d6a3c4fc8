import { formatTable } from '../../../src/util/table.ts';
import type { Gate } from './gates.ts';
import type { Estimate } from './intervals.ts';
import { ATTACK_KINDS, ATTACK_SENTENCES, BEYOND_EVIDENCE } from './protocol-attacks.ts';
import type { Summary } from './summary.ts';

/** The metric tables, the gates, and a sentence at the end. */
export function printSummary(summary: Summary, gates: readonly Gate[]): string {
  return [
    scoreTable(summary),
    attackTable(summary),
    learnerTable(summary),
    graphTable(summary),
    gateTable(gates),
    verdict(gates),
  ].join('\n');
}

const right = (title: string) => ({ title, align: 'right' as const });

function scoreTable({ variants }: Summary): string {
  const columns = [{ title: 'GRANTS' }, ...SCORES.map(([title]) => right(title))];
  const rows = variants.map((scores) => [scores.variant, ...SCORES.map(([, of]) => interval(of(scores)))]);
  return formatTable(columns, rows);
}

type VariantSummary = Summary['variants'][number];
const SCORES: readonly (readonly [string, (scores: VariantSummary) => Estimate | undefined])[] = [
  ['PRECISION', ({ precision }) => precision],
  ['RECALL', ({ recall }) => recall],
  ['OF SEEN', ({ recallSeen }) => recallSeen],
  ['REPLICATED', ({ recallReplicated }) => recallReplicated],
  ['LATER FLOWS', ({ heldOutFlows }) => heldOutFlows],
  ['FALSE DENY', ({ falseDeny }) => falseDeny],
  ['SURFACE −', ({ surfaceReduction }) => surfaceReduction],
];

function attackTable({ variants }: Summary): string {
  const kinds = ATTACK_KINDS.filter((kind) => variants.some(({ attacks }) => attacks[kind]));
  const columns = [{ title: 'ADMITTED OF' }, ...variants.map((_, at) => right(`(${at + 1})`)), { title: 'WHAT IT IS' }];
  const rows = kinds.map((kind) => [
    BEYOND_EVIDENCE.has(kind) ? `${kind} (no gate)` : kind,
    ...variants.map(({ attacks }) => number(attacks[kind]?.mean)),
    ATTACK_SENTENCES[kind],
  ]);
  const legend = variants.map(({ variant }, at) => `(${at + 1}) ${variant}`).join(', ');
  return `${formatTable(columns, rows)}${legend}\n`;
}

function learnerTable({ learner }: Summary): string {
  const { labels, selectors } = learner;
  const rows = LEARNER_FIGURES.map(([title, of]) => [title, of(labels), of(selectors)]);
  return formatTable([{ title: 'LEARNER' }, right('FUNCTION LABELS'), right('EXISTING LABELS')], rows);
}

type LearnerSummary = Summary['learner']['labels'];
const LEARNER_FIGURES: readonly (readonly [string, (learner: LearnerSummary) => string])[] = [
  ['over-grant beyond trusted tuples', ({ overGrant }) => interval(overGrant)],
  ['over-grant promised at most', ({ promised }) => number(promised)],
  ['tuples granted by one side only', ({ lopsided }) => String(lopsided)],
  ['gratuitous changes of pairs', ({ gratuitous }) => String(gratuitous)],
  ['pairs changed in a day without new edges', ({ churnPerDay }) => interval(churnPerDay)],
  ['names kept from day to day', ({ namesKept }) => interval(namesKept)],
  ['coverage: unseen tuple-hours foretold by came', ({ calibration }) => number(calibration)],
  ['seconds to learn the first half', ({ seconds }) => interval(seconds)],
];

function graphTable({ sizes }: Summary): string {
  const columns = ['WORKLOADS', 'PAIRS', 'SIZE', 'PER WORKLOAD', 'PRECISION', 'OF SEEN'].map(right);
  const rows = sizes.map(({ graph, workloads, pairs, size, perWorkload, precision, recallSeen }) => [
    ...[graph, String(workloads), number(pairs), number(size), number(perWorkload)],
    ...[number(precision), number(recallSeen)],
  ]);
  return formatTable([{ title: 'GRAPH' }, ...columns], rows);
}

function gateTable(gates: readonly Gate[]): string {
  const rows = gates.map(({ gate, wanted, found, passed }) => [passed ? 'pass' : 'FAIL', gate, wanted, found]);
  return formatTable([{ title: '' }, { title: 'GATE' }, { title: 'WANTED' }, { title: 'FOUND' }], rows);
}

function verdict(gates: readonly Gate[]): string {
  const failed = gates.filter(({ passed }) => !passed).length;
  return failed === 0 ? `All ${gates.length} gates passed.\n` : `${failed} of ${gates.length} gates failed.\n`;
}

function interval(found: Estimate | undefined): string {
  if (found === undefined) return '–';
  return found.half === undefined ? number(found.mean) : `${number(found.mean)} ± ${number(found.half)}`;
}

function number(value: number | undefined): string {
  if (value === undefined) return '–';
  return Math.abs(value) >= 10 ? value.toFixed(0) : value.toFixed(value !== 0 && Math.abs(value) < 0.01 ? 4 : 3);
}
