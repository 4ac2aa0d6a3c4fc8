import type { EndpointMatcher } from '../../model/policy.ts';
import { EVERYTHING, type Selector } from '../../model/selector.ts';
import { contains, parseCidr } from '../../util/ip.ts';
import type { Read } from './fields.ts';
import { converted, text, wrong } from './fields.ts';

/** Pods that `selector` picks in the namespace of this name. */
export function podsIn(namespace: string, selector: Selector): EndpointMatcher {
  const inNamespace: EndpointMatcher = { match: 'namespaceName', names: [namespace] };
  return selector === EVERYTHING ? inNamespace : { match: 'all', of: [inNamespace, { match: 'labels', selector }] };
}

/** Pods that `selector` picks in the namespaces that `namespaces` picks. */
export function podsAcross(namespaces: Selector, selector: Selector): EndpointMatcher {
  const parts: EndpointMatcher[] = [];
  if (namespaces !== EVERYTHING) parts.push({ match: 'namespaceLabels', selector: namespaces });
  if (selector !== EVERYTHING) parts.push({ match: 'labels', selector });
  const [only] = parts;
  if (only === undefined) return { match: 'pod' };
  return parts.length === 1 ? only : { match: 'all', of: parts };
}

/** One matcher for any of several; nothing at all for none. */
export function anyOf(matchers: readonly EndpointMatcher[]): EndpointMatcher {
  const [only] = matchers;
  if (only === undefined) return { match: 'nothing' };
  return matchers.length === 1 ? only : { match: 'some', of: matchers };
}

/** An address block such as `10.0.0.0/8` or `2001:db8::/32`. */
export const cidr: Read<string> = converted(text, (block, field) => {
  if (parseCidr(block) !== undefined) return block;
  const remedy = 'Write address/length, for a single address with /32 or, for IPv6, /128.';
  return wrong(field, 'bad-cidr', `"${block.slice(0, 80)}" is no address block`, remedy);
});

/** Whether the block `inner` lies in `outer` and is smaller. */
export function strictlyInside(inner: string, outer: string): boolean {
  const [small, large] = [parseCidr(inner), parseCidr(outer)];
  if (small === undefined || large === undefined) return false;
  return contains(large, small) && !contains(small, large);
}
