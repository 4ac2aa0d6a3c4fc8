import { canonicalLabels } from '../model/labels.ts';
import type { Selector } from '../model/selector.ts';
import { compareText } from '../util/compare.ts';
import {
  addTo,
  type Bitset,
  countOutside,
  emptySet,
  intersectInto,
  isEmpty,
  isIn,
  subtractFrom,
  uniteInto,
} from './bitset.ts';
import type { Hygiene } from './hygiene.ts';
import { FUNCTION_KEYS } from './label-keys.ts';
import type { Parties, Party } from './parties.ts';

/** The label sets of one namespace: the universe in which a selector of that namespace has to tell pods apart. */
interface Universe {
  readonly labels: readonly ReadonlyMap<string, string>[];
  /** Party indexes that carry each label set. */
  readonly carriers: readonly (readonly number[])[];
  readonly atoms: ReadonlyMap<string, KeyAtoms>;
}

/** Label sets by value of one key, and all that carry the key. */
interface KeyAtoms {
  readonly values: ReadonlyMap<string, Bitset>;
  readonly carrying: Bitset;
}

interface Term {
  readonly key: string;
  /** Absent: the key is there, whatever its value. */
  readonly values?: readonly string[];
  /** The key is not there. */
  readonly absent?: boolean;
  readonly cost: number;
  readonly extension: Bitset;
}

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

/** At most this many values stand in one `In` term. */
const MOST_VALUES = 12;
/** Price of each value of an `In` beyond the first. */
const VALUE_COST = 3;
/** Price of a term that rules a key out: it says what a workload is not, so it comes last. */
const ABSENT_COST = 70;

/** Prepares the universes of all namespaces; each is indexed when it is first needed. */
export function selectorFinder(parties: Parties): SelectorFinder {
  const pods = new Map<string, Party[]>();
  for (const party of parties.all) {
    if (party.outside) continue;
    const known = pods.get(party.namespace);
    if (known) known.push(party);
    else pods.set(party.namespace, [party]);
  }
  const universes = new Map<string, Universe>();
  const results = new Map<string | number, Selection>();
  const failures: (Selection & { readonly exact: false })[] = [];
  const look = (namespace: string, targets: readonly Party[]): Selection => {
    const universe = universes.get(namespace) ?? indexNamespace(pods.get(namespace) ?? []);
    universes.set(namespace, universe);
    return selectParties(universe, targets, parties.hygiene);
  };
  return {
    failures,
    look,
    select(namespace, targets) {
      const [only] = targets;
      const memo = targets.length === 1 && only ? only.index : targets.map(({ index }) => index).join();
      const known = results.get(memo);
      if (known) return known;
      const result = look(namespace, targets);
      results.set(memo, result);
      if (!result.exact) failures.push(result);
      return result;
    },
  };
}

function indexNamespace(parties: readonly Party[]): Universe {
  const labels: ReadonlyMap<string, string>[] = [];
  const carriers: number[][] = [];
  const positions = new Map<string, number>();
  for (const party of parties)
    for (const set of party.labels) {
      const canonical = canonicalLabels(set);
      let position = positions.get(canonical);
      if (position === undefined) {
        position = labels.push(set) - 1;
        positions.set(canonical, position);
        carriers.push([]);
      }
      carriers[position]?.push(party.index);
    }
  return { labels, carriers, atoms: indexAtoms(labels) };
}

function indexAtoms(labels: readonly ReadonlyMap<string, string>[]): ReadonlyMap<string, KeyAtoms> {
  const atoms = new Map<string, { values: Map<string, Bitset>; carrying: Bitset }>();
  labels.forEach((set, position) => {
    for (const [key, value] of set) {
      const atom = atoms.get(key) ?? { values: new Map<string, Bitset>(), carrying: emptySet(labels.length) };
      const extension = atom.values.get(value) ?? emptySet(labels.length);
      addTo(extension, position);
      addTo(atom.carrying, position);
      atom.values.set(value, extension);
      atoms.set(key, atom);
    }
  });
  return atoms;
}

