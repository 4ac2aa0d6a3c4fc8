import { type ConnectivityEnd, isOutside } from '../../evaluate/connectivity/connectivity.ts';
import type { EffectiveRule, EffectiveSide } from '../../evaluate/explain/effective-rules.ts';
import { protocolName } from '../../model/ports.ts';
import { compareText } from '../../util/compare.ts';
import { visible } from '../../util/table.ts';
import { endText } from '../connectivity/result.ts';
import type { RenderedWorkload, RenderResult } from './result.ts';

/**
 * The rules as an nftables ruleset for the network namespace of a pod of each workload, readable by `nft -f`. Peers are
 * sets of addresses; a peer whose pods have no address in the manifests is named in a comment and must be added to the
 * set by whoever knows. Replies follow their connection, and a pod always reaches itself.
 */
export function* nftables(result: RenderResult): Generator<string> {
  const taken = new Set<string>();
  for (const workload of result.workloads) yield* tableOf(workload, { result, taken });
}

interface Rulesets {
  readonly result: RenderResult;
  /** Names of tables so far; two tables of one name would become one. */
  readonly taken: Set<string>;
}

function* tableOf(workload: RenderedWorkload, { result, taken }: Rulesets): Generator<string> {
  const own = endText(result.ends[workload.own] as ConnectivityEnd);
  yield `# ${comment(own)}\ntable inet ${tableName(own, taken)} {\n`;
  const sides = [workload.ingress, workload.egress].map((side) => linesOf(side, result));
  for (const { sets } of sides) for (const line of sets) yield `  ${line}\n`;
  for (const { chain } of sides) for (const line of chain) yield `  ${line}\n`;
  yield '}\n';
}

interface Lines {
  readonly sets: readonly string[];
  readonly chain: readonly string[];
}

function linesOf(side: EffectiveSide, result: RenderResult): Lines {
  const hook = side.side === 'ingress' ? 'input' : 'output';
  const head = `type filter hook ${hook} priority filter; policy ${side.isolated ? 'drop' : 'accept'};`;
  const basics = ['ct state established,related accept', `${side.side === 'ingress' ? 'iif' : 'oif'} lo accept`];
  if (!side.isolated) return { sets: [], chain: [`chain ${side.side} {`, `  ${head}`, '}'] };
  const rules = side.rules.map((rule, index) => ruleLines(side, { rule, index, result }));
  return {
    sets: rules.flatMap(({ sets }) => sets),
    chain: [
      `chain ${side.side} {`,
      ...[head, ...basics, ...rules.flatMap(({ chain }) => chain)].map((line) => `  ${line}`),
      '}',
    ],
  };
}

interface NumberedRule {
  readonly rule: EffectiveRule;
  readonly index: number;
  readonly result: RenderResult;
}

function ruleLines({ side }: EffectiveSide, { rule, index, result }: NumberedRule): Lines {
  const peers = rule.peers.map((peer) => result.ends[peer] as ConnectivityEnd);
  const workloads = peers.filter((end) => !isOutside(end)).map(endText);
  const unknown = peers.filter((end) => addressesOf(end).length === 0).map(endText);
  const sets: string[] = [];
  const known = workloads.filter((name) => !unknown.includes(name));
  const chain = known.length > 0 ? [`# ${comment(known.join(', '))}`] : [];
  if (unknown.length > 0) chain.push(`# addresses to be added: ${comment(unknown.join(', '))}`);
  const all = peers.flatMap(addressesOf).sort(compareText);
  for (const [family, type, own] of [
    ['ip', 'ipv4_addr', all.filter((text) => !text.includes(':'))],
    ['ip6', 'ipv6_addr', all.filter((text) => text.includes(':'))],
  ] as const) {
    if (own.length === 0 && (family === 'ip6' || unknown.length === 0)) continue;
    const name = `${side}_${index + 1}_${family}`;
    const elements = own.length === 0 ? '' : ` elements = { ${own.join(', ')} }`;
    sets.push(`set ${name} { type ${type}; flags interval; auto-merge;${elements} }`);
    const peer = `${family} ${side === 'ingress' ? 'saddr' : 'daddr'} @${name}`;
    for (const service of serviceMatches(rule, result)) chain.push(`${peer}${service} accept`);
  }
  return { sets, chain };
}

/** Ranges, and the addresses of pods as far as manifests tell them. */
function addressesOf(end: ConnectivityEnd): string[] {
  if ('cidr' in end.shown) {
    const [first, last] = end.shown.cidr.split('-');
    return [first === last ? (first ?? '') : end.shown.cidr];
  }
  return [...new Set(end.members.map(({ address }) => address))].filter((one) => one !== '' && !one.includes('-'));
}

/** One match per protocol: ` tcp dport { 80, 443 }`; nothing at all for all services. */
function serviceMatches({ services }: EffectiveRule, { space }: RenderResult): string[] {
  const allowed = space.toJson(services);
  if (allowed === 'all') return [''];
  return Object.entries(allowed).map(([protocol, ports]) => {
    const keyword = KEYWORDS[protocol];
    if (keyword === undefined || ports === 'all') return ` meta l4proto ${numberOf(protocol, space.protocols)}`;
    return ` ${keyword} { ${ports.replace(/,/g, ', ')} }`;
  });
}

const KEYWORDS: Readonly<Record<string, string>> = {
  TCP: 'tcp dport',
  UDP: 'udp dport',
  SCTP: 'sctp dport',
  UDPLite: 'udplite dport',
  ICMP: 'icmp type',
  ICMPv6: 'icmpv6 type',
};

function numberOf(name: string, protocols: readonly number[]): number {
  return protocols.find((protocol) => protocolName(protocol) === name) ?? 0;
}

function tableName(own: string, taken: Set<string>): string {
  const wanted = identifier(`microwall_${own}`);
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}_${number}`;
  taken.add(name);
  return name;
}

/** Names of tables are letters, digits and `_`. */
function identifier(text: string): string {
  return text
    .replace(/\[(.*)\]$/, '_$1')
    .replace(/[^A-Za-z0-9_]/g, '_')
    .toLowerCase();
}

function comment(text: string): string {
  return visible(text);
}
