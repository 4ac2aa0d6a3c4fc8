import type { EndpointMatcher } from '../../model/policy.ts';
import { intersectCidrs } from '../../util/cidr-blocks.ts';
import { Inexpressible } from './documents.ts';
import { allOf, type Term, termsOf } from './selector-terms.ts';

/** Pods that fulfil everything that is given. */
export interface PodAlternative {
  readonly form: 'pods';
  readonly labels: readonly Term[];
  /** Of the namespace; names of namespaces are asked by the label that carries them. */
  readonly namespaceLabels: readonly Term[];
  /** The only conditions on the namespace are these names. */
  readonly namespaces?: readonly string[];
  readonly serviceAccounts?: readonly string[];
  /** Label keys on which the namespaces of both ends agree; empty = the same namespace. */
  readonly sameNamespace?: readonly string[];
}

/** One way in which an endpoint can match, in the forms that tiered dialects know. */
export type Alternative =
  | { readonly form: 'anything' }
  | PodAlternative
  | { readonly form: 'addresses'; readonly cidrs: readonly string[]; readonly except: readonly string[] }
  | { readonly form: 'names'; readonly patterns: readonly string[] }
  | { readonly form: 'nodes'; readonly labels: readonly Term[] };

type Literal =
  | { readonly is: 'pod' | 'noPod' }
  | { readonly is: 'label' | 'namespaceLabel' | 'nodeLabel'; readonly term: Term }
  | { readonly is: 'node' }
  | { readonly is: 'namespace' | 'account' | 'same' | 'name'; readonly texts: readonly string[] }
  | { readonly is: 'inside' | 'outside'; readonly cidrs: readonly string[]; readonly except: readonly string[] };

type Ways = readonly (readonly Literal[])[];

/**
 * The matcher as alternatives of which one must hold. Nothing is approximated: what has no such form is refused.
 * `ipBlockMatchesPods` is the profile's switch; the dialects that are written take it for granted.
 */
export function alternativesOf(matcher: EndpointMatcher, ipBlockMatchesPods: boolean): readonly Alternative[] {
  const ways = absorbed(waysOf(matcher, false, ipBlockMatchesPods));
  const alternatives = ways.flatMap((literals) => alternative(literals) ?? []);
  return alternatives.some(({ form }) => form === 'anything') ? [{ form: 'anything' }] : alternatives;
}

/** A way that asks for more than another adds nothing. */
function absorbed(ways: Ways): Ways {
  const keyed = ways.map((literals) => ({ literals, keys: new Set(literals.map((one) => JSON.stringify(one))) }));
  const redundant = ({ keys }: { keys: ReadonlySet<string> }, index: number): boolean =>
    keyed.some((other, at) => {
      const within = at !== index && [...other.keys].every((key) => keys.has(key));
      return within && (other.keys.size < keys.size || at < index);
    });
  return keyed.filter((one, index) => !redundant(one, index)).map(({ literals }) => literals);
}

const NO_POD: Ways = [[{ is: 'noPod' }]];
const NAME_LABEL = 'kubernetes.io/metadata.name';

function waysOf(matcher: EndpointMatcher, negated: boolean, cidrsMatchPods: boolean): Ways {
  switch (matcher.match) {
    case 'anything':
      return negated ? [] : [[]];
    case 'nothing':
      return negated ? [[]] : [];
    case 'not':
      return waysOf(matcher.of, !negated, cidrsMatchPods);
    case 'all':
    case 'some': {
      const parts = matcher.of.map((part) => waysOf(part, negated, cidrsMatchPods));
      return (matcher.match === 'all') !== negated ? allOf(parts) : parts.flat();
    }
    case 'cidr':
      return cidrWays(matcher, negated, cidrsMatchPods);
    default:
      return negated ? negatedAtom(matcher) : atom(matcher);
  }
}

function atom(matcher: EndpointMatcher): Ways {
  switch (matcher.match) {
    case 'pod':
      return [[{ is: 'pod' }]];
    case 'labels':
      return termsOf(matcher.selector).map((terms) => [{ is: 'pod' }, ...terms.map(labelled('label'))]);
    case 'namespaceLabels':
      return termsOf(matcher.selector).map((terms) => [{ is: 'pod' }, ...terms.map(labelled('namespaceLabel'))]);
    case 'namespaceName':
      return [[{ is: 'pod' }, { is: 'namespace', texts: matcher.names }]];
    case 'serviceAccount':
      return [[{ is: 'pod' }, { is: 'account', texts: matcher.names }]];
    case 'sameNamespaceLabels':
      return [[{ is: 'pod' }, { is: 'same', texts: matcher.keys }]];
    case 'dnsName':
      return [[{ is: 'name', texts: matcher.patterns }]];
    case 'nodeLabels':
      return termsOf(matcher.selector).map((terms) => [{ is: 'node' }, ...terms.map(labelled('nodeLabel'))]);
    case 'undecidable':
      throw new Inexpressible(`"${matcher.missing}" cannot be written`);
    default:
      throw new Inexpressible(`a condition on "${matcher.match}" cannot be written`);
  }
}

