import type { EndpointMatcher } from '../../model/policy.ts';
import { contains, parseCidr } from '../../util/ip.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { Inexpressible, selectorText } from './selector-text.ts';
import { allOf, impliedSelector, isAboutPods, named, podParts } from './write-pods.ts';

/** Whose `source` or `destination` is written. */
export interface EntityScope {
  /** Namespace of the policy; `''` for global ones. */
  readonly namespace: string;
  readonly ipBlockMatchesPods: boolean;
  /** The end is a pod anyway, because the policy applies to it. */
  readonly own: boolean;
}

/** One way to satisfy a matcher. */
export interface Alternative {
  readonly entity: PlainObject;
  /** Family of addresses to which this is limited. */
  readonly family?: 4 | 6;
}

/** A matcher that needs more rules than this is refused rather than multiplied out. */
const MAX_ALTERNATIVES = 64;

type Cidr = Extract<EndpointMatcher, { match: 'cidr' }>;
type Literal = { readonly of: EndpointMatcher; readonly negated: boolean };

/** All ways to satisfy a matcher, each as an entity of one rule; none when nothing does. */
export function alternatives(matcher: EndpointMatcher, scope: EntityScope): Alternative[] {
  return products(matcher, false).flatMap((literals) => writeProduct(literals, scope));
}

/** The matcher as an OR of ANDs of literals: conditions on pods, and address blocks. */
function products(matcher: EndpointMatcher, negated: boolean): Literal[][] {
  switch (matcher.match) {
    case 'anything':
      return negated ? [] : [[]];
    case 'nothing':
    // The addresses of the set stand beside it.
    case 'networkSet':
      return negated ? [[]] : [];
    case 'not':
      return products(matcher.of, !negated);
    case 'cidr':
      return blockProducts(matcher, negated);
    case 'all':
    case 'some':
      if (negated && isAboutPods(matcher)) return [[{ of: matcher, negated }]];
      return (matcher.match === 'all') === negated
        ? limited(matcher.of.flatMap((part) => products(part, negated)))
        : matcher.of.reduce<Literal[][]>((before, part) => cross(before, products(part, negated)), [[]]);
    default:
      if (isAboutPods(matcher)) return [[{ of: matcher, negated }]];
      throw new Inexpressible(`Calico cannot express a "${matcher.match}" peer`);
  }
}

/** Outside of a block with exceptions: outside of the block, or in an exception. */
function blockProducts(matcher: Cidr, negated: boolean): Literal[][] {
  if (!negated) return [[{ of: matcher, negated }]];
  const outside: Literal = { of: { ...matcher, except: [] }, negated };
  if (matcher.except.length === 0) return [[outside]];
  return [[outside], [{ of: { ...matcher, cidrs: matcher.except, except: [] }, negated: false }]];
}

function cross(before: Literal[][], after: Literal[][]): Literal[][] {
  return limited(before.flatMap((one) => after.map((other) => [...one, ...other])));
}

function limited(found: Literal[][]): Literal[][] {
  if (found.length <= MAX_ALTERNATIVES) return found;
  throw new Inexpressible(`it would take more than ${MAX_ALTERNATIVES} Calico rules`);
}

function writeProduct(literals: readonly Literal[], scope: EntityScope): Alternative[] {
  const blocks = literals.filter(({ of }) => of.match === 'cidr');
  const pods = writePods(
    literals.filter(({ of }) => of.match !== 'cidr'),
    scope,
  );
  if (pods === undefined) return [];
  return writeBlocks(blocks, scope).map(({ entity, family }) => ({
    entity: { ...pods, ...entity },
    ...(family && { family }),
  }));
}

/** P26: which fields are needed for the same pods; undefined when there can be none. */
function writePods(literals: readonly Literal[], { namespace, own }: EntityScope): PlainObject | undefined {
  if (literals.length === 0) return {};
  if (!own && literals.every(({ negated }) => negated)) return writeExcluded(literals, namespace);
  const parts = podParts(literals.map(({ of, negated }) => (negated ? { match: 'not', of } : of)));
  const { names, namespaces, labels, accountNames, accounts } = parts;
  if (names?.length === 0 || accountNames?.length === 0) return undefined;
  const home = namespaces.length === 0 && names?.length === 1 && names[0] === namespace;
  const places = names === undefined || home ? namespaces : [...namespaces, named(names)];
  const account = {
    ...(accountNames && { names: accountNames }),
    ...(accounts.length > 0 && { selector: allOf(accounts) }),
  };
  const hasAccount = Object.keys(account).length > 0;
  const anywhere = places.length === 0 && !home && !own;
  const bare = labels.length === 0 && !hasAccount;
  return {
    ...(places.length > 0 && { namespaceSelector: allOf(places) }),
    ...(anywhere && (namespace !== '' || bare) && { namespaceSelector: 'all()' }),
    ...(labels.length > 0 && { selector: allOf(labels) }),
    ...(home && bare && { selector: 'all()' }),
    ...(hasAccount && { serviceAccounts: account }),
  };
}

/** P27: anything but these pods, also what is no pod. */
function writeExcluded(literals: readonly Literal[], namespace: string): PlainObject {
  if (namespace !== '') {
    throw new Inexpressible('in a namespaced Calico policy notSelector leaves only pods of the namespace');
  }
  return { notSelector: selectorText({ kind: 'or', of: literals.map(({ of }) => impliedSelector(of)) }) };
}

/** P25: a rule for each family. */
function writeBlocks(literals: readonly Literal[], { ipBlockMatchesPods }: EntityScope): Alternative[] {
  if (literals.length === 0) return [{ entity: {} }];
  const cidrs = literals.map(({ of, negated }) => ({ ...(of as Cidr), negated }));
  if (cidrs.some(({ pods }) => !(pods ?? ipBlockMatchesPods))) {
    throw new Inexpressible('address blocks of Calico always match pods too');
  }
  const inside = cidrs.filter(({ negated }) => !negated);
  const nets = inside.length === 0 ? undefined : inside.map((one) => one.cidrs).reduce(intersection);
  const notNets = [
    ...inside.flatMap(({ except }) => except),
    ...cidrs.flatMap((one) => (one.negated ? one.cidrs : [])),
  ];
  return ([4, 6] as const).flatMap((family) => {
    const [here, out] = [nets?.filter(isOf(family)), notNets.filter(isOf(family))];
    if (here?.length === 0 || out.some((block) => block.endsWith('/0'))) return [];
    return [{ entity: { ...(here && { nets: here }), ...(out.length > 0 && { notNets: out }) }, family }];
  });
}

function isOf(family: 4 | 6): (block: string) => boolean {
  return (block) => block.includes(':') === (family === 6);
}

/** Blocks are nested or apart, so their common part is the smaller one or nothing. */
function intersection(a: readonly string[], b: readonly string[]): readonly string[] {
  const both = a.flatMap((one) =>
    b.flatMap((other) => (within(one, other) ? [one] : within(other, one) ? [other] : [])),
  );
  return [...new Set(both)];
}

function within(inner: string, outer: string): boolean {
  const [small, large] = [parseCidr(inner), parseCidr(outer)];
  return small !== undefined && large !== undefined && contains(large, small);
}
