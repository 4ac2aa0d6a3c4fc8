import { ANYTHING, type PolicyRule, type PortMatcher, type RuleAction, type Side } from '../../model/policy.ts';
import {
  childField,
  converted,
  type Field,
  integer,
  list,
  mapping,
  object,
  oneOf,
  type Read,
  required,
  text,
  wrong,
} from '../document/fields.ts';
import { type Entity, entity, NO_ENTITY, type RuleScope } from './entity.ts';
import { type PortItem, portMatcher, protocol } from './values.ts';

/** Annotation under which the writer keeps the name of a rule; Calico itself gives rules none. */
export const RULE_NAME = 'microwall.io/rule';

/** A rule as read, still without its position and the policy it belongs to. */
export type RuleOf = (index: number, scope: RuleScope) => PolicyRule;

/** TCP, UDP and SCTP. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 132]);
const ICMP = 1;
const ICMP_V6 = 58;
const ALL_ADDRESSES: Readonly<Record<string, string>> = { 4: '0.0.0.0/0', 6: '::/0' };
const ACTIONS: Readonly<Record<string, RuleAction>> = { Allow: 'allow', Deny: 'deny', Pass: 'pass', Log: 'log' };

/** P34. */
const icmp = converted(object({ type: integer(0, 254), code: integer(0, 255) }), (read, field) => {
  if (read.code === undefined || read.type !== undefined) return read;
  return wrong(field, 'bad-icmp', 'code needs a type', 'Add the type.');
});

const path = converted(object({ exact: text, prefix: text }), (read, field) => {
  if ((read.exact === undefined) !== (read.prefix === undefined)) return read.exact ?? `${read.prefix}*`;
  return wrong(field, 'bad-path', 'a path is either exact or a prefix', 'Give one of the two.');
});

const fields = object({
  action: required(oneOf('Allow', 'Deny', 'Pass', 'Log')),
  ipVersion: (field) =>
    field.value === 4 || field.value === 6
      ? field.value
      : wrong(field, 'unknown-value', 'it is 4 or 6', 'Write 4 or 6.'),
  protocol,
  notProtocol: protocol,
  icmp,
  notICMP: icmp,
  source: entity,
  destination: entity,
  http: object({ methods: list(text), paths: list(path) }),
  metadata: object({ annotations: mapping(text) }),
});

type Fields = NonNullable<ReturnType<typeof fields>>;

/** P23–P34: a rule of the `side` section; everything it gives must hold. */
export function ruleOf(side: Side): Read<RuleOf> {
  return converted(fields, (read, field) => {
    const problems = field.findings.length;
    checkPorts(read, field);
    checkIcmp(read, field);
    checkHttp(read, field, side);
    return field.findings.length > problems ? undefined : (index, scope) => neutralRule(read, { index, scope, side });
  });
}

/** P31: numbers need a protocol that has ports. */
function checkPorts(read: Fields, field: Field): void {
  if (read.protocol !== undefined && WITH_PORTS.has(read.protocol)) return;
  for (const end of ['source', 'destination'] as const) {
    for (const name of ['ports', 'notPorts'] as const) {
      const items = read[end]?.[name] ?? [];
      const named = read.protocol === undefined && items.every((item) => typeof item === 'string');
      if (items.length === 0 || named) continue;
      const place = childField(childField(field, end), name);
      wrong(place, 'ports-without-protocol', 'ports need protocol TCP, UDP or SCTP', 'Add the protocol to the rule.');
    }
  }
}

function checkIcmp(read: Fields, field: Field): void {
  const { protocol: given, ipVersion } = read;
  const isIcmp = given === ICMP || given === ICMP_V6;
  if (read.icmp && !isIcmp) {
    wrong(childField(field, 'icmp'), 'bad-icmp', 'it needs protocol ICMP or ICMPv6', 'Add the protocol to the rule.');
  }
  if (isIcmp && ipVersion !== undefined && (given === ICMP) !== (ipVersion === 4)) {
    wrong(
      childField(field, 'ipVersion'),
      'bad-icmp',
      'ICMP belongs to IPv4 and ICMPv6 to IPv6',
      'Correct one of the two.',
    );
  }
}

