import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { contains, parseCidr } from '../../util/ip.ts';

/**
 * Whether everything that `narrow` means is surely meant by `wide`, whatever workloads there are. Says no when in doubt.
 */
export function covers(wide: EndpointMatcher, narrow: EndpointMatcher): boolean {
  if (wide.match === 'anything' || narrow.match === 'nothing') return true;
  if (narrow.match === 'some') return narrow.of.every((part) => covers(wide, part));
  if (wide.match === 'some') return wide.of.some((part) => covers(part, narrow));
  if (wide.match === 'all') return wide.of.every((part) => covers(part, narrow));
  if (wide.match === 'pod' && isAboutPods(narrow)) return true;
  if (narrow.match === 'all' && narrow.of.some((part) => covers(wide, part))) return true;
  if (wide.match === 'labels' && narrow.match === 'labels') return implies(narrow.selector, wide.selector);
  if (wide.match === 'namespaceLabels' && narrow.match === 'namespaceLabels')
    return implies(narrow.selector, wide.selector);
  if (wide.match === 'namespaceName' && narrow.match === 'namespaceName') {
    return narrow.names.every((name) => wide.names.includes(name));
  }
  if (wide.match === 'cidr' && narrow.match === 'cidr') return coversBlocks(wide, narrow);
  return JSON.stringify(wide) === JSON.stringify(narrow);
}

function isAboutPods(matcher: EndpointMatcher): boolean {
  if (matcher.match === 'all') return matcher.of.some(isAboutPods);
  return ['labels', 'namespaceName', 'namespaceLabels', 'serviceAccount', 'pod'].includes(matcher.match);
}

/** Whether labels that satisfy `a` surely satisfy `b`. */
function implies(a: Selector, b: Selector): boolean {
  if (b.kind === 'and') return b.of.every((part) => implies(a, part));
  if (a.kind === 'and' && a.of.some((part) => implies(part, b))) return true;
  if (b.kind === 'has') return (a.kind === 'in' || a.kind === 'has') && a.key === b.key;
  if (a.kind === 'in' && b.kind === 'in') return a.key === b.key && a.values.every((value) => b.values.includes(value));
  return JSON.stringify(a) === JSON.stringify(b);
}

type Blocks = Extract<EndpointMatcher, { match: 'cidr' }>;

function coversBlocks(wide: Blocks, narrow: Blocks): boolean {
  const inside = narrow.cidrs.every((inner) => wide.cidrs.some((outer) => holds(outer, inner)));
  const kept = wide.except.every((hole) => narrow.except.some((other) => holds(other, hole)));
  return inside && kept && wide.pods === narrow.pods;
}

function holds(outer: string, inner: string): boolean {
  const [large, small] = [parseCidr(outer), parseCidr(inner)];
  return large !== undefined && small !== undefined && contains(large, small);
}
