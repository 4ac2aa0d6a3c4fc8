import type { EndpointMatcher, Side } from '../../model/policy.ts';
import { EVERYTHING, type Selector } from '../../model/selector.ts';
import {
  childField,
  converted,
  type Field,
  list,
  object,
  oneOf,
  type Read,
  type ReadResult,
  text,
  wrong,
} from '../document/fields.ts';
import { podsAcross, podsIn } from '../document/peers.ts';
import { labelSelector } from '../document/selector.ts';
import { labelKey, objectName } from '../document/syntax.ts';
import type { Services } from '../services.ts';
import { ipBlock, isMulticast } from './blocks.ts';
import { onlyTogether, serviceName } from './forms.ts';
import { behindService, EXTERNAL_ENTITIES, type Groups, groupNamed } from './groups.ts';

/** What the names and selectors of a policy refer to. */
export interface Scope {
  /** Namespace of the policy; `''` for ClusterNetworkPolicies. */
  readonly namespace: string;
  readonly groups: Groups;
  readonly services: Services;
}

/** A subject, and whether it is a service rather than the pods themselves. */
export interface Subject {
  readonly matcher: EndpointMatcher;
  readonly service: boolean;
}

export interface Peer {
  readonly matcher: EndpointMatcher;
  /** N9: label keys without which a namespace is left alone by the whole policy. */
  readonly keys: readonly string[];
  readonly block: boolean;
  readonly multicast: boolean;
}

const ALONE = [
  'podSelector',
  'externalEntitySelector',
  'group',
  'serviceAccount',
  'service',
  'nodeSelector',
  'ipBlock',
  'fqdn',
];
const WITH_NAMESPACES = ['podSelector', 'externalEntitySelector'];

/** N7: a ClusterNetworkPolicy selects pods of any namespace, a NetworkPolicy those of its own. */
export function appliedTo(scope: Scope): Read<Subject> {
  const own = { podSelector: labelSelector, externalEntitySelector: labelSelector, group: objectName };
  if (scope.namespace !== '') return converted(object(own), (read, field) => subject(read, field, scope));
  const fields = {
    ...own,
    namespaceSelector: labelSelector,
    serviceAccount: serviceName,
    service: serviceName,
    nodeSelector: labelSelector,
  };
  return converted(object(fields), (read, field) => subject(read, field, scope));
}

interface Selection {
  readonly podSelector?: Selector | undefined;
  readonly namespaceSelector?: Selector | undefined;
  readonly externalEntitySelector?: Selector | undefined;
  readonly group?: string | undefined;
  readonly serviceAccount?: ReadResult<typeof serviceName> | undefined;
  readonly service?: ReadResult<typeof serviceName> | undefined;
  readonly nodeSelector?: Selector | undefined;
}

function subject(read: Selection, field: Field, scope: Scope): Subject | undefined {
  if (!onlyTogether(read, field, { alone: ALONE, namespaceSelector: WITH_NAMESPACES })) return undefined;
  if (read.service) return { matcher: behindService(read.service), service: true };
  const matcher = read.group === undefined ? selected(read, scope) : groupSubject(read.group, field, scope);
  if (matcher !== undefined) return { matcher, service: false };
  return read.group === undefined ? empty(field) : undefined;
}

function groupSubject(name: string, field: Field, scope: Scope): EndpointMatcher | undefined {
  const place = childField(field, 'group');
  const { matcher, ownPods, blocks } = groupNamed(name, scope, place);
  if (!blocks && (ownPods || scope.namespace === '')) return matcher;
  const what = blocks ? 'addresses' : 'pods of other namespaces';
  return wrong(
    place,
    'bad-group',
    `group ${name} holds ${what}, which this policy cannot be applied to`,
    'Use another.',
  );
}

/** What the selectors pick; absent when there are none. */
function selected(read: Selection, { namespace }: Scope): EndpointMatcher | undefined {
  const { podSelector: pods, namespaceSelector: namespaces, serviceAccount, nodeSelector } = read;
  if (read.externalEntitySelector) return EXTERNAL_ENTITIES;
  if (serviceAccount) {
    const names: EndpointMatcher = { match: 'namespaceName', names: [serviceAccount.namespace] };
    return { match: 'all', of: [names, { match: 'serviceAccount', names: [serviceAccount.name] }] };
  }
  if (nodeSelector) return { match: 'nodeLabels', selector: nodeSelector };
  if (namespaces) return podsAcross(namespaces, pods ?? EVERYTHING);
  if (pods === undefined) return undefined;
  return namespace === '' ? podsAcross(EVERYTHING, pods) : podsIn(namespace, pods);
}

