import type { PolicyRule, Side } from '../../../model/policy.ts';
import { policyName } from '../../../model/policy.ts';
import { appendTo } from '../../../util/append-to.ts';
import type { PlannedRule, SidePlan } from '../../compile/plan.ts';
import { covers } from '../covers.ts';
import { ruleText } from '../matchers.ts';
import type { LintProblem, LintRule } from '../rule.ts';

/** Where rules are a union, one that another covers adds nothing but reading. */
export const redundant: LintRule = {
  id: 'redundant',
  intent: 'Where rules add up, one that another rule covers adds nothing, and removing the wider one surprises people.',
  severity: 'note',
  needs: 'policies',
  check: ({ compiled }) => [...ofSide(compiled.egress.plan), ...ofSide(compiled.ingress.plan)],
};

/** Only rules of one namespace are compared: policies of different namespaces select different pods. */
function ofSide({ side, rules }: SidePlan): LintProblem[] {
  const groups = new Map<string, PlannedRule[]>();
  for (const rule of rules) {
    if (rule?.policy.stage.stage.combine !== 'deny-overrides' || !rule.plain) continue;
    appendTo(groups, `${rule.policy.stage.index}/${rule.rule.action}/${rule.policy.policy.ref.namespace}`, rule);
  }
  return [...groups.values()].flatMap((group) =>
    group.flatMap((rule, index) => {
      const wider = group.find((other, at) => other !== rule && makesNeedless(other, rule, at < index));
      return wider === undefined ? [] : [problem(side, wider, rule)];
    }),
  );
}

/** Of two equal rules the later is the needless one. */
function makesNeedless(wide: PlannedRule, narrow: PlannedRule, earlier: boolean): boolean {
  if (!isWider(wide, narrow)) return false;
  return earlier || !isWider(narrow, wide);
}

function isWider(wide: PlannedRule, narrow: PlannedRule): boolean {
  const subject = covers(wide.policy.policy.subject, narrow.policy.policy.subject);
  return subject && covers(wide.rule.peer, narrow.rule.peer) && coversPorts(wide.rule, narrow.rule);
}

function coversPorts(wide: PolicyRule, narrow: PolicyRule): boolean {
  if (wide.ports === undefined && wide.notPorts === undefined) return true;
  const items = (narrow.ports ?? []).map((port) => JSON.stringify(port));
  const known = new Set((wide.ports ?? []).map((port) => JSON.stringify(port)));
  const same = JSON.stringify(wide.notPorts) === JSON.stringify(narrow.notPorts);
  return same && items.length > 0 && items.every((item) => known.has(item));
}

function problem(side: Side, wide: PlannedRule, narrow: PlannedRule): LintProblem {
  const { policy } = wide.policy;
  return {
    policy: narrow.policy.policy,
    message: `${ruleText(side, narrow.rule)} adds nothing: ${ruleText(side, wide.rule)} of ${policyName(policy.ref)} covers it`,
    remedy: 'Remove it, or narrow the other one.',
  };
}
