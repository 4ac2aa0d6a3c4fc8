import type { EdgeEndpoint } from '../../model/edge.ts';
import type { EndpointMatcher } from '../../model/policy.ts';
import { classOf } from '../compile/compile.ts';
import { matchEndpoint } from '../match/endpoint.ts';
import { NO, type Truth } from '../match/truth.ts';
import type { LintContext } from './rule.ts';

/** Whether the end satisfies the matcher, as far as that can be told without any traffic. */
export function matches(
  { compiled }: Pick<LintContext, 'compiled'>,
  matcher: EndpointMatcher,
  endpoint: EdgeEndpoint,
): Truth {
  const { cells, profile } = compiled;
  const { ipBlockMatchesPods, ipBlockMatchesNodes } = profile;
  const { facts } = classOf(compiled, endpoint);
  const end = { facts, endpoint, addresses: [], names: [], principal: undefined };
  return matchEndpoint(matcher, {
    end,
    other: undefined,
    ipBlockMatchesPods,
    ipBlockMatchesNodes,
    cells,
    missing: undefined,
  });
}

/** Ends that the matcher may mean. */
export function meant(context: LintContext, matcher: EndpointMatcher): EdgeEndpoint[] {
  return context.ends.filter((end) => matches(context, matcher, end) !== NO);
}