function selectParties(universe: Universe, targets: readonly Party[], hygiene: Hygiene): Selection {
  const wanted = new Set(targets.map(({ index }) => index));
  const target = emptySet(universe.labels.length);
  const indistinct = new Set(targets.filter(({ labels }) => labels.length === 0).map(({ index }) => index));
  const from = new Set<number>();
  universe.carriers.forEach((carriers, position) => {
    const inside = carriers.filter((party) => wanted.has(party));
    if (inside.length === 0) return;
    addTo(target, position);
    if (inside.length === carriers.length) return;
    for (const party of inside) indistinct.add(party);
    for (const party of carriers) if (!wanted.has(party)) from.add(party);
  });
  if (indistinct.size > 0) return { exact: false, indistinct: ascending(indistinct), from: ascending(from) };
  const single = conjunction(universe, target, hygiene);
  if (single) return { exact: true, selectors: [single] };
  return bySet(universe, target, hygiene);
}

/** One conjunction for each label set, where no single one names them all. */
function bySet(universe: Universe, target: Bitset, hygiene: Hygiene): Selection {
  const selectors = new Map<string, Selector>();
  const indistinct = new Set<number>();
  const from = new Set<number>();
  universe.labels.forEach((set, position) => {
    if (!isIn(target, position)) return;
    const one = emptySet(universe.labels.length);
    addTo(one, position);
    const selector = conjunction(universe, one, hygiene, target);
    if (selector) {
      selectors.set(JSON.stringify(selector), selector);
      return;
    }
    for (const party of universe.carriers[position] ?? []) indistinct.add(party);
    for (const party of lookalikes(universe, set, target)) from.add(party);
  });
  if (indistinct.size > 0) return { exact: false, indistinct: ascending(indistinct), from: ascending(from) };
  const sorted = [...selectors].sort(([a], [b]) => compareText(a, b));
  return { exact: true, selectors: sorted.map(([, selector]) => selector) };
}

/** Parties outside `target` that carry all of `set` and more: no selector names one without the other. */
function lookalikes(universe: Universe, set: ReadonlyMap<string, string>, target: Bitset): number[] {
  return universe.labels.flatMap((other, position) => {
    const alike = !isIn(target, position) && [...set].every(([key, value]) => other.get(key) === value);
    return alike ? (universe.carriers[position] ?? []) : [];
  });
}

function ascending(numbers: ReadonlySet<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}

/**
 * A conjunction that holds for all of `target` and for nothing outside `allowed`; undefined when labels cannot say so.
 * Greedy weighted set cover: each term must drive out some of the rest, the best ratio of driven out to cost wins, ties
 * go to the cheaper term, then to the key. Never empty: a selector that selects all would grow with the namespace.
 */
function conjunction(
  universe: Universe,
  target: Bitset,
  hygiene: Hygiene,
  allowed: Bitset = target,
): Selector | undefined {
  const terms = commonTerms(universe, target, hygiene);
  return (
    conjunctionOf(universe, terms, allowed) ??
    (terms.length > 0 ? conjunctionOf(universe, [...terms, ...absentTerms(universe, target)], allowed) : undefined)
  );
}

function conjunctionOf(universe: Universe, terms: readonly Term[], allowed: Bitset): Selector | undefined {
  const rest = emptySet(universe.labels.length);
  for (let i = 0; i < universe.labels.length; i += 1) if (!isIn(allowed, i)) addTo(rest, i);
  const chosen: Term[] = [];
  while (!isEmpty(rest)) {
    const best = bestTerm(terms, rest);
    if (!best) return undefined;
    chosen.push(best);
    intersectInto(rest, best.extension);
  }
  if (chosen.length === 0 && terms[0]) chosen.push(terms[0]);
  return chosen.length === 0 ? undefined : toSelector(minimal(chosen, universe.labels.length, allowed));
}

