import type { PolicyRule, Side } from '../../model/policy.ts';
import type { Compiled } from '../compile/compile.ts';
import type { PlannedRule } from '../compile/plan.ts';
import type { Segment } from '../compile/subject-group.ts';
import { CloserLook } from '../decide/closer.ts';
import { endsOf } from '../decide/ends.ts';
import { decideSide } from '../decide/side.ts';
import type { Walk } from '../decide/walk.ts';
import { matchRulePorts } from '../match/port.ts';
import type { Traffic } from '../match/traffic.ts';
import { NO, YES } from '../match/truth.ts';

/** An allow rule with a part in letting some traffic through; `sure` is false when that hinges on something unknown. */
export interface MatchingRule {
  readonly rule: PolicyRule;
  readonly sure: boolean;
}

/**
 * Every allow rule that has, or may have, a part in letting this traffic through, on both sides: where rules are a
 * union, all that match and not only the first that the verdict names; where the first match decides, that one.
 */
export function matchingRules(compiled: Compiled, traffic: Traffic): MatchingRule[] {
  return [...rulesOfSide(compiled, traffic, 'egress'), ...rulesOfSide(compiled, traffic, 'ingress')];
}

function rulesOfSide(compiled: Compiled, traffic: Traffic, side: Side): MatchingRule[] {
  const ends = endsOf(compiled, traffic);
  const { special, layer } = decideSide(compiled, side, ends);
  if (special !== undefined) return [];
  const { walk, segments } = layer;
  const { stages } = compiled[side].plan;
  const rules = new Map<PolicyRule, boolean>();
  if (walk.doubt?.rule.action === 'allow') rules.set(walk.doubt.rule, false);
  if (walk.rule?.rule.action === 'allow') rules.set(walk.rule.rule, true);
  const look = new CloserLook(compiled, side, ends);
  for (const segment of segments) {
    if (stages[segment.stageIndex]?.stage.combine !== 'deny-overrides') continue;
    for (const planned of candidates(segment, walk)) {
      if (planned.rule.action !== 'allow') continue;
      const ports = planned.ports || planned.notPorts ? matchRulePorts(planned, walk.ports) : YES;
      const truth = ports === NO ? NO : look.rule(planned, ports);
      if (truth !== NO) rules.set(planned.rule, truth === YES);
    }
  }
  return [...rules].map(([rule, sure]) => ({ rule, sure }));
}

/** Rules of policies that may select the subject and that may name the far end. */
function candidates(segment: Segment, { plan, possible, offset }: Walk): PlannedRule[] {
  const bits = segment.selecting.flatMap(({ policy }) => policy.bits);
  const named = bits.filter((bit) => (((possible[offset + (bit >> 5)] as number) >>> (bit & 31)) & 1) === 1);
  return named.flatMap((bit) => plan.rules[bit] ?? []);
}
