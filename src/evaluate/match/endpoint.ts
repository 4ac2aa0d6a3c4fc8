import type { EdgeEndpoint } from '../../model/edge.ts';
import { endpointName } from '../../model/endpoint.ts';
import type { EndpointKind } from '../../model/enums.ts';
import type { EndpointMatcher } from '../../model/policy.ts';
import { type Selector, selects } from '../../model/selector.ts';
import type { AddressCells, CellRange, CidrMatcher } from './address-cells.ts';
import type { Facts } from './facts.ts';
import { matchesPattern, matchesWildcard } from './patterns.ts';
import { both, either, MAYBE, NO, negated, type Truth, truthOf, YES } from './truth.ts';

/** One end of some traffic: what is known of the endpoint, and what this traffic adds. */
export interface End {
  readonly facts: Facts;
  /** The endpoint itself, of which `facts` may only know a like. */
  readonly endpoint: EdgeEndpoint;
  /** Addresses seen of a pod; none = unknown. */
  readonly addresses: readonly string[];
  readonly names: readonly string[];
}

/** What a matcher is asked about. Without `other` and addresses the answer holds for all traffic of the endpoint. */
export interface Question {
  readonly end: End;
  readonly other: End | undefined;
  readonly ipBlockMatchesPods: boolean;
  readonly ipBlockMatchesNodes?: boolean | undefined;
  readonly cells: AddressCells;
  readonly sameNode?: boolean | undefined;
  /** Takes what would have to be known where the answer is MAYBE. */
  readonly missing: Set<string> | undefined;
}

/** Whether the endpoint satisfies the matcher, as far as known. */
export function matchEndpoint(matcher: EndpointMatcher, question: Question): Truth {
  switch (matcher.match) {
    case 'all':
      return matchAll(matcher.of, question);
    case 'some':
      return matchSome(matcher.of, question);
    case 'not':
      return negated(matchEndpoint(matcher.of, question));
    default: {
      const truth = matchAtom(matcher, question);
      if (truth === MAYBE) question.missing?.add(missingFact(matcher, question.end));
      return truth;
    }
  }
}

function matchAll(parts: readonly EndpointMatcher[], question: Question): Truth {
  let truth: Truth = YES;
  for (let index = 0; index < parts.length && truth !== NO; index++) {
    truth = both(truth, matchEndpoint(parts[index] as EndpointMatcher, question));
  }
  return truth;
}

function matchSome(parts: readonly EndpointMatcher[], question: Question): Truth {
  let truth: Truth = NO;
  for (let index = 0; index < parts.length && truth !== YES; index++) {
    truth = either(truth, matchEndpoint(parts[index] as EndpointMatcher, question));
  }
  return truth;
}

type Atom = Exclude<EndpointMatcher, { match: 'all' | 'some' | 'not' }>;

function matchAtom(matcher: Atom, question: Question): Truth {
  const { facts } = question.end;
  switch (matcher.match) {
    case 'anything':
      return YES;
    case 'nothing':
      return NO;
    case 'pod':
      return facts.pod;
    case 'labels':
      return both(facts.pod, matchLabels(matcher.selector, facts.labels));
    case 'namespaceLabels':
      return both(facts.pod, matchLabels(matcher.selector, facts.namespaceLabels));
    case 'namespaceName':
      return both(
        facts.pod,
        known(facts.namespace, (name) => matcher.names.includes(name)),
      );
    case 'serviceAccount':
      return both(
        facts.pod,
        known(facts.serviceAccount, (name) => matcher.names.includes(name)),
      );
    case 'serviceAccountLabels':
      return both(facts.pod, MAYBE);
    case 'kind':
      return matchKind(matcher.kinds, facts.endpoint.kind);
    case 'clusterName':
      return both(facts.pod, matcher.names.includes(facts.endpoint.cluster) ? YES : MAYBE);
    case 'networkSet':
      return truthOf(isNetworkSet(matcher.names, facts));
    case 'ownNode':
      return both(matchKind(['host'], facts.endpoint.kind), known(question.sameNode, Boolean));
    case 'nodeLabels':
      return both(NODES[facts.endpoint.kind] ?? NO, matchLabels(matcher.selector, undefined));
    case 'cidr':
      return matchCidr(matcher, question);
    case 'dnsName':
      return matchName(matcher.patterns, question);
    case 'principal':
    case 'principalNamespace':
      return matchPrincipal(matcher, facts);
    case 'sameNamespaceLabels':
      return matchNamespaces(matcher.keys, facts, question.other?.facts);
    case 'undecidable':
      return MAYBE;
  }
}

/** An API server or a private address may be a node's. */
const NODES: Partial<Record<EndpointKind, Truth>> = {
  host: YES,
  health: YES,
  apiserver: MAYBE,
  private: MAYBE,
  unknown: MAYBE,
};

/** What is not known to be one thing may be another: who answers for a service, where the API server runs. */
function matchKind(kinds: readonly EndpointKind[], kind: EndpointKind): Truth {
  if (kind === 'unknown') return MAYBE;
  return kinds.includes(kind) ? YES : kind === 'service' ? MAYBE : NO;
}

function known<T>(fact: T | undefined, test: (fact: T) => boolean): Truth {
  return fact === undefined ? MAYBE : truthOf(test(fact));
}

/** Unknown labels leave a selector open unless it says the same of every label map. */
function matchLabels(selector: Selector, labels: ReadonlyMap<string, string> | undefined): Truth {
  if (labels !== undefined) return truthOf(selects(selector, labels));
  switch (selector.kind) {
    case 'and':
      return selector.of.reduce<Truth>((truth, part) => both(truth, matchLabels(part, labels)), YES);
    case 'or':
      return selector.of.reduce<Truth>((truth, part) => either(truth, matchLabels(part, labels)), NO);
    case 'not':
      return negated(matchLabels(selector.of, labels));
    default:
      return MAYBE;
  }
}

