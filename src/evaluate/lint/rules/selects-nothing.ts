import { sidesOf } from '../matchers.ts';
import { meant } from '../matching.ts';
import type { LintRule } from '../rule.ts';

/** A policy that selects no workload protects nobody, and its author thinks it does. */
export const selectsNothing: LintRule = {
  id: 'selects-nothing',
  intent: 'A policy that selects no workload protects nobody, although its author believes it does.',
  severity: 'warning',
  needs: 'workloads',
  check: (context) =>
    context.set.policies
      .filter((policy) => sidesOf(policy).length > 0 && meant(context, policy.subject).length === 0)
      .map((policy) => ({
        policy,
        message: 'it selects no workload',
        remedy: 'Correct its selector or namespace, or remove it.',
      })),
};
