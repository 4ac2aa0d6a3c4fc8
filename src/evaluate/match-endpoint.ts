import type { EdgeEndpoint } from '../model/edge.ts';
import { endpointName } from '../model/endpoint.ts';
import type { EndpointKind } from '../model/enums.ts';
import type { EndpointMatcher } from '../model/policy.ts';
import { type Selector, selects } from '../model/selector.ts';
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
  readonly principal: string | undefined;
}

/** What a matcher is asked about. Without `other` and addresses the answer holds for all traffic of the endpoint. */
export interface Question {
  readonly end: End;
  readonly other: End | undefined;
  readonly ipBlockMatchesPods: boolean;
  readonly cells: AddressCells;
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
      return facts.endpoint.kind === 'unknown' ? MAYBE : truthOf(matcher.kinds.includes(facts.endpoint.kind));
    case 'nodeLabels':
      return both(NODES[facts.endpoint.kind] ?? NO, matchLabels(matcher.selector, undefined));
    case 'cidr':
      return matchCidr(matcher, question);
    case 'dnsName':
      return matchName(matcher.patterns, question.end);
    case 'principal':
      return matchPrincipal(matcher.patterns, question.end);
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

function matchCidr(matcher: CidrMatcher, { end, ipBlockMatchesPods, cells }: Question): Truth {
  const { facts } = end;
  const withPods = matcher.pods ?? ipBlockMatchesPods;
  if (!withPods && facts.pod === YES) return NO;
  const inside = insideAll(rangesOf(end, cells), matcher, cells);
  return withPods ? inside : both(inside, negated(facts.pod));
}

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
function matchName(patterns: readonly string[], { facts, endpoint, names }: End): Truth {
  if (facts.pod === YES) return NO;
  const { peer } = endpoint;
  const all = facts.range === undefined && peer !== '' ? [...names, peer] : names;
  if (all.some((name) => patterns.some((pattern) => matchesPattern(name, pattern)))) return YES;
  return all.length > 0 ? NO : MAYBE;
}

/** Without a mesh identity of its own, a pod's follows from its service account in the default trust domain. */
function matchPrincipal(patterns: readonly string[], { facts, principal }: End): Truth {
  if (principal === undefined && facts.pod === NO) return NO;
  const { namespace, serviceAccount } = facts;
  const derived = namespace && serviceAccount && `cluster.local/ns/${namespace}/sa/${serviceAccount}`;
  const identity = principal ?? derived;
  if (identity === undefined) return MAYBE;
  return truthOf(identity !== '' && patterns.some((pattern) => matchesWildcard(identity, pattern)));
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
};
