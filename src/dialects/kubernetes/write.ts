import type { EndpointMatcher, Policy, PolicyDirection, PolicyRule, PortMatcher } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { Selector } from '../../model/selector.ts';
import { contains, parseCidr } from '../../util/ip.ts';

/** A value of a document: plain data, ready for YAML or JSON. */
export type PlainObject = { readonly [key: string]: PlainValue };
type PlainValue = string | number | boolean | readonly PlainValue[] | PlainObject;

/** Labels and annotations of the written object. */
export interface WrittenMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A policy as a NetworkPolicy document, or the reason why NetworkPolicy cannot say it. */
export type Written = { readonly document: PlainObject } | { readonly refusal: string };

/** Leaves the writer's recursion; never leaves this file. */
class Inexpressible extends Error {}

/**
 * Writes one neutral policy as `networking.k8s.io/v1` NetworkPolicy. `policyTypes` is always explicit, an isolating
 * direction without rules is an empty list, and nothing is approximated: what NetworkPolicy cannot express is refused.
 */
export function writeNetworkPolicy(policy: Policy, metadata: WrittenMetadata = {}): Written {
  try {
    const { namespace, name } = policy.ref;
    const subject = podsIn(policy.subject);
    if (subject.namespaces?.length !== 1 || subject.namespaces[0] !== namespace)
      throw new Inexpressible('a NetworkPolicy selects pods of its own namespace only');
    return {
      document: {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name, namespace, ...metadata },
        spec: {
          podSelector: labelSelector(subject.selector),
          policyTypes: [...(policy.ingress ? ['Ingress'] : []), ...(policy.egress ? ['Egress'] : [])],
          ...(policy.ingress && { ingress: direction(policy.ingress, 'from', namespace) }),
          ...(policy.egress && { egress: direction(policy.egress, 'to', namespace) }),
        },
      },
    };
  } catch (error) {
    if (error instanceof Inexpressible) return { refusal: error.message };
    throw error;
  }
}

function direction({ rules, isolates }: PolicyDirection, peers: 'from' | 'to', namespace: string): PlainObject[] {
  if (!isolates) throw new Inexpressible('a NetworkPolicy always isolates the pods it selects');
  return rules.map((rule) => writeRule(rule, peers, namespace));
}

/** A rule without peers means everything, so an empty list of peers must never be written by accident. */
function writeRule(rule: PolicyRule, peers: 'from' | 'to', namespace: string): PlainObject {
  if (rule.action !== 'allow') throw new Inexpressible(`NetworkPolicy has no ${rule.action} rules`);
  if (rule.self || rule.notPorts || rule.sourcePorts || rule.conditions?.length)
    throw new Inexpressible('NetworkPolicy rules know peers and destination ports only');
  const list = rule.peer.match === 'anything' ? undefined : writePeers(rule.peer, namespace);
  if (list?.length === 0) throw new Inexpressible('a rule that no peer matches cannot be written');
  return {
    ...(list && { [peers]: list }),
    ...(rule.ports && { ports: rule.ports.flatMap(writePorts) }),
  };
}

function writePeers(peer: EndpointMatcher, namespace: string): PlainObject[] {
  if (peer.match === 'nothing') return [];
  if (peer.match === 'some') return peer.of.flatMap((part) => writePeers(part, namespace));
  if (peer.match === 'cidr') return peer.cidrs.map((cidr) => ipBlock(cidr, peer.except));
  const { namespaces, selector } = podsIn(peer);
  if (namespaces?.length === 1 && namespaces[0] === namespace) return [{ podSelector: labelSelector(selector) }];
  const where = namespaces === undefined ? {} : namespaceSelector(namespaces);
  return [{ namespaceSelector: where, podSelector: labelSelector(selector) }];
}

