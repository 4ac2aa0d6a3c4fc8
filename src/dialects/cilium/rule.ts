import { ANYTHING, type EndpointMatcher, type PolicyRule, type PortMatcher, type Side } from '../../model/policy.ts';
import { selects } from '../../model/selector.ts';
import {
  childField,
  converted,
  type Field,
  ignored,
  list,
  object,
  oneOf,
  type Read,
  required,
  text,
  wrong,
} from '../document/fields.ts';
import { anyOf, cidr } from '../document/peers.ts';
import { labelSelector } from '../document/selector.ts';
import { namespaceName } from '../document/syntax.ts';
import type { Services } from '../services.ts';
import { blocks, type CidrGroup, cidrSetItem } from './cidrs.ts';
import { peerMatcher } from './endpoints.ts';
import { ENTITY_NAMES, entityMatchers, WORLD } from './entities.ts';
import { icmpRule } from './icmp.ts';
import { labelTerms } from './labels.ts';
import { fqdnPattern } from './names.ts';
import { denyPortRule, type PortRule, portRule } from './ports.ts';

/** What the peers of a rule refer to. */
export interface RuleScope {
  /** `''` in a policy of the whole cluster. */
  readonly namespace: string;
  readonly groups: readonly CidrGroup[];
  readonly services: Services;
}

/** An entry of a section. It may become several neutral rules, or none: those that match nothing are left out. */
export type RuleEntry = (scope: RuleScope, index: number) => readonly PolicyRule[];

type Peers = (scope: RuleScope) => readonly EndpointMatcher[];

const endpoints: Read<Peers> = converted(
  list(labelTerms),
  (selectors) =>
    ({ namespace }) =>
      selectors.map((terms) => peerMatcher(terms, namespace)),
);
const entities: Read<Peers> = converted(list(oneOf(...ENTITY_NAMES)), (names) => () => entityMatchers(names));
const cidrs: Read<Peers> = converted(list(cidr), (all) => () => (all.length > 0 ? [blocks(all)] : []));
const cidrSet: Read<Peers> = converted(
  list(cidrSetItem),
  (items) =>
    ({ groups }) =>
      items.map((item) => item(groups)),
);
const nodes: Read<Peers> = converted(
  list(labelSelector),
  (selectors) => () => selectors.map((selector): EndpointMatcher => ({ match: 'nodeLabels', selector })),
);
const cloudGroups: Read<Peers> = converted(
  list(object({ aws: ignored })),
  (all) => () =>
    all.map((): EndpointMatcher => ({ match: 'all', of: [WORLD, unknown('addresses of the cloud provider group')] })),
);
const fqdns: Read<Peers> = converted(
  list(fqdnPattern),
  (patterns) => () => (patterns.length > 0 ? [{ match: 'all', of: [WORLD, { match: 'dnsName', patterns }] }] : []),
);

const service = object({
  k8sService: object({ serviceName: required(text), namespace: namespaceName }),
  k8sServiceSelector: object({ selector: required(labelTerms), namespace: namespaceName }),
});
/** X22: a service with a selector stands for its pods. Others, and services that were not read, are not known. */
const services: Read<Peers> = converted(
  list(service),
  (all) => (scope) =>
    all.flatMap(({ k8sService: one, k8sServiceSelector: some }) => {
      const where = one?.namespace ?? some?.namespace ?? scope.namespace;
      if (one !== undefined) {
        const name = `${where}/${one.serviceName}`;
        return scope.services.get(name)?.pods ?? unknown(`backends of service ${name}`);
      }
      const picked = [...scope.services.values()].filter(
        ({ namespace, labels }) =>
          (where === '' || namespace === where) && some?.selector.every(({ term }) => selects(term, labels)),
      );
      const pods = picked.flatMap((known) => known.pods ?? []);
      return [...pods, unknown(`backends of services in ${where || 'any namespace'}`)];
    }),
);

function unknown(missing: string): EndpointMatcher {
  return { match: 'undecidable', missing };
}

/** X17: gone since 1.19, and silently so; a policy that relies on it allows more than it says. */
const gone = (field: Field): undefined => {
  const remedy = 'Add its labels to every selector of fromEndpoints or toEndpoints.';
  return wrong(field, 'not-supported', 'this extra requirement was removed in Cilium 1.19', remedy);
};

