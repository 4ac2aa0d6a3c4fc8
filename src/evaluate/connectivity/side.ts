import type { Side } from '../../model/policy.ts';
import { differenceOf, type Intervals, intersectionOf, NO_INTERVALS, unionOf } from '../../util/intervals.ts';
import type { Compiled } from '../compile/compile.ts';
import type { PlannedRule } from '../compile/plan.ts';
import type { Segment } from '../compile/subject-group.ts';
import { hasBit } from '../compile/truth-set.ts';
import { both, MAYBE, NO, type Truth, YES } from '../match/truth.ts';
import type { PortTruth } from './ports.ts';
import { closerTruth, hingesOnMore, type Pair, type SideRules, servicesOf } from './rules.ts';

/** One side of one pair: what is asked, and everything needed to answer. */
export interface SideQuestion {
  readonly compiled: Compiled;
  readonly rules: SideRules;
  readonly side: Side;
  readonly pair: Pair;
}

/**
 * The services that one side allows between two classes, all at once: the walk of `walk.ts` with sets of services in
 * place of one packet. What a rule settles leaves the walk; what it may settle is noted and walks on.
 */
export function sideServices(question: SideQuestion): PortTruth {
  const { group } = subjectOf(question)[question.side];
  let all: PortTruth = { sure: question.rules.space.all, possible: question.rules.space.all };
  for (const segments of group.layers) {
    if (segments.length === 0) continue;
    const one = layerServices(question, segments);
    all = { sure: intersectionOf(all.sure, one.sure), possible: intersectionOf(all.possible, one.possible) };
  }
  return all;
}

function subjectOf({ side, pair }: SideQuestion) {
  return side === 'egress' ? pair.client : pair.server;
}

/** A walk under way. */
interface Progress {
  /** Services that get this far, surely or not. */
  open: Intervals;
  allowed: Intervals;
  denied: Intervals;
  /** Services that a pass took out of the walk, by the stage at which they come back. */
  readonly passed: Map<number, Intervals>;
}

function layerServices(question: SideQuestion, segments: readonly Segment[]): PortTruth {
  const { space, plan } = question.rules;
  const progress: Progress = { open: space.all, allowed: NO_INTERVALS, denied: NO_INTERVALS, passed: new Map() };
  for (const segment of segments) {
    comeBack(progress, segment.stageIndex);
    const { protocols } = plan.stages[segment.stageIndex]?.stage ?? {};
    const beside = protocols === undefined ? NO_INTERVALS : differenceOf(progress.open, space.ofProtocols(protocols));
    progress.open = differenceOf(progress.open, beside);
    walkSegment(question, segment, progress);
    progress.open = unionOf(progress.open, beside);
  }
  comeBack(progress, Number.POSITIVE_INFINITY);
  const allowed = unionOf(progress.allowed, progress.open);
  return { sure: differenceOf(allowed, progress.denied), possible: allowed };
}

function comeBack(progress: Progress, stageIndex: number): void {
  for (const [target, services] of progress.passed) {
    if (target > stageIndex) continue;
    progress.open = unionOf(progress.open, services);
    progress.passed.delete(target);
  }
}

function walkSegment(question: SideQuestion, segment: Segment, progress: Progress): void {
  for (const { bit, planned, subject } of rulesOf(question, segment)) {
    if (progress.open.length === 0) return;
    const truth = both(subject, truthOf(question, bit, planned));
    if (truth === NO) continue;
    const services = servicesOf(question.rules, bit, question.pair.server.namedPorts);
    apply(planned, truth === YES ? services : { sure: NO_INTERVALS, possible: services.possible }, progress);
  }
  if (segment.isolates === NO) return;
  progress.denied = unionOf(progress.denied, progress.open);
  if (segment.isolates === YES) progress.open = NO_INTERVALS;
}

interface Candidate {
  readonly bit: number;
  readonly planned: PlannedRule;
  readonly subject: Truth;
}

/** Rules of the segment that may name the far end, in walking order. */
function* rulesOf(question: SideQuestion, { words }: Segment): Generator<Candidate> {
  const { side, pair, rules, compiled } = question;
  const { offset } = (side === 'egress' ? pair.server : pair.client)[side];
  const { possible } = compiled[side].rows;
  for (let at = 0; at < words.length; at += 3) {
    const word = words[at] as number;
    let bits = (words[at + 1] as number) & (possible[offset + word] as number);
    for (; bits !== 0; bits &= bits - 1) {
      const bit = word * 32 + 31 - Math.clz32(bits & -bits);
      const subject = ((words[at + 2] as number) & bits & -bits) === 0 ? MAYBE : YES;
      yield { bit, planned: rules.plan.rules[bit] as PlannedRule, subject };
    }
  }
}

/** Whether everything but subject and ports of a rule that may name the far end matches. */
function truthOf(question: SideQuestion, bit: number, planned: PlannedRule): Truth {
  const { side, pair, rules, compiled } = question;
  const { offset } = (side === 'egress' ? pair.server : pair.client)[side];
  const known = hasBit(compiled[side].rows.sure, offset * 32 + bit) ? YES : MAYBE;
  const ends = rules.relational[bit] ? closerTruth(compiled, { side, pair })(planned) : known;
  return ends === YES && hingesOnMore(planned) ? MAYBE : ends;
}

function apply({ rule, policy }: PlannedRule, services: PortTruth, progress: Progress): void {
  const hit = intersectionOf(progress.open, services.possible);
  if (hit.length === 0 || rule.action === 'log') return;
  if (rule.action === 'pass') {
    const target = policy.stage.passTo;
    progress.passed.set(target, unionOf(progress.passed.get(target) ?? NO_INTERVALS, hit));
  } else if (rule.action === 'allow') {
    progress.allowed = unionOf(progress.allowed, hit);
    const unsure = rule.otherwise === 'deny' ? differenceOf(hit, services.sure) : NO_INTERVALS;
    progress.denied = unionOf(progress.denied, unsure);
  } else progress.denied = unionOf(progress.denied, hit);
  progress.open = differenceOf(progress.open, services.sure);
}
