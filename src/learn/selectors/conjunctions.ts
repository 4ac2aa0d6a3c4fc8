import type { Selector } from '../../model/selector.ts';
import {
  type Bitset,
  complementOf,
  countOutside,
  elementsOf,
  emptySet,
  intersectInto,
  isEmpty,
  subtractFrom,
  uniteInto,
} from '../../util/bitset.ts';
import { compareText } from '../../util/compare.ts';
import type { Hygiene } from '../parties/hygiene.ts';
import { FUNCTION_KEYS } from '../parties/label-keys.ts';
import type { KeyAtoms, Universe } from '../parties/label-universe.ts';

interface Term {
  readonly key: string;
  /** Absent: the key is there, whatever its value. */
  readonly values?: readonly string[];
  /** The key is not there. */
  readonly absent?: boolean;
  readonly cost: number;
  readonly extension: Bitset;
}

/** At most this many values stand in one `In` term. */
const MOST_VALUES = 12;
/** Price of each value of an `In` beyond the first. */
const VALUE_COST = 3;
/** Price of a term that rules a key out: it says what a workload is not, so it comes last. */
const ABSENT_COST = 70;

/**
 * A conjunction that holds for all of `target` and for nothing outside `allowed`; undefined when labels cannot say so.
 * Greedy weighted set cover: each term must drive out some of the rest, the best ratio of driven out to cost wins, ties
 * go to the cheaper term, then to the key. Never empty: a selector that selects all would grow with the namespace.
 */
export function conjunction(
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
  const rest = complementOf(allowed, universe.labels.length);
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
    const extension = complementOf(carrying, universe.labels.length);
    if (countOutside(target, extension) === 0) terms.push({ key, absent: true, cost: ABSENT_COST, extension });
  }
  return terms.sort((a, b) => compareText(a.key, b.key));
}

/** Terms that hold for all of `target`, cheapest first, then by key. */
function commonTerms(universe: Universe, target: Bitset, hygiene: Hygiene): Term[] {
  const sets = elementsOf(target).map((position) => universe.labels[position] as ReadonlyMap<string, string>);
  const terms: Term[] = [];
  for (const key of sets[0]?.keys() ?? []) {
    const values = valuesUsed(sets, key);
    const atoms = universe.atoms.get(key);
    if (!values || !atoms) continue;
    const cost = hygiene.keys.get(key)?.cost ?? 0;
    if (existsIsMeant(key, values.length)) terms.push({ key, cost: cost + 1, extension: atoms.carrying });
    if (values.length > MOST_VALUES) continue;
    terms.push({ key, values, cost: cost + VALUE_COST * (values.length - 1), extension: withAny(values, atoms) });
  }
  return terms.sort((a, b) => a.cost - b.cost || compareText(a.key, b.key) || (a.values ? -1 : 1));
}

/** Label sets with any of some values of one key. */
function withAny(wanted: readonly string[], { values, carrying }: KeyAtoms): Bitset {
  if (wanted.length === 1) return values.get(wanted[0] ?? '') as Bitset;
  const all = emptySet(32 * carrying.length);
  for (const value of wanted) uniteInto(all, values.get(value) as Bitset);
  return all;
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
  const [only] = sets;
  if (sets.length === 1 && only) return [only.get(key) as string];
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
  if (chosen.length < 2) return chosen;
  let kept = chosen;
  for (const term of [...chosen].sort((a, b) => b.cost - a.cost || compareText(a.key, b.key))) {
    const without = kept.filter((other) => other !== term);
    if (without.length > 0 && isEmpty(outsideOf(without, size, allowed))) kept = without;
  }
  return kept;
}

function outsideOf(terms: readonly Term[], size: number, allowed: Bitset): Bitset {
  const matched = complementOf(emptySet(size), size);
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
