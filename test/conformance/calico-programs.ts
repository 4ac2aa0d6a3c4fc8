import { tierStage } from '../../src/dialects/calico/tiers.ts';
import { PROFILES } from '../../src/dialects/profiles.ts';
import type { Traffic } from '../../src/evaluate/match/traffic.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import {
  ANYTHING,
  type EndpointMatcher,
  type Policy,
  type PolicyRule,
  type PolicySet,
  type PortMatcher,
} from '../../src/model/policy.ts';
import { contains, parseAddressRange } from '../../src/util/ip.ts';
import { podEndpoint } from './pods.ts';

/** Calico's compiled form: selectors are resolved to IP sets, of addresses or of address, protocol and port. */
export interface Case {
  readonly name: string;
  readonly group: 'workload' | 'host' | 'xdp';
  readonly policy: { readonly Tiers?: readonly Tier[] };
  readonly ipSets?: Readonly<Record<string, readonly string[]>>;
  readonly allowed?: readonly Packet[];
  readonly dropped?: readonly Packet[];
}

interface Tier {
  readonly EndAction: '' | 'pass';
  readonly Policies: readonly { readonly Rules: readonly ProgramRule[] | null }[] | null;
}

interface ProgramRule {
  readonly action: 'Allow' | 'Deny' | 'Pass' | 'Log';
  readonly protocol?: Protocol;
  readonly notProtocol?: Protocol;
  readonly srcNet?: readonly string[];
  readonly notSrcNet?: readonly string[];
  readonly dstNet?: readonly string[];
  readonly notDstNet?: readonly string[];
  readonly srcPorts?: readonly Ports[];
  readonly notSrcPorts?: readonly Ports[];
  readonly dstPorts?: readonly Ports[];
  readonly notDstPorts?: readonly Ports[];
  readonly srcIpSetIds?: readonly string[];
  readonly notSrcIpSetIds?: readonly string[];
  readonly dstIpSetIds?: readonly string[];
  readonly notDstIpSetIds?: readonly string[];
  readonly srcNamedPortIpSetIds?: readonly string[];
  readonly dstNamedPortIpSetIds?: readonly string[];
  readonly icmp?: Icmp;
  readonly notIcmp?: Icmp;
}

type Ports = { readonly first: number; readonly last: number };
type Icmp = { readonly type: number } | { readonly typeCode: { readonly type: number; readonly code: number } };
type Protocol = { readonly numberOrName: { readonly name: string } | { readonly number: number } };

export interface Packet {
  readonly protocol: number;
  readonly src: string;
  readonly srcPort?: number;
  readonly dst: string;
  readonly dstPort?: number;
}

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17 };
const ICMP = 1;
/** Ports left out of a packet are 0, which in the model is an unknown port; no rule here tells 1 from 0. */
const NO_PORT = 1;

/** The case in the neutral model, as policies on the packet's destination. Names of ports are ids of IP sets. */
export function compiledCase(
  one: Case,
  packet: Packet,
): { readonly set: PolicySet; readonly inventory: Inventory; readonly traffic: Traffic } {
  const sets = one.ipSets ?? {};
  const ends = { client: podAt('client'), server: podAt('server') };
  const workloads = (['client', 'server'] as const).map((name) => ({
    ...ends[name],
    kind: 'Pod',
    name,
    namedPorts: namedPorts(name === 'client' ? packet.src : packet.dst, sets),
    portsKnown: true,
    serviceAccount: '',
    replicas: 1,
  }));
  const { protocol, src, dst } = packet;
  const [srcPort = NO_PORT, dstPort = NO_PORT] = [packet.srcPort, packet.dstPort];
  const icmp = protocol === ICMP ? { icmpType: (packet.dstPort ?? 0) & 255, icmpCode: (packet.dstPort ?? 0) >> 8 } : {};
  const port = protocol === ICMP ? 0 : dstPort;
  return {
    set: policySet(one.policy.Tiers ?? [], sets),
    inventory: { workloads, namespaces: new Map() },
    traffic: { ...ends, protocol, port, clientPort: srcPort, clientAddresses: [src], serverAddresses: [dst], ...icmp },
  };
}

function podAt(name: string) {
  return podEndpoint({ namespace: 'test', name, ip: '', labels: { name } });
}

type Sets = NonNullable<Case['ipSets']>;

/** Members `address/length,protocol:port` of all sets that hold this address. */
function namedPorts(address: string, sets: Sets) {
  const range = parseAddressRange(address);
  return Object.entries(sets).flatMap(([name, members]) =>
    members.flatMap((member) => {
      const [block = '', service] = member.split(',');
      const [protocol = '', port = ''] = service?.split(':') ?? [];
      const set = parseAddressRange(block);
      if (service === undefined || !range || !set || !contains(set, range)) return [];
      return [{ name, protocol: PROTOCOLS[protocol] ?? 0, port: Number(port) }];
    }),
  );
}

