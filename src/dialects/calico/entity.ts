import { ANYTHING, type EndpointMatcher } from '../../model/policy.ts';
import {
  childField,
  converted,
  type Field,
  list,
  object,
  type Read,
  required,
  text,
  warn,
  wrong,
} from '../document/fields.ts';
import { anyOf } from '../document/peers.ts';
import { accountMatcher, isEverything, namespaceMatcher, podMatcher } from './labels.ts';
import { type SelectorNode, toSelector } from './selector-syntax.ts';
import { type NetworkSet, type SetQuery, setsMatcher } from './sets.ts';
import { namespaceSelector, net, type PortItem, port, selector } from './values.ts';

/** Where a rule stands: what its selectors refer to. */
export interface RuleScope {
  /** Namespace of the policy; `''` for global ones. */
  readonly namespace: string;
  readonly sets: readonly NetworkSet[];
}

/** `source` or `destination` of a rule. */
export interface Entity {
  readonly matcher: (scope: RuleScope) => EndpointMatcher;
  readonly ports?: readonly PortItem[];
  readonly notPorts?: readonly PortItem[];
  readonly nets: readonly string[];
}

export const NO_ENTITY: Entity = { matcher: () => ANYTHING, nets: [] };

/** P33: it would exclude everything. */
const notNet = converted(net, (value, field) => {
  if (!value.endsWith('/0')) return value;
  return wrong(field, 'bad-cidr', `${value} leaves no address`, 'Name the blocks to leave out, or remove the rule.');
});

const domains: Read<never> = (field) =>
  wrong(field, 'unsupported-field', 'domain names are a feature of Calico Enterprise and Cloud', 'List nets instead.');

const fields = object({
  nets: list(net),
  notNets: list(notNet),
  selector,
  notSelector: selector,
  namespaceSelector,
  ports: list(port),
  notPorts: list(port),
  serviceAccounts: object({ names: list(text), selector }),
  services: object({ name: required(text), namespace: text }),
  domains,
});

type Fields = NonNullable<ReturnType<typeof fields>>;

/** P24: all fields given must hold; lists are any of, negated lists none of their items. */
export const entity: Read<Entity> = converted(fields, (read, field) => {
  if (read.services !== undefined && !aloneWithServices(read, field)) return undefined;
  const { ports, notPorts, nets = [], notNets = [] } = read;
  if (familiesOf([...nets, ...notNets]).length > 1) {
    const message =
      'it mixes IPv4 and IPv6 blocks, which most releases of Calico refuse; each counts for its own family';
    warn(field, 'mixed-families', message, 'Write one rule for each family.');
  }
  return {
    matcher: (scope) => entityMatcher(read, scope),
    ...(ports?.length && { ports }),
    ...(notPorts?.length && { notPorts }),
    nets: [...nets, ...notNets],
  };
});

function aloneWithServices(read: Fields, field: Field): boolean {
  const others = Object.entries(read).filter(([name, value]) => name !== 'services' && value != null);
  for (const [name] of others) {
    wrong(childField(field, name), 'bad-peer', `${name} cannot stand beside services`, 'Write two rules.');
  }
  return others.length === 0;
}

function entityMatcher(read: Fields, scope: RuleScope): EndpointMatcher {
  const parts = [...named(read, scope), ...addresses(read), ...services(read, scope)];
  const [only] = parts;
  if (only === undefined) return ANYTHING;
  return parts.length === 1 ? only : { match: 'all', of: parts };
}

/** Endpoints and sets by what they are called: P26–P30. */
function named(read: Fields, scope: RuleScope): EndpointMatcher[] {
  const { notSelector } = read;
  const where = namespaces(read, scope);
  const parts: EndpointMatcher[] = [];
  if (where !== undefined || read.selector || read.serviceAccounts) parts.push(positive(read, where, scope));
  if (notSelector) {
    const excluded = anyOf([
      podMatcher(toSelector(notSelector)),
      ...setsMatcher(scope.sets, { selector: toSelector(notSelector) }),
    ]);
    parts.push({ match: 'not', of: excluded });
  }
  return parts;
}

/** P26: in a namespaced policy any of the fields that name endpoints limits them to its own namespace. */
function namespaces(read: Fields, { namespace }: RuleScope): SetQuery['where'] {
  const given = read.namespaceSelector;
  if (given) return given.op === 'global' ? 'global' : { namespaces: toSelector(given) };
  const names = read.selector ?? read.notSelector ?? read.serviceAccounts;
  return namespace !== '' && names ? { namespace } : undefined;
}

function positive(read: Fields, where: SetQuery['where'], scope: RuleScope): EndpointMatcher {
  const parts: EndpointMatcher[] = [...placeOf(where), ...accounts(read.serviceAccounts)];
  if (read.selector && !isTrivial(read.selector, parts)) parts.push(podMatcher(toSelector(read.selector)));
  const query: SetQuery = {
    ...(where && { where }),
    ...(read.selector && { selector: toSelector(read.selector) }),
    account: read.serviceAccounts !== undefined,
  };
  const [only] = parts;
  const pods: EndpointMatcher = parts.length === 1 && only ? only : { match: 'all', of: parts };
  return anyOf([...(where === 'global' ? [] : [pods]), ...setsMatcher(scope.sets, query)]);
}

/** `all()` adds nothing to a place. */
function isTrivial(node: SelectorNode, parts: readonly EndpointMatcher[]): boolean {
  return parts.length > 0 && isEverything(toSelector(node));
}

function placeOf(where: SetQuery['where']): EndpointMatcher[] {
  if (where === undefined || where === 'global') return [];
  return 'namespace' in where
    ? [{ match: 'namespaceName', names: [where.namespace] }]
    : [namespaceMatcher(where.namespaces)];
}

function accounts(given: Fields['serviceAccounts']): EndpointMatcher[] {
  if (given === undefined) return [];
  const { names = [], selector: labels } = given;
  const parts: EndpointMatcher[] = [];
  if (names.length > 0) parts.push({ match: 'serviceAccount', names });
  if (labels) parts.push(accountMatcher(toSelector(labels)));
  return parts.length === 0 ? [{ match: 'pod' }] : parts;
}

/** P25: blocks of the other family never match, and excluded ones leave a rule for their own family only. */
function addresses({ nets, notNets }: Fields): EndpointMatcher[] {
  const parts: EndpointMatcher[] = [];
  if (nets?.length) parts.push(block(nets));
  if (notNets?.length) parts.push(block(familiesOf(notNets)), { match: 'not', of: block(notNets) });
  return parts;
}

function block(cidrs: readonly string[]): EndpointMatcher {
  return { match: 'cidr', cidrs, except: [], pods: true };
}

/** All addresses of each family that occurs. */
function familiesOf(nets: readonly string[]): string[] {
  const all = nets.map((one) => (one.includes(':') ? '::/0' : '0.0.0.0/0'));
  return [...new Set(all)];
}

/** The addresses behind a service are not in any flow. */
function services({ services: given }: Fields, scope: RuleScope): EndpointMatcher[] {
  if (given === undefined) return [];
  const name = `${given.namespace ?? scope.namespace}/${given.name}`;
  return [{ match: 'undecidable', missing: `addresses and ports behind service ${name}` }];
}
