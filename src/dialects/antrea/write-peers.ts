import type { EndpointMatcher, Side } from '../../model/policy.ts';
import { subtractCidrs } from '../../util/cidr-blocks.ts';
import { contains, parseCidr } from '../../util/ip.ts';
import { labelSelector, type PlainObject } from '../kubernetes/write.ts';
import { type Alternative, alternativesOf, type PodAlternative } from '../writing/alternatives.ts';
import { Inexpressible } from '../writing/documents.ts';
import type { Term } from '../writing/selector-terms.ts';

/** What a written policy is: of a namespace, or of the whole cluster (`''`). */
export interface WriteScope {
  readonly namespace: string;
  readonly ipBlockMatchesPods: boolean;
  /** Label keys that every subject's namespace has. */
  readonly keys: ReadonlySet<string>;
}

/** N7. */
export function writeAppliedTo(matcher: EndpointMatcher, scope: WriteScope): readonly PlainObject[] {
  return alternativesOf(matcher, scope.ipBlockMatchesPods).flatMap((one) => {
    if (one.form === 'nodes' && scope.namespace === '') return [{ nodeSelector: selector(one.labels) }];
    if (one.form !== 'pods') throw new Inexpressible('it is applied to something that is neither pod nor node');
    if (one.sameNamespace) throw new Inexpressible('a subject cannot be compared with its peers');
    return scope.namespace === '' ? podPeer(one, scope) : [ownPods(one, scope)];
  });
}

/** Whether all subjects are pods of this namespace, told by labels only. */
export function isOfNamespace(matcher: EndpointMatcher, scope: WriteScope): boolean {
  return alternativesOf(matcher, scope.ipBlockMatchesPods).every((one) => isOwn(one, scope.namespace));
}

function isOwn(one: Alternative, namespace: string): one is PodAlternative {
  const only = one.form === 'pods' && one.namespaces?.length === 1 && one.namespaces[0] === namespace;
  return only && one.serviceAccounts === undefined && one.sameNamespace === undefined;
}

function ownPods(one: PodAlternative, { namespace }: WriteScope): PlainObject {
  if (!isOwn(one, namespace)) throw new Inexpressible('a NetworkPolicy selects pods of its own namespace only');
  return { podSelector: selector(one.labels) };
}

/** N8: peers of a rule; absent: everything, none: nothing. */
export function writePeers(
  matcher: EndpointMatcher,
  side: Side,
  scope: WriteScope,
): readonly PlainObject[] | undefined {
  const alternatives = alternativesOf(matcher, scope.ipBlockMatchesPods);
  if (alternatives.some(({ form }) => form === 'anything')) return undefined;
  return alternatives.flatMap((one) => writePeer(one, side, scope));
}

function writePeer(one: Alternative, side: Side, scope: WriteScope): readonly PlainObject[] {
  switch (one.form) {
    case 'anything':
      return [];
    case 'pods':
      return one.sameNamespace ? [related(one, one.sameNamespace, scope)] : podPeer(one, scope);
    case 'nodes':
      return [{ nodeSelector: selector(one.labels) }];
    case 'names':
      if (side === 'ingress') throw new Inexpressible('names can be peers of egress rules only');
      return one.patterns.map((pattern) => ({ fqdn: fqdn(pattern) }));
    case 'addresses':
      return one.cidrs.flatMap((cidr) => ipBlock(cidr, one.except));
  }
}

function podPeer(one: PodAlternative, { namespace }: WriteScope): readonly PlainObject[] {
  const { labels, namespaceLabels, namespaces, serviceAccounts } = one;
  if (serviceAccounts !== undefined) return accounts(one, serviceAccounts);
  const pods = { podSelector: selector(labels) };
  if (namespace !== '' && namespaces?.length === 1 && namespaces[0] === namespace) return [pods];
  if (namespace === '' && namespaceLabels.length === 0) return [pods];
  return [{ namespaceSelector: selector(namespaceLabels), ...(labels.length > 0 && pods) }];
}

function accounts({ labels, namespaces }: PodAlternative, names: readonly string[]): readonly PlainObject[] {
  if (labels.length > 0 || namespaces === undefined) {
    throw new Inexpressible('a service account is named with its namespace, and without labels');
  }
  return namespaces.flatMap((namespace) => names.map((name) => ({ serviceAccount: { name, namespace } })));
}

/** N9: Antrea leaves namespaces without the labels alone, so the policy must do so already. */
function related({ labels, namespaceLabels }: PodAlternative, keys: readonly string[], scope: WriteScope): PlainObject {
  if (namespaceLabels.length > 0) throw new Inexpressible('namespaces can be compared or selected, not both');
  if (scope.namespace !== '') {
    if (keys.length === 0) return { podSelector: selector(labels) };
    throw new Inexpressible('a NetworkPolicy cannot compare namespaces');
  }
  const missing = keys.find((key) => !scope.keys.has(key));
  if (missing !== undefined) {
    throw new Inexpressible(
      `Antrea would leave namespaces without the label ${missing} alone, and this policy does not`,
    );
  }
  const namespaces = keys.length === 0 ? { match: 'Self' } : { sameLabels: keys };
  return { namespaces, ...(labels.length > 0 && { podSelector: selector(labels) }) };
}

/** N12: a star stands for any characters. */
function fqdn(pattern: string): string {
  const name = pattern.replaceAll('**', '*');
  if (pattern.replaceAll('**', '').includes('*')) {
    throw new Inexpressible(`a star in ${pattern} would stand for more than one label`);
  }
  return name;
}

/** N11: exceptions stay with the block that holds them. */
function ipBlock(cidr: string, exceptions: readonly string[]): readonly PlainObject[] {
  if (exceptions.length === 0) return [{ ipBlock: { cidr } }];
  if (subtractCidrs([cidr], exceptions).length === 0) return [];
  const block = parseCidr(cidr);
  const except = exceptions.filter((one) => {
    const range = parseCidr(one);
    return block && range && contains(block, range);
  });
  return [{ ipBlock: { cidr, ...(except.length > 0 && { except }) } }];
}

function selector(terms: readonly Term[]): PlainObject {
  return labelSelector({ kind: 'and', of: terms });
}