/** Only exceptions inside the block are legal, and only they have an effect. */
function ipBlock(cidr: string, exceptions: readonly string[]): PlainObject {
  const block = parseCidr(cidr);
  const inside = exceptions.filter((exception) => {
    const range = parseCidr(exception);
    return block && range && contains(block, range) && exception !== cidr;
  });
  return { ipBlock: { cidr, ...(inside.length > 0 && { except: inside }) } };
}

/** Every cluster since 1.21 puts this label on each namespace. */
const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

function namespaceSelector(namespaces: readonly string[]): PlainObject {
  const [only] = namespaces;
  if (namespaces.length === 1 && only !== undefined) return { matchLabels: { [NAMESPACE_NAME]: only } };
  return { matchExpressions: [{ key: NAMESPACE_NAME, operator: 'In', values: namespaces }] };
}

interface Pods {
  readonly namespaces?: readonly string[];
  readonly selector: Selector;
}

/** The shapes of pod matchers that one peer or subject can express. */
function podsIn(matcher: EndpointMatcher): Pods {
  const parts = matcher.match === 'all' ? matcher.of : [matcher];
  let namespaces: readonly string[] | undefined;
  const selectors: Selector[] = [];
  for (const part of parts) {
    if (part.match === 'labels') selectors.push(part.selector);
    else if (part.match === 'namespaceName' && namespaces === undefined) namespaces = part.names;
    else if (part.match !== 'pod') throw new Inexpressible(`NetworkPolicy cannot express a "${part.match}" peer`);
  }
  const [only] = selectors;
  const selector: Selector = selectors.length === 1 && only ? only : { kind: 'and', of: selectors };
  return { ...(namespaces && { namespaces }), selector };
}

/** K2: `matchLabels` for equality, `matchExpressions` for the rest; all of them must hold. */
export function labelSelector(selector: Selector): PlainObject {
  const equal: Record<string, string> = {};
  const expressions: PlainObject[] = [];
  for (const term of conjuncts(selector)) {
    const only = term.kind === 'in' && term.values.length === 1 ? term.values[0] : undefined;
    if (term.kind === 'in' && only !== undefined && !Object.hasOwn(equal, term.key)) equal[term.key] = only;
    else expressions.push(expression(term));
  }
  return {
    ...(Object.keys(equal).length > 0 && { matchLabels: equal }),
    ...(expressions.length > 0 && { matchExpressions: expressions }),
  };
}

function conjuncts(selector: Selector): readonly Selector[] {
  return selector.kind === 'and' ? selector.of.flatMap(conjuncts) : [selector];
}

function expression(term: Selector): PlainObject {
  if (term.kind === 'has') return { key: term.key, operator: 'Exists' };
  if (term.kind === 'in' && term.values.length > 0) return { key: term.key, operator: 'In', values: term.values };
  if (term.kind === 'not' && term.of.kind === 'has') return { key: term.of.key, operator: 'DoesNotExist' };
  if (term.kind === 'not' && term.of.kind === 'in' && term.of.values.length > 0)
    return { key: term.of.key, operator: 'NotIn', values: term.of.values };
  throw new Inexpressible(`a label selector cannot express "${term.kind}" here`);
}

const WRITABLE_PROTOCOLS = new Set([6, 17, 132]);

function writePorts(matcher: PortMatcher): PlainObject[] {
  const { protocol } = matcher;
  if (protocol === undefined || !WRITABLE_PROTOCOLS.has(protocol))
    throw new Inexpressible('NetworkPolicy knows ports of TCP, UDP and SCTP only');
  const name = protocolName(protocol);
  if ('portName' in matcher) return [{ protocol: name, port: matcher.portName }];
  if ('icmpType' in matcher || 'icmpCode' in matcher) throw new Inexpressible('NetworkPolicy knows no ICMP');
  const ranges = 'ports' in matcher ? (matcher.ports ?? []) : [];
  if (ranges.length === 0) return [{ protocol: name }];
  return ranges.map(({ from, to }) => ({ protocol: name, port: from, ...(to > from && { endPort: to }) }));
}
