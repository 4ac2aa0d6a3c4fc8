import type { PreviousPair } from '../../model/pair.ts';
import type { Selector } from '../../model/selector.ts';
import { addTo, type Bitset, elementsOf, emptySet, isIn } from '../../util/bitset.ts';
import { compareText } from '../../util/compare.ts';
import { ListInterner } from '../links/intern-lists.ts';
import type { Hygiene } from '../parties/hygiene.ts';
import { indexNamespace, type Universe } from '../parties/label-universe.ts';
import type { Parties, Party } from '../parties/parties.ts';
import { conjunction } from './conjunctions.ts';
import { keptSelectors, nameExactly } from './kept-selectors.ts';

/** Selectors that name exactly some parties of a namespace, or the parties that cannot be told from others. */
export type Selection =
  | { readonly exact: true; readonly selectors: readonly Selector[] }
  | { readonly exact: false; readonly indistinct: readonly number[]; readonly from: readonly number[] };

/** Finds the smallest selectors; results are remembered, because many pairs share their members. */
export interface SelectorFinder {
  /** What could not be named so far. */
  readonly failures: readonly (Selection & { readonly exact: false })[];
  select(namespace: string, parties: readonly Party[]): Selection;
  /** The same, for parties that need not be named: a failure is not recorded. */
  look(namespace: string, parties: readonly Party[]): Selection;
}

/**
 * Prepares the universes of all namespaces; each is indexed when it is first needed. Whom an earlier run named by
 * selectors that still name exactly them is named by these again, even if others would be smaller by now.
 */
export function selectorFinder(parties: Parties, previous: readonly PreviousPair[] = []): SelectorFinder {
  const pods = new Map<string, Party[]>();
  for (const party of parties.all) {
    if (party.outside) continue;
    const known = pods.get(party.namespace);
    if (known) known.push(party);
    else pods.set(party.namespace, [party]);
  }
  const universes = new Map<string, Universe>();
  const lists = new ListInterner();
  const results = new Map<readonly number[], Selection>();
  /** Results for one party alone, which is most of what is asked, by its index. */
  const ones: Selection[] = [];
  const failures: (Selection & { readonly exact: false })[] = [];
  const kept = keptSelectors(previous, { parties, lists });
  const look = (
    namespace: string,
    targets: readonly Party[],
    before: readonly Selector[] | undefined = undefined,
  ): Selection => {
    const universe = universes.get(namespace) ?? indexNamespace(pods.get(namespace) ?? []);
    universes.set(namespace, universe);
    return selectParties(universe, targets, { hygiene: parties.hygiene, before });
  };
  return {
    failures,
    look: (namespace, targets) => look(namespace, targets),
    select(namespace, targets) {
      const only = targets.length === 1 ? targets[0]?.index : undefined;
      if (only !== undefined && ones[only]) return ones[only];
      const memo = lists.intern(targets.map(({ index }) => index));
      const known = results.get(memo);
      if (known) return known;
      const result = look(namespace, targets, kept.get(memo));
      results.set(memo, result);
      if (only !== undefined) ones[only] = result;
      if (!result.exact) failures.push(result);
      return result;
    },
  };
}

function selectParties(
  universe: Universe,
  targets: readonly Party[],
  { hygiene, before }: { readonly hygiene: Hygiene; readonly before: readonly Selector[] | undefined },
): Selection {
  const failure = sharedLabels(universe, targets);
  if (failure) return failure;
  const target = emptySet(universe.labels.length);
  for (const { index } of targets) for (const position of universe.setsOf.get(index) ?? []) addTo(target, position);
  if (before && nameExactly(before, target, universe)) return { exact: true, selectors: before };
  const single = conjunction(universe, target, hygiene);
  if (single) return { exact: true, selectors: [single] };
  return bySet(universe, target, hygiene);
}

/** Those of `targets` that have no labels, or exactly the labels of somebody else; undefined when there are none. */
function sharedLabels(universe: Universe, targets: readonly Party[]): Selection | undefined {
  const { setsOf, carriers } = universe;
  const isAlone = (position: number): boolean => carriers[position]?.length === 1;
  if (targets.every(({ index }) => setsOf.get(index)?.length && setsOf.get(index)?.every(isAlone))) return undefined;
  const wanted = new Set(targets.map(({ index }) => index));
  const indistinct = new Set<number>();
  const from = new Set<number>();
  for (const { index } of targets) {
    const sets = setsOf.get(index) ?? [];
    if (sets.length === 0) indistinct.add(index);
    for (const party of sets.flatMap((position) => carriers[position] ?? [])) {
      if (wanted.has(party)) continue;
      indistinct.add(index);
      from.add(party);
    }
  }
  return indistinct.size > 0 ? { exact: false, indistinct: ascending(indistinct), from: ascending(from) } : undefined;
}

/** One conjunction for each label set, where no single one names them all. */
function bySet(universe: Universe, target: Bitset, hygiene: Hygiene): Selection {
  const selectors = new Map<string, Selector>();
  const indistinct = new Set<number>();
  const from = new Set<number>();
  for (const position of elementsOf(target)) {
    const one = emptySet(universe.labels.length);
    addTo(one, position);
    const selector = conjunction(universe, one, hygiene, target);
    if (selector) {
      selectors.set(JSON.stringify(selector), selector);
      continue;
    }
    for (const party of universe.carriers[position] ?? []) indistinct.add(party);
    for (const party of lookalikes(universe, position, target)) from.add(party);
  }
  if (indistinct.size > 0) return { exact: false, indistinct: ascending(indistinct), from: ascending(from) };
  const sorted = [...selectors].sort(([a], [b]) => compareText(a, b));
  return { exact: true, selectors: sorted.map(([, selector]) => selector) };
}

/** Parties outside `target` that carry all labels of a set and more: no selector names one without the other. */
function lookalikes(universe: Universe, own: number, target: Bitset): number[] {
  const set = [...(universe.labels[own] ?? [])];
  return universe.labels.flatMap((other, position) => {
    const alike = !isIn(target, position) && set.every(([key, value]) => other.get(key) === value);
    return alike ? (universe.carriers[position] ?? []) : [];
  });
}

function ascending(numbers: ReadonlySet<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}
