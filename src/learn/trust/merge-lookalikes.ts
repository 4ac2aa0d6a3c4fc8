import { canonicalLabels } from '../../model/labels.ts';
import { compareText } from '../../util/compare.ts';
import { at, type Links, linkOfEdges } from '../links/links.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { RULE_CODE, type Trust } from './rules.ts';

/**
 * Parties as existing labels see them: pods of one namespace with equal labels are one, whoever owns them. A selector
 * names all of them or none, so leaving one open for the sake of the other would open both; together they are granted
 * what any of them needs, which is less.
 */
export function mergeLookalikes(parties: Parties): Parties {
  const groups = new Map<string, Party[]>();
  for (const party of parties.all) {
    const key = lookOf(party);
    const known = groups.get(key);
    if (known) known.push(party);
    else groups.set(key, [party]);
  }
  if (groups.size === parties.all.length) return parties;
  const merged = [...groups.values()].sort(([a], [b]) => compareText(a?.key ?? '', b?.key ?? ''));
  const place = new Int32Array(parties.all.length);
  merged.forEach((group, index) => {
    for (const party of group) place[party.index] = index;
  });
  const move = (column: Int32Array): Int32Array => column.map((index) => at(place, index));
  return {
    ...parties,
    all: merged.map(toOne),
    clients: move(parties.clients),
    servers: move(parties.servers),
  };
}

function lookOf({ key, outside, namespace, labels }: Party): string {
  const sets = labels.map(canonicalLabels);
  if (outside || sets.length === 0 || sets.includes('')) return key;
  return ['look', namespace, ...sets].join('\n');
}

function toOne(group: readonly Party[], index: number): Party {
  const [first] = group as [Party];
  if (group.length === 1) return { ...first, index };
  return {
    ...first,
    index,
    key: group.map(({ key }) => key).join('\n'),
    name: group.map(({ name }) => name).join(', '),
    workloads: group.flatMap(({ workloads }) => workloads),
    subject: group.every(({ subject }) => subject),
    single: false,
    replicas: group.reduce((sum, { replicas }) => sum + replicas, 0),
  };
}

/** Trust in links of merged parties: what one of the links behind them may, all may. Counts the trusted ones behind. */
export function mergeTrust(
  trust: Trust,
  before: Links,
  after: Links,
): { readonly trust: Trust; readonly trustedBehind: Int32Array } {
  const linkOfEdge = linkOfEdges(before);
  const merged = new Uint8Array(after.count).fill(255);
  const trustedBehind = new Int32Array(after.count);
  for (let link = 0; link < after.count; link += 1) {
    const behind = new Set<number>();
    for (let m = at(after.starts, link); m < at(after.starts, link + 1); m += 1)
      behind.add(at(linkOfEdge, at(after.members, m)));
    for (const one of behind) {
      merged[link] = Math.min(at(merged, link), at(trust, one));
      if (at(trust, one) < RULE_CODE.kept) trustedBehind[link] = at(trustedBehind, link) + 1;
    }
  }
  return { trust: merged, trustedBehind };
}
