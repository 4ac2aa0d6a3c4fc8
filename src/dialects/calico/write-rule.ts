import type { PolicyRule, Side } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import type { PlainObject } from '../kubernetes/write.ts';
import { RULE_NAME } from './rule.ts';
import { Inexpressible } from './selector-text.ts';
import { type Alternative, alternatives, type EntityScope } from './write-entity.ts';
import { type RulePorts, rulePorts } from './write-ports.ts';

const ACTIONS = { allow: 'Allow', deny: 'Deny', pass: 'Pass', log: 'Log' } as const;
const NAMED_PROTOCOLS: ReadonlySet<number> = new Set([1, 6, 17, 58, 132, 136]);

/** More rules than this for one neutral rule are refused. */
const MAX_RULES = 256;

/** Calico rules that together say what one neutral rule says: one per protocol, family of addresses and peer. */
export function writeRule(rule: PolicyRule, side: Side, scope: Omit<EntityScope, 'own'>): PlainObject[] {
  if (rule.conditions?.length) throw new Inexpressible(`conditions cannot be written back: ${rule.conditions[0]}`);
  const peers = alternatives(rule.peer, { ...scope, own: false });
  const selves = rule.self ? alternatives(rule.self, { ...scope, own: true }) : [{ entity: {} }];
  const [sources, destinations] = side === 'egress' ? [selves, peers] : [peers, selves];
  const ports = rulePorts(rule);
  const rules = sources
    .flatMap((source) =>
      destinations.flatMap((destination) => ports.map((one) => ({ source, destination, ports: one }))),
    )
    .map((parts) => writeOne(rule, parts))
    .filter((one) => one !== undefined);
  if (rules.length > MAX_RULES) throw new Inexpressible(`it would take more than ${MAX_RULES} Calico rules`);
  return rules;
}

interface Parts {
  readonly source: Alternative;
  readonly destination: Alternative;
  readonly ports: RulePorts;
}

/** Undefined when the two ends are of different families, or ICMP of the wrong one, and nothing can match. */
function writeOne(rule: PolicyRule, { source, destination, ports }: Parts): PlainObject | undefined {
  const families = [source.family, destination.family, ICMP_FAMILIES[ports.protocol ?? 0]];
  const [family, ...others] = new Set(families.filter((one) => one !== undefined));
  if (others.length > 0) return undefined;
  const { protocol, notProtocol, icmp, notICMP } = ports;
  const hasBlocks = [source, destination].some(({ entity }) => entity.nets || entity.notNets);
  const needsFamily = (source.family ?? destination.family) !== undefined && !hasBlocks;
  return {
    action: ACTIONS[rule.action],
    ...(needsFamily && family && { ipVersion: family }),
    ...(protocol !== undefined && { protocol: protocolText(protocol) }),
    ...(notProtocol !== undefined && { notProtocol: protocolText(notProtocol) }),
    ...(icmp && { icmp }),
    ...(notICMP && { notICMP }),
    ...end('source', { ...source.entity, ...portFields(ports.sourcePorts, ports.notSourcePorts) }),
    ...end('destination', { ...destination.entity, ...portFields(ports.ports, ports.notPorts) }),
    ...(rule.name !== '' && { metadata: { annotations: { [RULE_NAME]: rule.name } } }),
  };
}

/** ICMP runs over IPv4 only and ICMPv6 over IPv6 only. */
const ICMP_FAMILIES: Readonly<Record<number, 4 | 6>> = { 1: 4, 58: 6 };

function protocolText(protocol: number): string | number {
  return NAMED_PROTOCOLS.has(protocol) ? protocolName(protocol) : protocol;
}

function portFields(ports: RulePorts['ports'], notPorts: RulePorts['ports']): PlainObject {
  return { ...(ports && { ports }), ...(notPorts && { notPorts }) };
}

function end(name: string, entity: PlainObject): PlainObject {
  return Object.keys(entity).length > 0 ? { [name]: entity } : {};
}
