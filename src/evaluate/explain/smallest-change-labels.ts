import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';

type Labels = ReadonlyMap<string, string>;

/** More ways than these are no advice any more. */
const MOST = 20;

/**
 * Ways in which further or other labels would make an endpoint satisfy the labels part of a matcher; whether the rest of
 * it matches is for the caller to try. Labels that are there already are left out, and so is taking a label away.
 */
export function wantedLabels(matcher: EndpointMatcher, labels: Labels): Labels[] {
  return waysOf(matcher).flatMap((way) => {
    const missing = new Map([...way].filter(([key, value]) => labels.get(key) !== value));
    return missing.size === 0 ? [] : [missing];
  });
}

function waysOf(matcher: EndpointMatcher): Labels[] {
  switch (matcher.match) {
    case 'labels':
      return waysOfSelector(matcher.selector);
    case 'some':
      return matcher.of.flatMap(waysOf).slice(0, MOST);
    case 'all':
      return combined(matcher.of.map(waysOf));
    default:
      return [new Map()];
  }
}

function waysOfSelector(selector: Selector): Labels[] {
  switch (selector.kind) {
    case 'in':
      return selector.values.map((value) => new Map([[selector.key, value]]));
    case 'and':
      return combined(selector.of.map(waysOfSelector));
    case 'or':
      return selector.of.flatMap(waysOfSelector).slice(0, MOST);
    default:
      return [new Map()];
  }
}

/** One way of each part together; where two want different values of one key there is none. */
function combined(parts: readonly (readonly Labels[])[]): Labels[] {
  return parts.reduce<Labels[]>(
    (ways, part) =>
      ways
        .flatMap((way) => part.flatMap((more) => (agree(way, more) ? [new Map([...way, ...more])] : [])))
        .slice(0, MOST),
    [new Map()],
  );
}

function agree(a: Labels, b: Labels): boolean {
  return [...b].every(([key, value]) => (a.get(key) ?? value) === value);
}
