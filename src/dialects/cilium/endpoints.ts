import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { ENDPOINTS, reservedMatcher } from './entities.ts';
import type { LabelTerm, LabelTerms } from './labels.ts';

/** Labels by which Cilium tells more of a pod than Kubernetes' own labels do (X15, X16). */
export const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
export const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';
export const CLUSTER = 'io.cilium.k8s.policy.cluster';

const POD: EndpointMatcher = { match: 'pod' };
/** Sources of the labels that pods and namespaces have. */
const OWN_SOURCES: ReadonlySet<string> = new Set(['any', 'k8s']);

/**
 * X15: who a peer selector selects. The own namespace is meant unless the selector speaks of namespaces; policies of
 * the whole cluster mean pods. A selector of reserved labels, or one that only excludes, means what it says.
 */
export function peerMatcher(terms: LabelTerms, namespace: string): EndpointMatcher {
  const reserved = terms.some(({ source }) => source === 'reserved');
  const named = terms.some(isPodNamespace);
  const scoped = named || (namespace !== '' && terms.some(isNamespaceLabel));
  if (reserved || scoped) return allOf(terms.map((term) => termMatcher(term, !terms.some(marksPod))));
  return allOf([scope(namespace), ...terms.map((term) => termMatcher(term, false))]);
}

/** X14, X15: whom a policy is about. A namespaced one never reaches beyond its namespace, whatever it says. */
export function subjectMatcher(terms: LabelTerms, namespace: string): EndpointMatcher {
  if (namespace !== '') {
    const own = terms.filter((term) => term.negative || !isPodNamespace(term));
    return allOf([scope(namespace), ...own.map((term) => termMatcher(term, false))]);
  }
  const pods = terms.some(marksPod);
  const matchers = terms.map((term) => termMatcher(term, !pods));
  return allOf(pods ? matchers : [ENDPOINTS, ...matchers]);
}

/** A positive statement about the namespace that the namespaced policy cannot make. */
export function namesOtherNamespace(terms: LabelTerms, namespace: string): boolean {
  return terms.some((one) => isPodNamespace(one) && one.term.kind === 'in' && !one.term.values.includes(namespace));
}

function scope(namespace: string): EndpointMatcher {
  return namespace === '' ? POD : { match: 'namespaceName', names: [namespace] };
}

function allOf(matchers: readonly EndpointMatcher[]): EndpointMatcher {
  const parts = matchers.length > 1 ? matchers.filter((one) => one !== POD || matchers[0] !== one) : matchers;
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { match: 'all', of: parts };
}

function isOwn({ source }: LabelTerm): boolean {
  return OWN_SOURCES.has(source);
}

function isPodNamespace(term: LabelTerm): boolean {
  return isOwn(term) && term.key === POD_NAMESPACE;
}

function isNamespaceLabel(term: LabelTerm): boolean {
  return isOwn(term) && term.key.startsWith(NAMESPACE_LABELS);
}

/** Only pods have these labels. */
function marksPod(term: LabelTerm): boolean {
  return isOwn(term) && !term.negative;
}

/** `open`: what has no such label because it is no pod satisfies a negative term. */
function termMatcher(term: LabelTerm, open: boolean): EndpointMatcher {
  if (term.source === 'reserved') {
    const matcher = reservedMatcher(term.key);
    return term.negative ? { match: 'not', of: matcher } : matcher;
  }
  if (!isOwn(term)) {
    return { match: 'undecidable', missing: `labels of source "${term.source}", such as ${term.source}:${term.key}` };
  }
  const matcher = podMatcher(term);
  return open && term.negative ? { match: 'some', of: [{ match: 'not', of: POD }, matcher] } : matcher;
}

function podMatcher({ key, term }: LabelTerm): EndpointMatcher {
  if (key === POD_NAMESPACE) return fact(term, (names) => ({ match: 'namespaceName', names }));
  if (key === SERVICE_ACCOUNT) return fact(term, (names) => ({ match: 'serviceAccount', names }));
  if (key === CLUSTER) return fact(term, (names) => ({ match: 'clusterName', names }));
  if (!key.startsWith(NAMESPACE_LABELS)) return { match: 'labels', selector: term };
  return { match: 'namespaceLabels', selector: rekeyed(term, key.slice(NAMESPACE_LABELS.length)) };
}

/** Something every pod has, of which a term may ask the value. */
function fact(term: Selector, named: (names: readonly string[]) => EndpointMatcher): EndpointMatcher {
  if (term.kind === 'not') return { match: 'all', of: [POD, { match: 'not', of: fact(term.of, named) }] };
  return term.kind === 'in' ? named(term.values) : POD;
}

function rekeyed(term: Selector, key: string): Selector {
  if (term.kind === 'not') return { kind: 'not', of: rekeyed(term.of, key) };
  return term.kind === 'in' || term.kind === 'has' ? { ...term, key } : term;
}
