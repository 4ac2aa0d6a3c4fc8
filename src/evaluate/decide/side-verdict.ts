import type { PolicyRef } from '../../model/policy.ts';
import type { Because, SideVerdict } from '../../model/verdict.ts';
import type { Compiled } from '../compile/compile.ts';
import type { PlannedRule } from '../compile/plan.ts';
import type { Segment } from '../compile/subject-group.ts';
import { MAYBE, NO, YES } from '../match/truth.ts';
import { CloserLook } from './closer.ts';
import { decisionOf, type SideOutcome } from './side.ts';

/** The trail of one side: who decided, who selected the endpoint, and what came closest. */
export function sideVerdict(compiled: Compiled, outcome: SideOutcome): SideVerdict {
  const { walk, segments } = outcome.layer;
  const decision = decisionOf(outcome);
  const segment = (decision === 'uncertain' ? walk.doubtSegment : walk.segment) ?? segments.at(-1);
  if (segment === undefined) return noPolicy(outcome);
  if (outcome.special !== undefined) {
    const trail = { ...trailOf(compiled, outcome, segment), stage: '' };
    return { ...trail, because: outcome.special, ...isolatedBy(segment) };
  }
  if (decision === 'uncertain') {
    const trail = trailOf(compiled, outcome, segment);
    return { ...trail, because: 'conditional', ...(walk.doubt ? ruleFields(walk.doubt) : isolatedBy(segment)) };
  }
  const near = walk.rule === undefined ? nearest(compiled, outcome, segment) : undefined;
  const key = walk.rule ?? near?.rule ?? 'default';
  const usual = walk.passed.length === 0 && segment.isolates !== MAYBE;
  return remembered(segment, usual ? key : undefined, () => {
    const trail = trailOf(compiled, outcome, segment);
    if (walk.rule !== undefined) return { ...trail, because: 'ruleMatched', ...ruleFields(walk.rule) };
    return { ...trail, ...byDefault(compiled, outcome, { segment, near }) };
  });
}

/** Many edges have the same trail; it is then the same object. */
function remembered(segment: Segment, key: unknown, create: () => SideVerdict): SideVerdict {
  const known = key === undefined ? undefined : segment.trails.get(key);
  if (known !== undefined) return known;
  const created = create();
  if (key !== undefined) segment.trails.set(key, created);
  return created;
}

function noPolicy({ side, subject }: SideOutcome): SideVerdict {
  return subject.facts.pod === NO ? UNSELECTED[side].notASubject : UNSELECTED[side].noPolicySelects;
}

const NOTHING = { decision: 'allow', stage: '', passedBy: [], selectedBy: [], missing: [] } as const;

const UNSELECTED = {
  egress: {
    notASubject: { ...NOTHING, side: 'egress', because: 'notASubject' },
    noPolicySelects: { ...NOTHING, side: 'egress', because: 'noPolicySelects' },
  },
  ingress: {
    notASubject: { ...NOTHING, side: 'ingress', because: 'notASubject' },
    noPolicySelects: { ...NOTHING, side: 'ingress', because: 'noPolicySelects' },
  },
} as const;

function trailOf(compiled: Compiled, outcome: SideOutcome, segment: Segment): Omit<SideVerdict, 'because'> {
  const { side, layer, look } = outcome;
  const decision = decisionOf(outcome);
  const decided = decision !== 'allow' || layer.walk.segment !== undefined;
  const least = decision === 'uncertain' ? NO : YES;
  return {
    side,
    decision,
    stage: decided ? (compiled[side].plan.stages[segment.stageIndex]?.stage.name ?? '') : '',
    passedBy: layer.walk.passed.map(({ policy }) => policy.policy.ref),
    selectedBy: distinct(
      segment.selecting.filter(({ truth }) => truth >= least).map(({ policy }) => policy.policy.ref),
    ),
    missing: decision === 'uncertain' ? [...(look?.missing ?? [])].sort() : [],
  };
}

/** A document may have become several policies; it is named once. */
function distinct(refs: readonly PolicyRef[]): PolicyRef[] {
  return [...new Set(refs)];
}

function ruleFields({ policy, rule }: PlannedRule): Partial<SideVerdict> {
  const { index, name, action } = rule;
  return { policy: policy.policy.ref, ruleIndex: index, action, ...(name !== '' && { ruleName: name }) };
}

/** The first policy that isolates the endpoint. */
function isolatedBy(segment: Segment): Partial<SideVerdict> {
  const found = segment.selecting.find(({ policy }) => policy.isolates);
  return found === undefined ? {} : { policy: found.policy.policy.ref };
}

interface Missed {
  readonly segment: Segment;
  /** A rule whose peer matched and whose ports did not. */
  readonly near: PlannedRule | undefined;
}

/** No rule decided: an isolation denies, or nothing objects. */
function byDefault(
  { profile, ...compiled }: Compiled,
  { side, layer }: SideOutcome,
  { segment, near }: Missed,
): Partial<SideVerdict> & { readonly because: Because } {
  const closest =
    near === undefined ? {} : { nearMiss: { policy: near.policy.policy.ref, ruleIndex: near.rule.index } };
  const failed = near === undefined ? (segment.words.length === 0 ? 'selectedNoRules' : 'noPeerMatch') : 'portMismatch';
  if (layer.walk.segment === undefined) return { because: profile.undecidedBecause ?? failed, ...closest };
  const because = compiled[side].plan.stages[segment.stageIndex]?.stage.defaultBecause ?? failed;
  return { because, ...closest, ...isolatedBy(segment), ...(because === 'tierDefaultAction' && { ruleIndex: -1 }) };
}

/** The first rule that would have let the traffic on but for its ports. */
function nearest(compiled: Compiled, outcome: SideOutcome, segment: Segment): PlannedRule | undefined {
  const { walk } = outcome.layer;
  let { look } = outcome;
  for (let at = 0; at < segment.words.length; at += 3) {
    const word = segment.words[at] as number;
    for (let bits = candidates(walk.possible); bits !== 0; bits &= bits - 1) {
      const bit = word * 32 + 31 - Math.clz32(bits & -bits);
      const planned = walk.plan.rules[bit] as PlannedRule;
      if (planned.rule.action === 'deny') continue;
      if (planned.plain && (candidates(walk.sure) & bits & -bits) !== 0) return planned;
      look ??= new CloserLook(compiled, outcome.side, outcome.ends);
      if (look.peer(planned) === YES) return planned;
    }
    function candidates(rows: Int32Array): number {
      return (segment.words[at + 1] as number) & (rows[walk.offset + word] as number);
    }
  }
  return undefined;
}
