import type { EndpointMatcher } from '../../model/policy.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { Inexpressible } from '../writing/documents.ts';
import { allOf, type Term, termsOf } from '../writing/selector-terms.ts';
import { CLUSTER, NAMESPACE_LABELS, POD_NAMESPACE, SERVICE_ACCOUNT } from './endpoints.ts';

/** A pod that fulfils all terms, their keys as Cilium writes them; or, with `pod: false`, whatever is no pod. */
export interface Way {
  readonly pod: boolean;
  readonly terms: readonly Term[];
}

type Literal = { readonly is: 'pod' | 'noPod' } | { readonly is: 'term'; readonly term: Term };

const POD: Literal = { is: 'pod' };
const NO_POD: readonly Literal[] = [{ is: 'noPod' }];

/** The matcher as alternatives of which one must hold; the empty literal list is anything at all. */
export function waysOf(matcher: EndpointMatcher): readonly (Way | 'anything')[] {
  return literalsOf(matcher, false).flatMap((literals): (Way | 'anything')[] => {
    const [pod, noPod] = [literals.some(({ is }) => is !== 'noPod'), literals.some(({ is }) => is === 'noPod')];
    if (pod && noPod) return [];
    if (literals.length === 0) return ['anything'];
    return [{ pod, terms: literals.flatMap((one) => (one.is === 'term' ? [one.term] : [])) }];
  });
}

function literalsOf(matcher: EndpointMatcher, negated: boolean): readonly (readonly Literal[])[] {
  switch (matcher.match) {
    case 'anything':
      return negated ? [] : [[]];
    case 'nothing':
      return negated ? [[]] : [];
    case 'not':
      return literalsOf(matcher.of, !negated);
    case 'all':
    case 'some': {
      const parts = matcher.of.map((part) => literalsOf(part, negated));
      return (matcher.match === 'all') !== negated ? allOf(parts) : parts.flat();
    }
    case 'pod':
      return negated ? [NO_POD] : [[POD]];
    default: {
      const ways = podTerms(matcher, negated).map((terms) => [
        POD,
        ...terms.map((term): Literal => ({ is: 'term', term })),
      ]);
      return negated ? [NO_POD, ...ways] : ways;
    }
  }
}

/** A fact of pods, or its negation, as terms on labels. */
function podTerms(matcher: EndpointMatcher, negated: boolean): readonly (readonly Term[])[] {
  switch (matcher.match) {
    case 'labels':
      return termsOf(matcher.selector, negated);
    case 'namespaceLabels':
      return termsOf(matcher.selector, negated).map((terms) => terms.map(namespaceTerm));
    case 'namespaceName':
      return named(POD_NAMESPACE, matcher.names, negated);
    case 'serviceAccount':
      return named(SERVICE_ACCOUNT, matcher.names, negated);
    case 'clusterName':
      return named(CLUSTER, matcher.names, negated);
    default:
      throw new Inexpressible(`a Cilium selector cannot express "${matcher.match}" here`);
  }
}

function named(key: string, values: readonly string[], negated: boolean): readonly (readonly Term[])[] {
  return termsOf({ kind: 'in', key, values }, negated);
}

function namespaceTerm(term: Term): Term {
  if (term.kind === 'not') return { kind: 'not', of: namespaceTerm(term.of as Term) };
  return { ...term, key: NAMESPACE_LABELS + term.key };
}

/** The key that a term asks about. */
function keyOf(term: Term): string {
  return term.kind === 'not' ? keyOf(term.of as Term) : term.key;
}

function isPositive(key: string): (term: Term) => boolean {
  return (term) => term.kind !== 'not' && keyOf(term) === key;
}

/** Whether the way is confined to the namespace by its name. */
export function isIn(way: Way, namespace: string): boolean {
  return way.terms.some((term) => term.kind === 'in' && term.key === POD_NAMESPACE && term.values.join() === namespace);
}

/**
 * The selector of a peer. The own namespace goes without saying unless labels of namespaces are asked as well (X15);
 * any other namespace has to be said, and so has "any".
 */
export function peerSelector(way: Way, namespace: string): PlainObject {
  if (!way.pod) return { matchExpressions: [{ key: `k8s:${POD_NAMESPACE}`, operator: 'DoesNotExist' }] };
  const asksLabels = way.terms.some((term) => keyOf(term).startsWith(NAMESPACE_LABELS));
  if (namespace !== '' && isIn(way, namespace) && !asksLabels) return selectorOf(withoutNamespace(way));
  const said = way.terms.some(isPositive(POD_NAMESPACE));
  return selectorOf(said ? way.terms : [{ kind: 'has', key: POD_NAMESPACE }, ...way.terms]);
}

/** The selector of a subject, whose namespace a namespaced policy says by where it is. */
export function subjectSelector(way: Way, namespace: string): PlainObject {
  if (namespace !== '') return selectorOf(withoutNamespace(way));
  const marked = way.terms.some((term) => term.kind !== 'not');
  return selectorOf(marked ? way.terms : [{ kind: 'has', key: POD_NAMESPACE }, ...way.terms]);
}

function withoutNamespace({ terms }: Way): readonly Term[] {
  return terms.filter((term) => !isPositive(POD_NAMESPACE)(term));
}

/** `matchLabels` for equality, `matchExpressions` for the rest; keys of Cilium itself carry their source. */
export function selectorOf(terms: readonly Term[]): PlainObject {
  const equal: Record<string, string> = {};
  const expressions: PlainObject[] = [];
  for (const term of terms) {
    const key = sourced(keyOf(term));
    const only = term.kind === 'in' && term.values.length === 1 ? term.values[0] : undefined;
    if (only !== undefined && !Object.hasOwn(equal, key)) equal[key] = only;
    else expressions.push({ key, ...operator(term) });
  }
  return {
    ...(Object.keys(equal).length > 0 && { matchLabels: equal }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  };
}

function sourced(key: string): string {
  return key === POD_NAMESPACE || key.startsWith('io.cilium.k8s.') ? `k8s:${key}` : key;
}

function operator(term: Term): PlainObject {
  if (term.kind === 'in') return { operator: 'In', values: term.values };
  if (term.kind === 'has') return { operator: 'Exists' };
  const of = term.of as Term;
  return of.kind === 'in' ? { operator: 'NotIn', values: of.values } : { operator: 'DoesNotExist' };
}