/** Facts of pods are false for all that is no pod, so their negation is true there. */
function negatedAtom(matcher: EndpointMatcher): Ways {
  switch (matcher.match) {
    case 'pod':
      return NO_POD;
    case 'labels':
      return [...NO_POD, ...termsOf(matcher.selector, true).map((terms) => withPod(terms.map(labelled('label'))))];
    case 'namespaceLabels':
      return [
        ...NO_POD,
        ...termsOf(matcher.selector, true).map((terms) => withPod(terms.map(labelled('namespaceLabel')))),
      ];
    case 'namespaceName': {
      const term: Term = { kind: 'not', of: { kind: 'in', key: NAME_LABEL, values: matcher.names } };
      return [...NO_POD, withPod([{ is: 'namespaceLabel', term }])];
    }
    default:
      throw new Inexpressible(`the negation of "${matcher.match}" cannot be written`);
  }
}

function withPod(literals: readonly Literal[]): readonly Literal[] {
  return [{ is: 'pod' }, ...literals];
}

function labelled(is: 'label' | 'namespaceLabel' | 'nodeLabel') {
  return (term: Term): Literal => ({ is, term });
}

function cidrWays(
  { cidrs, except, pods }: Extract<EndpointMatcher, { match: 'cidr' }>,
  negated: boolean,
  matchesPods: boolean,
): Ways {
  if (!(pods ?? matchesPods)) throw new Inexpressible('address blocks match pods too, and these must not');
  if (!negated) return [[{ is: 'inside', cidrs, except }]];
  const excepted: Ways =
    except.length === 0 ? [] : [[{ is: 'inside', cidrs: intersectCidrs(cidrs, except), except: [] }]];
  return [[{ is: 'outside', cidrs, except: [] }], ...excepted];
}

function alternative(literals: readonly Literal[]): Alternative | undefined {
  if (literals.length === 0) return { form: 'anything' };
  const has = (...kinds: readonly Literal['is'][]): boolean => literals.some(({ is }) => kinds.includes(is));
  if (has('pod') && has('noPod', 'node')) return undefined;
  const forms = [has('pod'), has('inside', 'outside'), has('name'), has('node')].filter(Boolean).length;
  if (forms > 1) throw new Inexpressible('pods, addresses, names and nodes cannot be conditions on one peer');
  if (has('noPod')) throw new Inexpressible('"everything but pods" cannot be written');
  if (has('pod')) return pods(literals);
  if (has('node')) return { form: 'nodes', labels: termsIn(literals, 'nodeLabel') };
  if (has('name')) return names(literals);
  return addresses(literals);
}

function termsIn(literals: readonly Literal[], is: Literal['is']): Term[] {
  const terms = literals.flatMap((literal) => (literal.is === is && 'term' in literal ? [literal.term] : []));
  return [...new Map(terms.map((term) => [JSON.stringify(term), term])).values()];
}

/** What all literals of one kind have in common; absent when there are none. */
function common(literals: readonly Literal[], is: Literal['is']): readonly string[] | undefined {
  const lists = literals.flatMap((literal) => (literal.is === is && 'texts' in literal ? [literal.texts] : []));
  const [first, ...rest] = lists;
  return first?.filter((text) => rest.every((list) => list.includes(text)));
}

function pods(literals: readonly Literal[]): PodAlternative | undefined {
  const [names, accounts] = [common(literals, 'namespace'), common(literals, 'account')];
  if (names?.length === 0 || accounts?.length === 0) return undefined;
  const asked = termsIn(literals, 'namespaceLabel');
  const named: readonly Term[] = names ? [{ kind: 'in', key: NAME_LABEL, values: names }] : [];
  const same = literals.flatMap((literal) => (literal.is === 'same' ? [literal.texts] : []));
  if (same.length > 1) throw new Inexpressible('namespaces can be compared in one way only');
  return {
    form: 'pods',
    labels: termsIn(literals, 'label'),
    namespaceLabels: [...named, ...asked],
    ...(names && asked.length === 0 && { namespaces: names }),
    ...(accounts && { serviceAccounts: accounts }),
    ...(same[0] && { sameNamespace: same[0] }),
  };
}

function names(literals: readonly Literal[]): Alternative {
  const lists = literals.flatMap((literal) => (literal.is === 'name' ? [literal.texts] : []));
  if (lists.length > 1) throw new Inexpressible('a name cannot be asked to match two patterns');
  return { form: 'names', patterns: lists[0] ?? [] };
}

const EVERY_ADDRESS = ['0.0.0.0/0', '::/0'];

function addresses(literals: readonly Literal[]): Alternative | undefined {
  const inside = literals.flatMap((literal) => (literal.is === 'inside' ? [literal] : []));
  const outside = literals.flatMap((literal) => (literal.is === 'outside' ? literal.cidrs : []));
  const [first, ...rest] = inside;
  const cidrs = rest.reduce((blocks, one) => intersectCidrs(blocks, one.cidrs), first?.cidrs ?? EVERY_ADDRESS);
  const except = [...inside.flatMap((one) => one.except), ...outside];
  return cidrs.length === 0 ? undefined : { form: 'addresses', cidrs, except };
}