/** P32. */
function checkHttp(read: Fields, field: Field, side: Side): void {
  if (read.http === undefined) return;
  if (read.action === 'Allow' && side === 'ingress' && (read.protocol ?? 6) === 6) return;
  wrong(childField(field, 'http'), 'bad-http', 'it is for ingress rules that allow TCP only', 'Remove it.');
}

interface Place {
  readonly index: number;
  readonly scope: RuleScope;
  readonly side: Side;
}

function neutralRule(read: Fields, { index, scope, side }: Place): PolicyRule {
  const { source = NO_ENTITY, destination = NO_ENTITY } = read;
  const [near, far] = side === 'ingress' ? [destination, source] : [source, destination];
  const self = near.matcher(scope);
  const http = read.http && httpCondition(read.http);
  return {
    index,
    name: read.metadata?.annotations?.get(RULE_NAME) ?? '',
    action: ACTIONS[read.action] as RuleAction,
    peer: ofFamily(far.matcher(scope), read.ipVersion),
    ...(self !== ANYTHING && { self }),
    ...portsOf(read, { source, destination }),
    ...(http && { conditions: [http] }),
  };
}

function ofFamily(peer: PolicyRule['peer'], version: number | undefined): PolicyRule['peer'] {
  const all = version === undefined ? undefined : ALL_ADDRESSES[version];
  if (all === undefined) return peer;
  const family: PolicyRule['peer'] = { match: 'cidr', cidrs: [all], except: [], pods: true };
  return peer === ANYTHING ? family : { match: 'all', of: [family, peer] };
}

type Ports = Pick<PolicyRule, 'ports' | 'notPorts' | 'sourcePorts' | 'notSourcePorts'>;

function portsOf(read: Fields, ends: { readonly source: Entity; readonly destination: Entity }): Ports {
  const of = read.protocol ?? (read.http ? 6 : undefined);
  const matchers = (items: readonly PortItem[] | undefined) => items?.map((item) => portMatcher(item, of));
  const ports = matchers(ends.destination.ports) ?? protocolsOf(read, of);
  const notPorts = [
    ...(read.notProtocol === undefined ? [] : [{ protocol: read.notProtocol }]),
    ...(matchers(ends.destination.notPorts) ?? []),
    ...(read.notICMP ? (of === undefined ? [ICMP, ICMP_V6] : [of]).map((one) => icmpMatcher(one, read.notICMP)) : []),
  ];
  const [sourcePorts, notSourcePorts] = [matchers(ends.source.ports), matchers(ends.source.notPorts)];
  return {
    ...(ports && { ports }),
    ...(notPorts.length > 0 && { notPorts }),
    ...(sourcePorts && { sourcePorts }),
    ...(notSourcePorts && { notSourcePorts }),
  };
}

/** Rules about ICMP, also negated ones, match no other protocol. */
function protocolsOf(read: Fields, of: number | undefined): PortMatcher[] | undefined {
  if (of !== undefined) return [read.icmp ? icmpMatcher(of, read.icmp) : { protocol: of }];
  return read.notICMP ? [{ protocol: ICMP }, { protocol: ICMP_V6 }] : undefined;
}

function icmpMatcher(of: number, given: Fields['icmp']): PortMatcher {
  if (given?.type === undefined) return { protocol: of };
  return { protocol: of, icmpType: given.type, ...(given.code !== undefined && { icmpCode: given.code }) };
}

function httpCondition({ methods = [], paths = [] }: NonNullable<Fields['http']>): string {
  const parts = [methods.join(' or '), paths.join(' or ')].filter((part) => part !== '');
  return `HTTP request ${parts.join(' ')}`.trim();
}