const FROM = {
  fromEndpoints: endpoints,
  fromCIDR: cidrs,
  fromCIDRSet: cidrSet,
  fromEntities: entities,
  fromNodes: nodes,
  fromGroups: cloudGroups,
};
const TO = {
  toEndpoints: endpoints,
  toCIDR: cidrs,
  toCIDRSet: cidrSet,
  toEntities: entities,
  toNodes: nodes,
  toGroups: cloudGroups,
  toServices: services,
};
const L4 = { icmps: list(icmpRule) };
const authentication = object({ mode: required(oneOf('required', 'disabled', 'test-always-fail')) });

const ingressFields = object({ ...FROM, ...L4, fromRequires: gone, toPorts: list(portRule(true)), authentication });
const egressFields = object({
  ...TO,
  ...L4,
  toFQDNs: fqdns,
  toRequires: gone,
  toPorts: list(portRule(false)),
  authentication,
});
const ingressDenyFields = object({ ...FROM, ...L4, fromRequires: gone, toPorts: list(denyPortRule) });
const egressDenyFields = object({ ...TO, ...L4, toRequires: gone, toPorts: list(denyPortRule) });

/** Fields of all sections that name peers. */
const PEER_FIELDS = [...Object.keys(FROM), ...Object.keys(TO), 'toFQDNs'];

interface Entry {
  readonly toPorts?: readonly PortRule[] | undefined;
  readonly icmps?: readonly (readonly PortMatcher[])[] | undefined;
  readonly authentication?: { readonly mode: string } | undefined;
}

/** An entry of `ingress`, `egress`, `ingressDeny` or `egressDeny`. */
export function ruleEntry(side: Side, action: 'allow' | 'deny'): Read<RuleEntry> {
  const allow = side === 'ingress' ? ingressFields : egressFields;
  const deny = side === 'ingress' ? ingressDenyFields : egressDenyFields;
  const read = (action === 'allow' ? allow : deny) as Read<Entry & Readonly<Record<string, unknown>>>;
  return converted(read, (entry, field) => {
    const given = PEER_FIELDS.filter((name) => entry[name] !== undefined);
    const filled = given.filter((name) => (childField(field, name).value as readonly unknown[]).length > 0);
    if (filled.length > 1) {
      const remedy = 'Make them entries of their own; either may then match.';
      return wrong(field, 'bad-peer', `${filled.join(' and ')} cannot stand in one entry`, remedy);
    }
    if (entry.icmps?.length && entry.toPorts?.length) {
      return wrong(childField(field, 'icmps'), 'bad-peer', 'it excludes toPorts', 'Make an entry of its own for each.');
    }
    const peers = given.map((name) => entry[name] as Peers);
    return (scope, index) => neutralRules(entry, peerOf(peers, entry, scope), { index, action });
  });
}

/** X8–X11: without any field of peers it is any peer, if ports are named; empty lists and empty entries name nobody. */
function peerOf(peers: readonly Peers[], { toPorts, icmps }: Entry, scope: RuleScope): EndpointMatcher {
  const named = anyOf(peers.flatMap((all) => all(scope)));
  if (peers.length > 0) return named;
  return toPorts?.length || icmps?.length ? ANYTHING : named;
}

interface Place {
  readonly index: number;
  readonly action: 'allow' | 'deny';
}

/**
 * Port rules with conditions of their own become rules of their own. L7 rules drop what they do not name, whether or
 * not the direction is denied by default (X2), unless another rule allows it without a condition (X26).
 */
function neutralRules(entry: Entry, peer: EndpointMatcher, { index, action }: Place): PolicyRule[] {
  if (peer.match === 'nothing') return [];
  const auth = authConditions(entry);
  const plain: PolicyRule = { index, name: '', action, peer, ...conditional(auth) };
  const { toPorts = [], icmps = [] } = entry;
  if (toPorts.length === 0 && icmps.length === 0) return [plain];
  const bare = toPorts.filter(({ conditions }) => conditions.length === 0).flatMap(({ ports }) => ports);
  const ports = [...bare, ...icmps.flat()];
  const asking = toPorts.filter((rule) => rule.conditions.length > 0 && rule.ports.length > 0);
  return [
    ...(ports.length > 0 ? [{ ...plain, ports }] : []),
    ...asking.map((rule) => ({ ...plain, ports: rule.ports, ...conditional([...rule.conditions, ...auth]) })),
  ];
}

function conditional(conditions: readonly string[]): Pick<PolicyRule, 'conditions' | 'otherwise'> {
  return conditions.length > 0 ? { conditions, otherwise: 'deny' } : {};
}

/** X27. */
function authConditions({ authentication: auth }: Entry): string[] {
  if (auth === undefined || auth.mode === 'disabled') return [];
  return [
    auth.mode === 'required' ? 'mutual authentication' : 'mutual authentication, which this test mode always fails',
  ];
}
