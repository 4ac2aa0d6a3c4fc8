import type { EndpointMatcher } from '../../model/policy.ts';
import { type Selector, selects } from '../../model/selector.ts';

/**
 * Calico's selectors see more labels than a pod carries (P14): where it runs, its service account, and under prefixes
 * the labels of its namespace and of its service account.
 */
export const NAMESPACE_LABEL = 'projectcalico.org/namespace';
export const SERVICE_ACCOUNT_LABEL = 'projectcalico.org/serviceaccount';
/** On namespaces and service accounts: their own name. */
export const NAME_LABEL = 'projectcalico.org/name';
const ORCHESTRATOR_LABEL = 'projectcalico.org/orchestrator';
const NAMESPACE_PREFIX = 'pcns.';
const ACCOUNT_PREFIX = 'pcsa.';

/** Label that every namespace carries with its own name, in Kubernetes itself. */
const KUBERNETES_NAME_LABEL = 'kubernetes.io/metadata.name';

type Leaf = Exclude<Selector, { kind: 'and' | 'or' | 'not' }>;

/** Pods that the selector picks. */
export function podMatcher(selector: Selector): EndpointMatcher {
  if (isEverything(selector)) return { match: 'pod' };
  if (!leaves(selector).some(isImplicit)) return { match: 'labels', selector };
  return onlyPods(formula(selector, leafMatcher));
}

/** Pods in namespaces that the selector picks by their labels. */
export function namespaceMatcher(selector: Selector): EndpointMatcher {
  if (isEverything(selector)) return { match: 'pod' };
  return { match: 'namespaceLabels', selector: renameKeys(selector) };
}

/** Pods whose service account the selector picks by its labels. */
export function accountMatcher(selector: Selector): EndpointMatcher {
  if (isEverything(selector)) return { match: 'pod' };
  if (!leaves(selector).some(({ key }) => key === NAME_LABEL)) return { match: 'serviceAccountLabels', selector };
  return onlyPods(formula(selector, (leaf) => accountLeaf(leaf, leaf.key === NAME_LABEL)));
}

/** Whether the selector holds for everything by its form. */
export function isEverything(selector: Selector): boolean {
  return selector.kind === 'and' && selector.of.every(isEverything);
}

/** Atoms about pods are false for all else, so only a formula with a negation has to say that it means pods. */
function onlyPods(matcher: EndpointMatcher): EndpointMatcher {
  return { match: 'all', of: [{ match: 'pod' }, matcher] };
}

function leaves(selector: Selector): Leaf[] {
  if (selector.kind === 'and' || selector.kind === 'or') return selector.of.flatMap(leaves);
  return selector.kind === 'not' ? leaves(selector.of) : [selector];
}

function isImplicit({ key }: Leaf): boolean {
  return (
    key === NAMESPACE_LABEL ||
    key === SERVICE_ACCOUNT_LABEL ||
    key === ORCHESTRATOR_LABEL ||
    key.startsWith(NAMESPACE_PREFIX) ||
    key.startsWith(ACCOUNT_PREFIX)
  );
}

function formula(selector: Selector, leaf: (leaf: Leaf) => EndpointMatcher): EndpointMatcher {
  switch (selector.kind) {
    case 'and':
      return { match: 'all', of: selector.of.map((part) => formula(part, leaf)) };
    case 'or':
      return { match: 'some', of: selector.of.map((part) => formula(part, leaf)) };
    case 'not':
      return { match: 'not', of: formula(selector.of, leaf) };
    default:
      return leaf(selector);
  }
}

