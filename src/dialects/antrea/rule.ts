import {
  ANYTHING,
  type EndpointMatcher,
  type PolicyRule,
  type PortMatcher,
  type RuleAction,
  type Side,
} from '../../model/policy.ts';
import {
  childField,
  converted,
  type Field,
  flag,
  list,
  object,
  oneOf,
  type Read,
  type ReadResult,
  required,
  text,
  wrong,
} from '../document/fields.ts';
import { anyOf } from '../document/peers.ts';
import type { Services } from '../services.ts';
import { peerService } from './forms.ts';
import { l7Protocol } from './l7.ts';
import { appliedTo, type Peer, peer, type Scope, type Subject } from './peers.ts';
import { portItem, portParts, protocolItem } from './ports.ts';

/** N5: Reject is Drop with an answer. */
const ACTIONS = { Allow: 'allow', Drop: 'deny', Reject: 'deny', Pass: 'pass' } as const satisfies Record<
  string,
  RuleAction
>;
const known = oneOf('Allow', 'Drop', 'Reject', 'Pass');
const action: Read<keyof typeof ACTIONS> = (field) =>
  field.value === 'Deny'
    ? wrong(field, 'unknown-value', '"Deny" is none of Allow, Drop, Reject, Pass', 'Write Drop.')
    : known(field);

/** A rule of the document; it may become several neutral rules at the same place. */
export interface RuleRead {
  readonly name: string;
  readonly action: RuleAction;
  readonly subjects: readonly Subject[];
  readonly keys: readonly string[];
  readonly onlyBlocks: boolean;
  place(index: number): PolicyRule[];
}

/** N4, N5, N7–N14: a rule of one direction. */
export function ruleOf(scope: Scope, side: Side): Read<RuleRead> {
  const peers = list(peer(scope, side));
  const own = side === 'ingress' ? { from: peers } : { to: peers, toServices: list(peerService) };
  const read: Read<Fields> = object({
    action: required(action),
    ports: list(portItem),
    protocols: list(protocolItem),
    l7Protocols: list(l7Protocol),
    name: text,
    enableLogging: flag,
    logLabel: text,
    appliedTo: list(appliedTo(scope)),
    ...own,
  });
  return converted(read, (fields, field) => (isPossible(fields, field) ? ruleRead(fields, scope.services) : undefined));
}

interface Fields {
  readonly action: keyof typeof ACTIONS;
  readonly name?: string | undefined;
  readonly ports?: readonly ReadResult<typeof portItem>[] | undefined;
  readonly protocols?: readonly ReadResult<typeof protocolItem>[] | undefined;
  readonly l7Protocols?: readonly string[] | undefined;
  readonly appliedTo?: readonly Subject[] | undefined;
  readonly from?: readonly Peer[] | undefined;
  readonly to?: readonly Peer[] | undefined;
  readonly toServices?: readonly ReadResult<typeof peerService>[] | undefined;
}

function isPossible(read: Fields, field: Field): boolean {
  const refuse = (name: string, message: string, remedy: string): boolean => {
    wrong(childField(field, name), 'bad-rule', message, remedy);
    return false;
  };
  const { from, to, toServices, ports, protocols, l7Protocols } = read;
  const restricted = to?.length || ports?.length || protocols?.length;
  if (toServices?.length && (restricted || l7Protocols?.length)) {
    return refuse('toServices', 'it cannot stand beside to, ports, protocols or l7Protocols', 'Write two rules.');
  }
  if (l7Protocols?.length && read.action !== 'Allow') {
    return refuse('l7Protocols', 'only Allow rules can look at layer 7', 'Allow what is wanted; the rest is dropped.');
  }
  const multicast = [...(from ?? []), ...(to ?? [])].some((one) => one.multicast);
  const igmp = protocols?.some((one) => one.igmp) ?? false;
  if (
    igmp &&
    (from?.length || to?.length || toServices?.length || ports?.length || protocols?.some((one) => !one.igmp))
  ) {
    return refuse('protocols', 'igmp cannot stand beside peers, ports or other protocols', 'Write two rules.');
  }
  if ((multicast || igmp) && (read.action === 'Pass' || read.action === 'Reject')) {
    return refuse('action', `multicast traffic cannot be treated with ${read.action}`, 'Write Allow or Drop.');
  }
  return true;
}

function ruleRead(read: Fields, services: Services): RuleRead {
  const peers = [...(read.from ?? []), ...(read.to ?? [])];
  const subjects = read.appliedTo ?? [];
  return {
    name: read.name ?? '',
    action: ACTIONS[read.action],
    subjects,
    keys: peers.flatMap(({ keys }) => keys),
    onlyBlocks: peers.every(({ block }) => block),
    place: (index) => {
      if (read.toServices?.length) {
        return read.toServices.flatMap((one) => neutralRules(read, { index, subjects, ...behind(one, services) }));
      }
      const far = peers.length === 0 ? ANYTHING : anyOf(peers.map(({ matcher }) => matcher));
      return neutralRules(read, { index, peer: far, subjects });
    },
  };
}

/** N13: what goes to a service; flows show where it ended, and not whether it came by way of the service. */
function behind(
  { namespace, name }: ReadResult<typeof peerService>,
  services: Services,
): Pick<Parts, 'peer' | 'ports'> {
  const { pods, ports = [] } = services.get(`${namespace}/${name}`) ?? {};
  const unknown = (missing: string): EndpointMatcher => ({ match: 'undecidable', missing });
  if (pods === undefined) return { peer: unknown(`addresses and ports behind service ${namespace}/${name}`) };
  const way = unknown(`whether it came by way of service ${namespace}/${name}`);
  return { peer: { match: 'all', of: [pods, way] }, ...(ports.length > 0 && { ports }) };
}

interface Parts {
  readonly index: number;
  readonly peer: EndpointMatcher;
  readonly subjects: readonly Subject[];
  /** Ports that the rule does not say itself. */
  readonly ports?: readonly PortMatcher[];
}

function neutralRules(read: Fields, { index, peer: far, subjects, ports }: Parts): PolicyRule[] {
  const self = subjects.length > 0 && { self: anyOf(subjects.map(({ matcher }) => matcher)) };
  const base = {
    index,
    name: read.name ?? '',
    action: ACTIONS[read.action],
    peer: far,
    ...(ports && { ports }),
    ...self,
  };
  const conditions = read.protocols?.flatMap(({ condition }) => condition ?? []) ?? [];
  const rules = portParts(read.ports ?? [], read.protocols ?? []).map((part) => ({
    ...base,
    ...part,
    ...(conditions.length > 0 && { conditions: [conditions.join(' or ')] }),
  }));
  const l7 = read.l7Protocols ?? [];
  return l7.length === 0 ? rules : rules.flatMap((rule) => withLayer7(rule, l7.join(' or ')));
}

/** N14: HTTP and TLS run over TCP; all else that the rule matches is dropped, and so is TCP that is neither. */
function withLayer7(rule: PolicyRule, condition: string): PolicyRule[] {
  const tcp = rule.ports?.filter(({ protocol }) => protocol === 6) ?? [{ protocol: 6 }];
  const dropped: PolicyRule = { ...rule, action: 'deny' };
  if (tcp.length === 0) return [dropped];
  return [{ ...rule, ports: tcp, conditions: [condition], otherwise: 'deny' }, dropped];
}