/** A source that names the set often masks the address; where there is one, it decides. */
function isNetworkSet(names: readonly string[], { endpoint, range }: Facts): boolean {
  return endpoint.kind === 'netset' && range === undefined && names.includes(endpoint.peer);
}

function matchCidr(matcher: CidrMatcher, { end, ipBlockMatchesPods, ipBlockMatchesNodes, cells }: Question): Truth {
  const { facts } = end;
  const withPods = matcher.pods ?? ipBlockMatchesPods;
  if (!withPods && facts.pod === YES) return NO;
  const nodes = ipBlockMatchesNodes === false ? (IDENTIFIED[facts.endpoint.kind] ?? NO) : NO;
  const inside = nodes === YES ? NO : both(insideAll(rangesOf(end, cells), matcher, cells), negated(nodes));
  return withPods ? inside : both(inside, negated(facts.pod));
}

/** Known to the network plugin by more than their address. */
const IDENTIFIED: Partial<Record<EndpointKind, Truth>> = {
  host: YES,
  health: YES,
  ingress: YES,
  unmanaged: YES,
  apiserver: MAYBE,
};

function rangesOf({ facts, addresses }: End, cells: AddressCells): readonly CellRange[] {
  if (facts.range !== undefined) return [facts.range];
  const ranges: CellRange[] = [];
  for (const address of addresses) {
    const range = cells.rangeOf(address);
    if (range !== undefined) ranges.push(range);
  }
  return ranges;
}

/** The common answer; MAYBE when they differ, since it is not known which of them it was, and when there is none. */
function insideAll(ranges: readonly CellRange[], matcher: CidrMatcher, cells: AddressCells): Truth {
  let common: Truth | undefined;
  for (const range of ranges) {
    const truth = cells.inside(range, matcher);
    if (common !== undefined && truth !== common) return MAYBE;
    common = truth;
  }
  return common ?? MAYBE;
}

/** Pods have no names of their own that a rule could mean; names that are known decide, others stay open. */
function matchName(patterns: readonly string[], { end: { facts, endpoint, names }, other }: Question): Truth {
  if (facts.pod === YES) return NO;
  const { peer } = endpoint;
  const all = facts.range === undefined && peer !== '' ? [...names, peer] : names;
  if (all.some((name) => patterns.some((pattern) => matchesPattern(name, pattern)))) return YES;
  return all.length > 0 && other !== undefined ? NO : MAYBE;
}

type IdentityMatcher = Extract<EndpointMatcher, { match: 'principal' | 'principalNamespace' }>;

/**
 * The identity that the traffic carried. Where the source did not tell, that of a pod follows from its service account
 * in the default trust domain; of a pod whose account is not known the namespace alone may rule a pattern out.
 */
function matchPrincipal({ match, patterns }: IdentityMatcher, facts: Facts): Truth {
  const { namespace, serviceAccount, principal } = facts;
  if (principal === undefined && facts.pod === NO) return NO;
  const derived = namespace && serviceAccount && `cluster.local/ns/${namespace}/sa/${serviceAccount}`;
  const identity = principal?.replace(/^spiffe:\/\//, '') ?? derived;
  const fits = (text: string): boolean => patterns.some((pattern) => matchesWildcard(text, pattern));
  if (identity !== undefined) {
    const subject = match === 'principal' ? identity : (namespaceOf(identity) ?? '');
    return truthOf(subject !== '' && fits(subject));
  }
  if (namespace === undefined) return MAYBE;
  if (match === 'principalNamespace') return fits(namespace) ? MAYBE : NO;
  return patterns.every((pattern) => (namespaceOf(pattern) ?? namespace) !== namespace) ? NO : MAYBE;
}

/** The namespace that an identity, or a pattern of identities, names in full. */
function namespaceOf(identity: string): string | undefined {
  return /(?:^|\/)ns\/([^/*]+)\/sa\//.exec(identity)?.[1];
}

function matchNamespaces(keys: readonly string[], own: Facts, other: Facts | undefined): Truth {
  if (own.pod === NO || other?.pod === NO) return NO;
  const [mine, theirs] = [own.namespaceLabels, other?.namespaceLabels];
  if (other === undefined || mine === undefined || theirs === undefined) return MAYBE;
  const pods = both(own.pod, other.pod);
  if (keys.length === 0) return both(pods, truthOf(own.namespace === other.namespace));
  return both(pods, truthOf(keys.every((key) => mine.has(key) && mine.get(key) === theirs.get(key))));
}

function missingFact(matcher: Atom, { endpoint }: End): string {
  const name = endpointName(endpoint);
  if (matcher.match === 'undecidable') return matcher.missing;
  if (endpoint.kind === 'unknown') return `what ${name} is`;
  if (endpoint.kind === 'service') return `which pods answer for service ${name}`;
  return `${MISSING[matcher.match] ?? matcher.match} of ${name}`;
}

const MISSING: Partial<Record<Atom['match'], string>> = {
  labels: 'labels',
  namespaceName: 'namespace',
  namespaceLabels: 'namespace',
  sameNamespaceLabels: 'namespace',
  serviceAccount: 'service account',
  serviceAccountLabels: 'service account labels',
  nodeLabels: 'node labels',
  cidr: 'address',
  dnsName: 'DNS name',
  principal: 'mesh identity',
  principalNamespace: 'mesh identity',
  clusterName: 'cluster name',
  ownNode: 'node',
};
