import type { Policy, PolicyRule, Side } from '../../../model/policy.ts';
import type { PlannedRule, SidePlan } from '../../compile/plan.ts';
import { covers } from '../covers.ts';
import { ruleText } from '../matchers.ts';
import type { LintContext, LintProblem, LintRule } from '../rule.ts';

/** Where the first match decides, a rule behind one that matches all of its traffic is never reached. */
export const shadowed: LintRule = {
  id: 'shadowed',
  intent: 'Where the first match decides, a rule behind a wider one with the same subjects never has a say.',
  severity: 'warning',
  needs: 'policies',
  check: ({ compiled }: LintContext) => [...ofSide(compiled.egress.plan), ...ofSide(compiled.ingress.plan)],
};

function ofSide(plan: SidePlan): LintProblem[] {
  const rules = plan.rules.flatMap((rule) => (rule?.policy.stage.stage.combine === 'first-match' ? [rule] : []));
  return rules.flatMap((later, index) => {
    const before = rules
      .slice(0, index)
      .find((earlier) => earlier.policy.stage === later.policy.stage && hides(earlier, later));
    return before === undefined ? [] : [problem(plan.side, before, later)];
  });
}

function hides(earlier: PlannedRule, later: PlannedRule): boolean {
  if (earlier.rule.action === 'log' || !earlier.plain) return false;
  const subject = covers(earlier.policy.policy.subject, later.policy.policy.subject);
  return subject && covers(earlier.rule.peer, later.rule.peer) && coversPorts(earlier.rule, later.rule);
}

function coversPorts(wide: PolicyRule, narrow: PolicyRule): boolean {
  if (wide.ports === undefined && wide.notPorts === undefined) return true;
  return JSON.stringify([wide.ports, wide.notPorts]) === JSON.stringify([narrow.ports, narrow.notPorts]);
}

function problem(side: Side, before: PlannedRule, later: PlannedRule): LintProblem {
  const policy: Policy = later.policy.policy;
  const same = before.policy.policy.ref === policy.ref ? '' : ` of ${before.policy.policy.ref.name}`;
  return {
    policy,
    message: `${ruleText(side, later.rule)} is never reached: ${ruleText(side, before.rule)}${same} matches all of its traffic first`,
    remedy: 'Move it before the wider rule, or remove it.',
  };
}