const relatedNamespaces = converted(object({ match: oneOf('Self'), sameLabels: list(labelKey) }), (read, field) => {
  const keys = read.sameLabels ?? [];
  if ((read.match !== undefined) !== keys.length > 0) return { keys };
  return wrong(field, 'bad-peer', 'namespaces needs match: Self or sameLabels', 'Give one of them.');
});

/** A name, in which `*` stands for any characters at all (N12). */
const fqdn: Read<string> = converted(text, (name, field) => {
  if (/^[-0-9a-zA-Z.*]+$/.test(name)) return name;
  const remedy = 'Use letters, digits, "-", "." and "*".';
  return wrong(field, 'bad-domain-name', `"${name.slice(0, 80)}" is no domain name`, remedy);
});

/** N8: one peer of a rule. */
export function peer(scope: Scope, side: Side): Read<Peer> {
  const own = {
    podSelector: labelSelector,
    namespaceSelector: labelSelector,
    externalEntitySelector: labelSelector,
    group: objectName,
    ipBlock,
    serviceAccount: serviceName,
    nodeSelector: labelSelector,
    scope: oneOf('Cluster', 'ClusterSet'),
  };
  const related = scope.namespace === '' ? { namespaces: relatedNamespaces } : {};
  const names = side === 'egress' ? { fqdn } : {};
  const read: Read<PeerFields> = object({ ...own, ...related, ...names });
  return converted(read, (fields, field) => anyPeer(fields, field, scope));
}

interface PeerFields extends Selection {
  readonly ipBlock?: ReadResult<typeof ipBlock> | undefined;
  readonly namespaces?: ReadResult<typeof relatedNamespaces> | undefined;
  readonly fqdn?: string | undefined;
  readonly scope?: string | undefined;
}

const NO_BLOCK = { keys: [], block: false, multicast: false } as const;

/** Selectors that reach over a whole ClusterSet pick the same pods: clusters are not told apart here. */
function anyPeer(read: PeerFields, field: Field, scope: Scope): Peer | undefined {
  if (!onlyTogether(read, field, { alone: ALONE, namespaceSelector: WITH_NAMESPACES })) return undefined;
  const { namespaces, ipBlock: block } = read;
  if (block) return { matcher: block, keys: [], block: true, multicast: isMulticast(block) };
  if (read.fqdn !== undefined) return { ...NO_BLOCK, matcher: named(read.fqdn) };
  if (read.group !== undefined) {
    return { ...NO_BLOCK, matcher: groupNamed(read.group, scope, childField(field, 'group')).matcher };
  }
  if (namespaces) return { ...NO_BLOCK, keys: namespaces.keys, matcher: related(namespaces.keys, read) };
  const matcher = selected(read, scope);
  return matcher === undefined ? empty(field) : { ...NO_BLOCK, matcher };
}

function related(keys: readonly string[], { podSelector, externalEntitySelector }: PeerFields): EndpointMatcher {
  const same: EndpointMatcher = { match: 'sameNamespaceLabels', keys };
  if (externalEntitySelector) return EXTERNAL_ENTITIES;
  if (podSelector === undefined || podSelector === EVERYTHING) return same;
  return { match: 'all', of: [same, { match: 'labels', selector: podSelector }] };
}

/** Names of headless services resolve to pods, which flows do not show; all others to addresses outside. */
function named(name: string): EndpointMatcher {
  const outside: EndpointMatcher = { match: 'dnsName', patterns: [name.replace(/\*+/g, '**')] };
  if (!/(^|\.)svc\.?$|\.svc\.|\.local\.?$/.test(name)) return outside;
  const missing: EndpointMatcher = { match: 'undecidable', missing: `pods that ${name} resolves to` };
  return { match: 'some', of: [outside, { match: 'all', of: [{ match: 'pod' }, missing] }] };
}

function empty(field: Field): undefined {
  return wrong(field, 'bad-peer', 'it selects nothing', 'Write namespaceSelector: {} for all pods.');
}