function leafMatcher(leaf: Leaf): EndpointMatcher {
  const { key } = leaf;
  if (key === NAMESPACE_LABEL) return namespaceLeaf(leaf);
  if (key === SERVICE_ACCOUNT_LABEL) return accountLeaf(leaf, true);
  if (key === ORCHESTRATOR_LABEL)
    return selects(leaf, new Map([[key, 'k8s']])) ? { match: 'pod' } : { match: 'nothing' };
  if (key.startsWith(NAMESPACE_PREFIX)) return namespaceMatcher({ ...leaf, key: key.slice(NAMESPACE_PREFIX.length) });
  if (key.startsWith(ACCOUNT_PREFIX)) return accountMatcher({ ...leaf, key: key.slice(ACCOUNT_PREFIX.length) });
  return { match: 'labels', selector: leaf };
}

function namespaceLeaf(leaf: Leaf): EndpointMatcher {
  if (leaf.kind === 'in') return { match: 'namespaceName', names: leaf.values };
  return namespaceMatcher({ ...leaf, key: NAME_LABEL });
}

function accountLeaf(leaf: Leaf, byName: boolean): EndpointMatcher {
  if (!byName) return { match: 'serviceAccountLabels', selector: leaf };
  if (leaf.kind === 'in') return { match: 'serviceAccount', names: leaf.values };
  if (leaf.kind === 'has') return { match: 'pod' };
  return onlyPods({ match: 'undecidable', missing: `service accounts whose name ${leaf.kind} "${leaf.value}"` });
}

/** The evaluator knows a namespace's name under the label that Kubernetes gives it. */
function renameKeys(selector: Selector): Selector {
  switch (selector.kind) {
    case 'and':
    case 'or':
      return { kind: selector.kind, of: selector.of.map(renameKeys) };
    case 'not':
      return { kind: 'not', of: renameKeys(selector.of) };
    default:
      return selector.key === NAME_LABEL ? { ...selector, key: KUBERNETES_NAME_LABEL } : selector;
  }
}

/** Labels of something that is not a pod; a key of which it is not known whether it is there is `unknown`. */
export interface SetLabels {
  readonly labels: ReadonlyMap<string, string>;
  unknown(key: string): boolean;
}

/** Labels by which a network set is picked (P29). `namespaceLabels` absent: the set's namespace is not known. */
export function setLabels(
  own: ReadonlyMap<string, string>,
  namespace: string,
  namespaceLabels: ReadonlyMap<string, string> | undefined,
): SetLabels {
  if (namespace === '') return { labels: own, unknown: () => false };
  const names = [NAME_LABEL, KUBERNETES_NAME_LABEL].map((key) => [NAMESPACE_PREFIX + key, namespace] as const);
  const inherited = [...(namespaceLabels ?? [])].map(([key, value]) => [NAMESPACE_PREFIX + key, value] as const);
  const labels = new Map([...own, ...inherited, ...names, [NAMESPACE_LABEL, namespace]]);
  return {
    labels,
    unknown: (key) => namespaceLabels === undefined && key.startsWith(NAMESPACE_PREFIX) && !labels.has(key),
  };
}

/** The selector with the prefix under which endpoints and sets inherit the labels of their namespace. */
export function onNamespace(selector: Selector): Selector {
  switch (selector.kind) {
    case 'and':
    case 'or':
      return { kind: selector.kind, of: selector.of.map(onNamespace) };
    case 'not':
      return { kind: 'not', of: onNamespace(selector.of) };
    default:
      return { ...selector, key: NAMESPACE_PREFIX + selector.key };
  }
}

/** Whether the selector picks something with these labels; undefined when that hinges on an unknown one. */
export function picks(selector: Selector, set: SetLabels): boolean | undefined {
  switch (selector.kind) {
    case 'and':
      return every(selector.of.map((part) => picks(part, set)));
    case 'or': {
      const none = every(selector.of.map((part) => opposite(picks(part, set))));
      return opposite(none);
    }
    case 'not':
      return opposite(picks(selector.of, set));
    default:
      return set.unknown(selector.key) ? undefined : selects(selector, set.labels);
  }
}

/** Three-valued AND. */
export function every(truths: readonly (boolean | undefined)[]): boolean | undefined {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function opposite(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}
