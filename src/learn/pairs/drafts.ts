import type { PreviousPair } from '../../model/pair.ts';
import { protocolName } from '../../model/ports.ts';
import { compareText } from '../../util/compare.ts';
import type { Candidate } from '../functions/candidates.ts';
import { type Item, USUAL_DNS } from '../functions/items.ts';
import type { Links } from '../links/links.ts';
import type { LearnOptions } from '../options.ts';
import type { Parties, Party } from '../parties/parties.ts';
import type { SelectorFinder } from '../selectors/selectors.ts';
import type { Trust } from '../trust/rules.ts';
import type { ReadinessContext } from './readiness.ts';

/** A chosen candidate with its ends spelled out. */
export interface Draft {
  readonly key: string;
  readonly items: readonly Item[];
  /** Those of them that are to name it: of copies of an application the first. */
  readonly leading: readonly Item[];
  readonly servers: readonly number[];
  readonly clients: readonly number[];
  readonly outside: readonly number[];
  readonly mesh: boolean;
  /** Namespaces with copies of one application, sorted: nothing is granted from one to another. */
  readonly scope?: readonly string[];
  /** Clients that were not seen calling: the labels of the others stand for them as well. */
  readonly beyond?: readonly number[];
}

/** What building needs besides the drafts. */
export interface BuildContext extends ReadinessContext {
  readonly links: Links;
  /** How many trusted links each link stands for; absent: itself. */
  readonly trustedBehind: Int32Array | undefined;
  readonly trust: Trust;
  readonly parties: Parties;
  readonly finder: SelectorFinder;
  readonly options: LearnOptions;
  /** The pairs of earlier runs: their ids and names live on. */
  readonly previous: readonly PreviousPair[];
}

/** Spells out who serves and who calls in each chosen candidate. */
export function draftPairs(chosen: readonly Candidate[], items: readonly Item[], parties: Parties): Draft[] {
  const used = new Set<string>();
  return chosen.map((candidate) => {
    const folded = candidate.items.map((position) => items[position] as Item);
    const [first] = folded as [Item];
    const { clients: callers, outside } = first;
    const own = folded.flatMap((item) => item.parts ?? [item]).sort(byPort);
    const leading = folded.map((item) => item.parts?.[0] ?? item).sort(byPort);
    const mesh = candidate.form === 'mesh';
    const servers = ascending(own.map(({ server }) => server));
    const clients = mesh ? servers : callers;
    const identity = servers.map((server) => (server === USUAL_DNS ? 'usual-dns' : parties.all[server]?.key));
    const ports = [...new Set(own.map(({ protocol, port }) => `${protocolName(protocol)}/${port}`))];
    const key = unused([...identity, ...ports].join('\n'), used);
    return { key, items: own, leading, servers, clients, outside, mesh };
  });
}

function byPort(a: Item, b: Item): number {
  return a.port - b.port || a.protocol - b.protocol || a.server - b.server;
}

/** Namespaces of parties, sorted. */
export function namespacesOf(indexes: readonly number[], { all }: Parties): string[] {
  return [...new Set(indexes.map((index) => all[index]?.namespace ?? ''))].sort(compareText);
}

/** The same servers and ports can be two functions only where an earlier run made one of them. */
function unused(key: string, used: Set<string>): string {
  let free = key;
  for (let round = 2; used.has(free); round += 1) free = `${key}\n${round}`;
  used.add(free);
  return free;
}

/** Pods by namespace, namespaces in order. They come in the order of `Parties.all`, where those of one stand together. */
export function byNamespace(pods: readonly Party[]): [string, Party[]][] {
  const groups: [string, Party[]][] = [];
  for (const pod of pods) {
    const last = groups.at(-1);
    if (last?.[0] === pod.namespace) last[1].push(pod);
    else groups.push([pod.namespace, [pod]]);
  }
  return groups;
}

function ascending(numbers: Iterable<number>): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}