/** The packets were sent to workloads without a profile, so what is left over is denied. */
function policySet(tiers: readonly Tier[], sets: Sets): PolicySet {
  const stages = [...tiers.keys(), tiers.length].map((order) =>
    tierStage({ name: `tier ${order}`, order, defaultAction: 'Deny' }),
  );
  const policies = tiers.flatMap(({ EndAction, Policies }, tier) =>
    (Policies ?? []).map(({ Rules }, order) =>
      policy({
        tier,
        order,
        isolates: EndAction !== 'pass',
        rules: (Rules ?? []).map((rule, i) => neutral(rule, i, sets)),
      }),
    ),
  );
  const noProfile = policy({ tier: tiers.length, order: 0, isolates: true, rules: [] });
  return { profile: PROFILES.calico.profile, stages, policies: [...policies, noProfile] };
}

interface PolicyParts {
  readonly tier: number;
  readonly order: number;
  readonly isolates: boolean;
  readonly rules: readonly PolicyRule[];
}

function policy({ tier, order, isolates, rules }: PolicyParts): Policy {
  const location = { file: '', document: 0, line: 0 };
  return {
    ref: { dialect: 'calico', kind: 'GlobalNetworkPolicy', namespace: '', name: `${tier}-${order}`, location },
    stage: `tier ${tier}`,
    order,
    staged: false,
    subject: { match: 'labels', selector: { kind: 'in', key: 'name', values: ['server'] } },
    ingress: { rules, isolates },
  };
}

const ACTIONS = { Allow: 'allow', Deny: 'deny', Pass: 'pass', Log: 'log' } as const;

function neutral(rule: ProgramRule, index: number, sets: Sets): PolicyRule {
  const addresses = (ids: readonly string[] = []) => ids.map((id) => block(sets[id] ?? []));
  const peer = [...nets(rule.srcNet, rule.notSrcNet), ...addresses(rule.srcIpSetIds)];
  const self = [...nets(rule.dstNet, rule.notDstNet), ...addresses(rule.dstIpSetIds)];
  peer.push(...addresses(rule.notSrcIpSetIds).map(not));
  self.push(...addresses(rule.notDstIpSetIds).map(not));
  return {
    index,
    name: '',
    action: ACTIONS[rule.action],
    peer: { match: 'all', of: peer },
    ...(self.length > 0 && { self: { match: 'all', of: self } }),
    ...ports(rule),
  };
}

function block(cidrs: readonly string[]): EndpointMatcher {
  return cidrs.length === 0 ? { match: 'nothing' } : { match: 'cidr', cidrs, except: [] };
}

function not(of: EndpointMatcher): EndpointMatcher {
  return { match: 'not', of };
}

/** A program is compiled for one family of addresses, so all its blocks are of that family. */
function nets(inside: readonly string[] | undefined, outside: readonly string[] | undefined): EndpointMatcher[] {
  return [inside ? block(inside) : ANYTHING, ...(outside ? [not(block(outside))] : [])];
}

function ports(rule: ProgramRule): Partial<PolicyRule> {
  const protocol = numberOf(rule.protocol);
  const bound = protocol === undefined ? {} : { protocol };
  const items = (ranges: readonly Ports[] = [], names: readonly string[] = []): PortMatcher[] => [
    ...ranges.map(({ first, last }) => ({ ...bound, ports: [{ from: first, to: last }] })),
    ...names.map((portName) => ({ ...bound, portName })),
  ];
  const wanted = items(rule.dstPorts, rule.dstNamedPortIpSetIds);
  const icmp = rule.icmp ? [icmpMatcher(rule.icmp)] : rule.notIcmp ? [{ protocol: ICMP }] : [];
  const alone = protocol === undefined ? [] : [{ protocol }];
  const notProtocol = numberOf(rule.notProtocol);
  return given({
    ports: wanted.length > 0 ? wanted : icmp.length > 0 ? icmp : alone,
    notPorts: [
      ...(notProtocol === undefined ? [] : [{ protocol: notProtocol }]),
      ...items(rule.notDstPorts),
      ...(rule.notIcmp ? [icmpMatcher(rule.notIcmp)] : []),
    ],
    sourcePorts: items(rule.srcPorts, rule.srcNamedPortIpSetIds),
    notSourcePorts: items(rule.notSrcPorts),
  });
}

function given(lists: Readonly<Record<string, readonly PortMatcher[]>>): Partial<PolicyRule> {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function numberOf(protocol: Protocol | undefined): number | undefined {
  if (protocol === undefined) return undefined;
  const { numberOrName } = protocol;
  return 'name' in numberOrName ? PROTOCOLS[numberOrName.name] : numberOrName.number;
}

function icmpMatcher(icmp: Icmp): PortMatcher {
  if ('type' in icmp) return { protocol: ICMP, icmpType: icmp.type };
  return { protocol: ICMP, icmpType: icmp.typeCode.type, icmpCode: icmp.typeCode.code };
}
