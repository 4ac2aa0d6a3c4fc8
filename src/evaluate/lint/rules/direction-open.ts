import { endpointName } from '../../../model/endpoint.ts';
import type { Side } from '../../../model/policy.ts';
import { classOf } from '../../compile/compile.ts';
import { NO } from '../../match/truth.ts';
import { meant } from '../matching.ts';
import type { LintContext, LintProblem, LintRule } from '../rule.ts';

/** Half protected: a workload that somebody thought about in one direction and nobody in the other. */
export const directionOpen: LintRule = {
  id: 'direction-open',
  intent: 'A workload is isolated in one direction and wide open in the other.',
  severity: 'note',
  needs: 'workloads',
  check: (context) =>
    context.set.policies.flatMap((policy) => {
      const isolates = policy.ingress?.isolates || policy.egress?.isolates;
      if (policy.staged || !isolates) return [];
      return (['ingress', 'egress'] as const).flatMap((side): LintProblem[] => {
        if (policy[side] !== undefined) return [];
        const open = meant(context, policy.subject).filter((end) => !isSelected(context, side, end));
        const names = [...new Set(open.map(endpointName))];
        if (names.length === 0) return [];
        const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
        const message = `${side} of ${names.slice(0, 3).join(', ')}${more} is open: no policy isolates it`;
        return [{ policy, message, remedy: `Add ${side} to a policy of these workloads, or a default deny for it.` }];
      });
    }),
};

function isSelected({ compiled }: LintContext, side: Side, end: Parameters<typeof classOf>[1]): boolean {
  const { layers } = classOf(compiled, end)[side].group;
  return layers.flat().some(({ isolates }) => isolates !== NO);
}