/** Keys that nobody of `target` carries: they tell it from workloads that carry all of its labels and one more. */
function absentTerms(universe: Universe, target: Bitset): Term[] {
  const terms: Term[] = [];
  for (const [key, { carrying }] of universe.atoms) {
    const extension = emptySet(universe.labels.length);
    for (let i = 0; i < universe.labels.length; i += 1) if (!isIn(carrying, i)) addTo(extension, i);
    if (countOutside(target, extension) === 0) terms.push({ key, absent: true, cost: ABSENT_COST, extension });
  }
  return terms.sort((a, b) => compareText(a.key, b.key));
}

/** Terms that hold for all of `target`, cheapest first, then by key. */
function commonTerms(universe: Universe, target: Bitset, hygiene: Hygiene): Term[] {
  const sets = universe.labels.filter((_, position) => isIn(target, position));
  const terms: Term[] = [];
  for (const key of sets[0]?.keys() ?? []) {
    const values = valuesUsed(sets, key);
    const atoms = universe.atoms.get(key);
    if (!values || !atoms) continue;
    const cost = hygiene.keys.get(key)?.cost ?? 0;
    if (existsIsMeant(key, values.length)) terms.push({ key, cost: cost + 1, extension: atoms.carrying });
    if (values.length > MOST_VALUES) continue;
    const extension = emptySet(universe.labels.length);
    for (const value of values) uniteInto(extension, atoms.values.get(value) as Bitset);
    terms.push({ key, values, cost: cost + VALUE_COST * (values.length - 1), extension });
  }
  return terms.sort((a, b) => a.cost - b.cost || compareText(a.key, b.key) || (a.values ? -1 : 1));
}

/**
 * That a key is there says something when it is a marker. Every pod has some name: `app` exists would let in whoever
 * comes next, so name keys are listed by value for as long as the list can be read.
 */
function existsIsMeant(key: string, values: number): boolean {
  return values > MOST_VALUES || (values > 1 && !FUNCTION_KEYS.includes(key));
}

/** The values of a key in some label sets; undefined when one of them does not carry it. */
function valuesUsed(sets: readonly ReadonlyMap<string, string>[], key: string): string[] | undefined {
  const used = new Set<string>();
  for (const set of sets) {
    const value = set.get(key);
    if (value === undefined) return undefined;
    used.add(value);
  }
  return [...used].sort(compareText);
}

function bestTerm(terms: readonly Term[], rest: Bitset): Term | undefined {
  let best: { term: Term; gain: number } | undefined;
  for (const term of terms) {
    const gain = countOutside(rest, term.extension);
    if (gain > 0 && (!best || gain * best.term.cost > best.gain * term.cost)) best = { term, gain };
  }
  return best?.term;
}

/** Drops terms, the dearest first, that the others make needless. */
function minimal(chosen: readonly Term[], size: number, allowed: Bitset): readonly Term[] {
  let kept = chosen;
  for (const term of [...chosen].sort((a, b) => b.cost - a.cost || compareText(a.key, b.key))) {
    const without = kept.filter((other) => other !== term);
    if (without.length > 0 && isEmpty(outsideOf(without, size, allowed))) kept = without;
  }
  return kept;
}

function outsideOf(terms: readonly Term[], size: number, allowed: Bitset): Bitset {
  const matched = emptySet(size);
  for (let i = 0; i < size; i += 1) addTo(matched, i);
  for (const { extension } of terms) intersectInto(matched, extension);
  subtractFrom(matched, allowed);
  return matched;
}

function toSelector(terms: readonly Term[]): Selector {
  const sorted = [...terms].sort((a, b) => compareText(a.key, b.key) || (a.values ? -1 : 1));
  return {
    kind: 'and',
    of: sorted.map(termSelector),
  };
}

function termSelector({ key, values, absent }: Term): Selector {
  if (values) return { kind: 'in', key, values };
  return absent ? { kind: 'not', of: { kind: 'has', key } } : { kind: 'has', key };
}
