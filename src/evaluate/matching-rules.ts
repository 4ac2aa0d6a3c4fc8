import type { PolicyRule, Side } from '../model/policy.ts';
import { closerLook } from './closer.ts';
import type { Compiled } from './compile.ts';
import { decideSide } from './decide-side.ts';
import { matchRulePorts } from './match-port.ts';
import type { PlannedRule } from './plan.ts';
import type { Segment } from './subject-group.ts';
import type { Traffic } from './traffic.ts';
import { NO, YES } from './truth.ts';
import type { Walk } from './walk.ts';

/**
 * Every allow rule that has a part in letting this traffic through, on both sides: where rules are a union, all that
 * match and not only the first that the verdict names; where the first match decides, that one. Rules that may match
 * count as well, so that a rule which is not listed is surely not needed for this traffic.
 */
export function matchingRules(compiled: Compiled, traffic: Traffic): PolicyRule[] {
  return [...rulesOfSide(compiled, traffic, 'egress'), ...rulesOfSide(compiled, traffic, 'ingress')];
}

function rulesOfSide(compiled: Compiled, traffic: Traffic, side: Side): PolicyRule[] {
  const { special, layer } = decideSide(compiled, traffic, side);
  if (special !== undefined) return [];
  const { walk, segments } = layer;
  const { stages } = compiled[side].plan;
  const rules = new Set<PolicyRule>();
  for (const planned of [walk.rule, walk.doubt]) {
    if (planned?.rule.action === 'allow') rules.add(planned.rule);
  }
  const look = closerLook(compiled, side, { traffic, ports: walk.ports });
  for (const segment of segments) {
    if (stages[segment.stageIndex]?.stage.combine !== 'deny-overrides') continue;
    for (const planned of candidates(segment, walk)) {
      const ports = planned.ports || planned.notPorts ? matchRulePorts(planned, walk.ports) : YES;
      if (planned.rule.action === 'allow' && ports !== NO && look.rule(planned, ports) !== NO) rules.add(planned.rule);
    }
  }
  return [...rules];
}

/** Rules of policies that may select the subject and that may name the far end. */
function candidates(segment: Segment, { plan, possible, offset }: Walk): PlannedRule[] {
  const bits = segment.selecting.flatMap(({ policy }) => policy.bits);
  const named = bits.filter((bit) => (((possible[offset + (bit >> 5)] as number) >>> (bit & 31)) & 1) === 1);
  return named.flatMap((bit) => plan.rules[bit] ?? []);
}
