import type { EndpointMatcher } from '../../model/policy.ts';
import type { Selector } from '../../model/selector.ts';
import { NAME_LABEL, NAMESPACE_LABEL, SERVICE_ACCOUNT_LABEL } from './labels.ts';
import { Inexpressible, selectorText } from './selector-text.ts';

/** Conditions on a pod, sorted by the field of a policy or rule that says them; all of them must hold. */
export interface PodParts {
  /** Names of namespaces; absent: any. */
  readonly names?: readonly string[];
  readonly namespaces: readonly Selector[];
  readonly labels: readonly Selector[];
  readonly accountNames?: readonly string[];
  readonly accounts: readonly Selector[];
}

const NONE: PodParts = { namespaces: [], labels: [], accounts: [] };

/** Whether the matcher is about facts of pods only. */
export function isAboutPods(matcher: EndpointMatcher): boolean {
  if (matcher.match === 'all' || matcher.match === 'some') return matcher.of.every(isAboutPods);
  return matcher.match === 'not' ? isAboutPods(matcher.of) : matcher.match in ATOMS;
}

const ATOMS: Partial<Record<EndpointMatcher['match'], true>> = {
  pod: true,
  labels: true,
  namespaceName: true,
  namespaceLabels: true,
  serviceAccount: true,
  serviceAccountLabels: true,
};

/** Sorts a conjunction; what has no field of its own becomes a condition on Calico's implicit labels. */
export function podParts(matchers: readonly EndpointMatcher[]): PodParts {
  return matchers.reduce(addPart, NONE);
}

function addPart(parts: PodParts, matcher: EndpointMatcher): PodParts {
  switch (matcher.match) {
    case 'anything':
    case 'pod':
      return parts;
    case 'all':
      return matcher.of.reduce(addPart, parts);
    case 'labels':
      return { ...parts, labels: [...parts.labels, matcher.selector] };
    case 'namespaceLabels':
      return { ...parts, namespaces: [...parts.namespaces, matcher.selector] };
    case 'serviceAccountLabels':
      return { ...parts, accounts: [...parts.accounts, matcher.selector] };
    case 'namespaceName':
      return { ...parts, names: common(parts.names, matcher.names) };
    case 'serviceAccount':
      return { ...parts, accountNames: common(parts.accountNames, matcher.names) };
    case 'not':
      return addNegated(parts, matcher.of);
    default:
      return { ...parts, labels: [...parts.labels, impliedSelector(matcher)] };
  }
}

function addNegated(parts: PodParts, of: EndpointMatcher): PodParts {
  if (of.match === 'namespaceLabels') {
    return { ...parts, namespaces: [...parts.namespaces, { kind: 'not', of: of.selector }] };
  }
  if (of.match === 'serviceAccountLabels') {
    return { ...parts, accounts: [...parts.accounts, { kind: 'not', of: of.selector }] };
  }
  return { ...parts, labels: [...parts.labels, { kind: 'not', of: impliedSelector(of) }] };
}

function common(before: readonly string[] | undefined, names: readonly string[]): readonly string[] {
  return before === undefined ? names : before.filter((name) => names.includes(name));
}

/** The matcher as one selector over the labels of an endpoint and the labels that Calico adds (P14). */
export function impliedSelector(matcher: EndpointMatcher): Selector {
  switch (matcher.match) {
    case 'pod':
      return { kind: 'has', key: NAMESPACE_LABEL };
    case 'labels':
      return matcher.selector;
    case 'namespaceName':
      return { kind: 'in', key: NAMESPACE_LABEL, values: matcher.names };
    case 'serviceAccount':
      return { kind: 'in', key: SERVICE_ACCOUNT_LABEL, values: matcher.names };
    case 'all':
      return { kind: 'and', of: matcher.of.map(impliedSelector) };
    case 'some':
      return { kind: 'or', of: matcher.of.map(impliedSelector) };
    case 'not':
      return { kind: 'not', of: impliedSelector(matcher.of) };
    default:
      throw new Inexpressible(`Calico cannot express "${matcher.match}" in this place`);
  }
}

/** One selector text for several conditions. */
export function allOf(selectors: readonly Selector[]): string {
  return selectorText({ kind: 'and', of: selectors });
}

/** Namespaces by their names, as a namespaceSelector. */
export function named(names: readonly string[]): Selector {
  return { kind: 'in', key: NAME_LABEL, values: names };
}
