import type { PolicyRef } from '../model/policy.ts';
import type { Because, SideVerdict } from '../model/verdict.ts';
import { type CloserLook, closerLook } from './closer.ts';
import type { Compiled } from './compile.ts';
import { decisionOf, type SideOutcome } from './decide-side.ts';
import type { PlannedRule } from './plan.ts';
import type { Segment } from './subject-group.ts';
import type { Traffic } from './traffic.ts';
import { NO, YES } from './truth.ts';
import type { Walk } from './walk.ts';

/** The trail of one side: who decided, who selected the endpoint, and what came closest. */
export function sideVerdict(compiled: Compiled, traffic: Traffic, outcome: SideOutcome): SideVerdict {
  const { side, special, layer } = outcome;
  const decision = decisionOf(outcome);
  const { walk } = layer;
  const segment = (decision === 'uncertain' ? walk.doubtSegment : walk.segment) ?? layer.segments.at(-1);
  const trail = {
    side,
    decision,
    stage: walk.segment === undefined && decision === 'allow' ? '' : stageName(compiled, outcome, segment),
    passedBy: walk.passed.map(({ policy }) => policy.policy.ref),
    selectedBy: refs(segment, decision === 'uncertain' ? NO : YES),
    missing: decision === 'uncertain' ? [...(outcome.look?.missing ?? [])].sort() : [],
  };
  if (special !== undefined) return { ...trail, because: special, ...isolatedBy(segment) };
  if (decision === 'uncertain') return { ...trail, because: 'conditional', ...ruleFields(walk.doubt, segment) };
  if (walk.rule !== undefined) return { ...trail, because: 'ruleMatched', ...ruleFields(walk.rule, segment) };
  const look = outcome.look ?? closerLook(compiled, side, { traffic, ends: outcome.ends });
  return { ...trail, ...byDefault({ compiled, outcome, segment, look }) };
}

function stageName(compiled: Compiled, { side }: SideOutcome, segment: Segment | undefined): string {
  return segment === undefined ? '' : (compiled[side].plan.stages[segment.stageIndex]?.stage.name ?? '');
}

function refs(segment: Segment | undefined, least: number): PolicyRef[] {
  return (segment?.selecting ?? []).filter(({ truth }) => truth >= least).map(({ policy }) => policy.policy.ref);
}

function ruleFields(planned: PlannedRule | undefined, segment: Segment | undefined): Partial<SideVerdict> {
  if (planned === undefined) return isolatedBy(segment);
  const { index, name, action } = planned.rule;
  return { policy: planned.policy.policy.ref, ruleIndex: index, action, ...(name !== '' && { ruleName: name }) };
}

/** The first policy that isolates the endpoint. */
function isolatedBy(segment: Segment | undefined): Partial<SideVerdict> {
  const found = segment?.selecting.find(({ policy }) => policy.isolates);
  return found === undefined ? {} : { policy: found.policy.policy.ref };
}

interface Default {
  readonly compiled: Compiled;
  readonly outcome: SideOutcome;
  readonly segment: Segment | undefined;
  readonly look: CloserLook;
}

/** No rule decided: an isolation denies, or nothing objects. */
function byDefault({
  compiled,
  outcome,
  segment,
  look,
}: Default): Partial<SideVerdict> & { readonly because: Because } {
  if (segment === undefined) {
    return { because: outcome.subject.facts.pod === NO ? 'notASubject' : 'noPolicySelects' };
  }
  if (outcome.layer.walk.segment === undefined) {
    return compiled.profile.undecidedBecause === undefined
      ? closest(outcome, segment, look)
      : { because: compiled.profile.undecidedBecause };
  }
  const because = compiled[outcome.side].plan.stages[segment.stageIndex]?.stage.defaultBecause;
  const near = closest(outcome, segment, look);
  const policy = isolatedBy(segment);
  if (because === undefined) return { ...near, ...policy };
  return { ...near, ...policy, because, ...(because === 'tierDefaultAction' && { ruleIndex: -1 }) };
}

/** What stood between the traffic and a match: no rules at all, no fitting peer, or only the ports. */
function closest(
  { layer: { walk } }: SideOutcome,
  segment: Segment,
  look: CloserLook,
): Pick<SideVerdict, 'because' | 'nearMiss'> {
  if (segment.words.length === 0) return { because: 'selectedNoRules' };
  const bits = segment.selecting.flatMap(({ policy }) => policy.bits).filter((bit) => mayName(walk, bit));
  const candidates = bits.map((bit) => walk.plan.rules[bit] as PlannedRule);
  const near = candidates.find((planned) => planned.rule.action !== 'deny' && look.peer(planned) === YES);
  if (near === undefined) return { because: 'noPeerMatch' };
  return { because: 'portMismatch', nearMiss: { policy: near.policy.policy.ref, ruleIndex: near.rule.index } };
}

/** Whether the rule at `bit` may name the far end of the walk. */
function mayName(walk: Walk, bit: number): boolean {
  return (((walk.possible[walk.offset + (bit >> 5)] as number) >>> (bit & 31)) & 1) === 1;
}
