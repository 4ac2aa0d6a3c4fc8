import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';
import { hashHex } from '../../util/hash-hex.ts';
import { functionValue } from '../functions/candidates.ts';
import { type Item, USUAL_DNS } from '../functions/items.ts';
import { functionOfPort, nameOfPort } from '../links/port-names.ts';
import { isAddress } from '../parties/cidrs.ts';
import type { Parties, Party } from '../parties/parties.ts';

/** What a name is found from. */
export interface Nameable {
  /** Unique and stable among the pairs of a run. */
  readonly key: string;
  readonly items: readonly Item[];
  readonly servers: readonly number[];
  /** Where the servers are. */
  readonly namespaces: readonly string[];
}

/** Leaves room for `-service` and a number within the 63 characters of a label name. */
const LONGEST = 48;

/**
 * A function name for each pair, in order: unique, a valid label name and object name, and never a label key that
 * workloads carry already, because the patch would overwrite its value. Pairs of equal base are all told apart by the
 * same means: port, then namespace, then both; a hash where nothing else does. Names in `kept` stay, and nobody else gets them.
 */
export function nameFunctions(
  pairs: readonly Nameable[],
  parties: Parties,
  { taken, kept }: { readonly taken: ReadonlySet<string>; readonly kept: ReadonlyMap<string, string> },
): string[] {
  const groups = new Map<string, Nameable[]>();
  for (const pair of pairs) {
    if (kept.has(pair.key)) continue;
    const base = clean(baseName(pair, parties)) || 'function';
    const name = taken.has(base) ? `${base}-fn` : base;
    appendTo(groups, name, pair);
  }
  const names = new Map(kept);
  const used = new Set([...taken, ...kept.values()]);
  for (const [base, group] of [...groups].sort(([a], [b]) => compareText(a, b)))
    for (const [pair, name] of tellApart(base, group, parties)) {
      const free = firstFree(name, { pair, parties, used });
      used.add(free);
      names.set(pair.key, free);
    }
  return pairs.map(({ key }) => names.get(key) ?? '');
}

function baseName({ items, servers }: Nameable, parties: Parties): string {
  const first = items[0] as Item;
  const parts = servers.map((server) => parties.all[server]);
  const shared = new Set(items.map(({ protocol, port }) => functionOfPort(protocol, port)));
  const [purpose = ''] = shared;
  if (shared.size === 1 && purpose !== '' && (servers.length > 1 || servers[0] === USUAL_DNS || purpose === 'dns'))
    return purpose;
  const party = parts[0];
  if (party?.outside) return servers.length === 1 ? outsideName(party, first) : nameOfPort(first.protocol, first.port);
  const values = new Set(parts.map(functionValue));
  const [value = ''] = values;
  if (values.size === 1 && value !== '') return value;
  const prefix = commonPrefix(parts.map(workloadName));
  if (prefix.length >= 3) return prefix;
  return `${servers.length > 1 ? onlyCaller(first, parties) : ''} ${nameOfPort(first.protocol, first.port)}`;
}

/** Servers that have nothing in common but one caller are named after it: `web-http`. */
function onlyCaller({ clients, outside }: Item, { all }: Parties): string {
  const [client] = clients;
  if (client === undefined || clients.length + outside.length > 1) return '';
  return functionValue(all[client]) || workloadName(all[client]);
}

function outsideName(party: Party, item: Item): string {
  if (isAddress(party.name) || party.kind === 'host') return nameOfPort(item.protocol, item.port);
  return party.name;
}

function workloadName(party: Party | undefined): string {
  return party?.workloads[0]?.name ?? '';
}

/** The longest common beginning that ends with a whole word. */
function commonPrefix(names: readonly string[]): string {
  const [first = '', ...others] = names;
  if (others.length === 0) return first;
  let length = 0;
  while (length < first.length && others.every((other) => other[length] === first[length])) length += 1;
  const isWord = [first, ...others].every((name) => name.length === length || name[length] === '-');
  const common = first.slice(0, length);
  return isWord ? common : common.slice(0, Math.max(0, common.lastIndexOf('-')));
}

type Suffix = (pair: Nameable, parties: Parties, base: string) => string;

const SUFFIXES: readonly Suffix[] = [
  () => '',
  portSuffix,
  namespaceSuffix,
  (pair, parties, base) => `${portSuffix(pair, parties, base)}-${namespaceSuffix(pair)}`,
];

/** The port's own name, or its number; nothing for the port that the base is named after: `redis`, `redis-16379`. */
function portSuffix({ items }: Nameable, _: Parties, base: string): string {
  const first = items[0] as Item;
  const name = nameOfPort(first.protocol, first.port).replace(/^tcp-/, '');
  return name === base ? '' : name;
}

function namespaceSuffix({ namespaces }: Nameable): string {
  return namespaces.join('-');
}

/** By the first means that tells all apart, else by the one that tells most apart, with a hash for those that still clash. */
function tellApart(base: string, group: readonly Nameable[], parties: Parties): [Nameable, string][] {
  const sorted = [...group].sort((a, b) => compareText(a.key, b.key));
  let best: readonly string[] = [];
  let most = 0;
  for (const suffix of SUFFIXES) {
    if (most === sorted.length) break;
    const names = sorted.map((pair) => shorten(clean(`${base}-${suffix(pair, parties, base)}`)));
    const distinct = new Set(names).size;
    if (distinct > most) [best, most] = [names, distinct];
  }
  const seen = new Set<string>();
  const clashing = new Set(best.filter((name) => seen.has(name) || !seen.add(name)));
  return sorted.map((pair, i) => {
    const name = best[i] ?? '';
    return [pair, clashing.has(name) ? withHash(name, pair.key) : name];
  });
}

/** Names of earlier runs are in the way of a newcomer, who then takes the next means. */
function firstFree(
  name: string,
  { pair, parties, used }: { readonly pair: Nameable; readonly parties: Parties; readonly used: ReadonlySet<string> },
): string {
  if (!used.has(name)) return name;
  const longer = SUFFIXES.map((suffix) => shorten(clean(`${name}-${suffix(pair, parties, name)}`)));
  return longer.find((candidate) => !used.has(candidate)) ?? withHash(name, pair.key);
}

function shorten(name: string): string {
  return name.length <= LONGEST ? name : withHash(name, name);
}

function withHash(name: string, content: string): string {
  return `${clean(name.slice(0, LONGEST - 7))}-${hashHex(content, 6)}`;
}

const CLEAN = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** Lower case letters, digits and single dashes; begins with a letter, ends with a letter or digit. */
function clean(text: string): string {
  if (CLEAN.test(text)) return text;
  const plain = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return /^\d/.test(plain) ? `fn-${plain}` : plain;
}
