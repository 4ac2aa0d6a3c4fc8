import { canonicalLabels, type LabelSet } from '../../model/labels.ts';
import { compareText } from '../../util/compare.ts';
import { costOfKey, type KeyTier, LAST_RESORT_COST, tierOfKey, UNKNOWN_COST } from './label-keys.ts';

/** What may be done with one label key, and why. */
export interface KeyDecision {
  readonly key: string;
  readonly tier: KeyTier;
  readonly reason: string;
  /** Price of one term with this key in a selector. */
  readonly cost: number;
  /** An earlier run's pair put it there. */
  readonly functionLabel: boolean;
}

export interface Hygiene {
  /** Every key seen, sorted. */
  readonly keys: ReadonlyMap<string, KeyDecision>;
  /** The labels of a set that a selector may use, sorted by key. Equal results are the same object. */
  clean(labels: LabelSet): CleanLabels;
}

/** Labels after hygiene, and their canonical text. */
export interface CleanLabels {
  readonly labels: ReadonlyMap<string, string>;
  readonly text: string;
}

/** One workload with every label set it was seen with. */
export interface OwnedLabels {
  readonly owner: string;
  readonly sets: readonly LabelSet[];
}

interface KeyUse {
  owners: number;
  /** Owners in which the key has more than one value, or comes and goes. */
  unstable: number;
  readonly values: Set<string>;
}

/** Share of owners with changing values from which on a key says nothing about function. */
const UNSTABLE_SHARE = 0.5;

/**
 * Decides per key how far selectors may use it: by name, by the owner-invariance test (a value that differs between
 * pods of one owner follows rollouts, not function: this finds unknown hash labels without a list) and by the shape of
 * values.
 */
export function labelHygiene(owners: readonly OwnedLabels[]): Hygiene {
  const keys = new Map<string, KeyDecision>();
  const uses = useOfKeys(owners);
  for (const key of [...uses.keys()].sort(compareText)) {
    const use = uses.get(key);
    if (use) keys.set(key, decideKey(key, use));
  }
  return { keys, clean: cleaner(keys) };
}

function useOfKeys(owners: readonly OwnedLabels[]): Map<string, KeyUse> {
  const uses = new Map<string, KeyUse>();
  for (const { sets } of owners) {
    const known = sets.filter((set) => set.id !== '0');
    const own = new Map<string, Set<string>>();
    for (const set of known)
      for (const [key, value] of set.labels) own.set(key, (own.get(key) ?? new Set()).add(value));
    for (const [key, values] of own) {
      const use = uses.get(key) ?? { owners: 0, unstable: 0, values: new Set<string>() };
      use.owners += 1;
      if (values.size > 1) use.unstable += 1;
      for (const value of values) use.values.add(value);
      uses.set(key, use);
    }
  }
  return uses;
}

function decideKey(key: string, use: KeyUse): KeyDecision {
  const byName = tierOfKey(key);
  if (byName.tier === 'never') return never(key, byName.reason);
  if (isFunctionLabel(key, use.values))
    return { ...never(key, 'a function label of an earlier run'), functionLabel: true };
  if (use.unstable > use.owners * UNSTABLE_SHARE && (use.owners > 1 || costOfKey(key) > 20))
    return never(key, 'its value changes within one workload');
  if (use.values.size > 1 && use.values.size >= use.owners && [...use.values].every(looksGenerated))
    return never(key, 'its values look generated');
  if (byName.tier === 'last-resort') return lastResort(key, byName.reason);
  if (use.unstable > 0) return lastResort(key, 'its value changed within a workload');
  return { key, tier: 'normal', reason: '', cost: costOfKey(key), functionLabel: false };
}

function never(key: string, reason: string): KeyDecision {
  return { key, tier: 'never', reason, cost: 0, functionLabel: false };
}

function lastResort(key: string, reason: string): KeyDecision {
  return { key, tier: 'last-resort', reason, cost: LAST_RESORT_COST, functionLabel: false };
}

const FUNCTION_VALUES = new Set(['service', 'client', 'both']);

/** A key outside the usual ones that holds nothing but these values was put there by a pair. */
function isFunctionLabel(key: string, values: ReadonlySet<string>): boolean {
  return costOfKey(key) === UNKNOWN_COST && [...values].every((value) => FUNCTION_VALUES.has(value));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const HEX = /^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,}$/i;
const NUMBER = /^\d{4,}$/;
const TIMESTAMP = /^\d{4}-?\d{2}-?\d{2}T?[\d.:Z-]*$/;

function looksGenerated(value: string): boolean {
  return UUID.test(value) || HEX.test(value) || NUMBER.test(value) || TIMESTAMP.test(value);
}

function cleaner(keys: ReadonlyMap<string, KeyDecision>): Hygiene['clean'] {
  const byId = new Map<string, CleanLabels>();
  const byText = new Map<string, CleanLabels>();
  return (set) => {
    const known = byId.get(set.id);
    if (known) return known;
    const labels = new Map([...set.labels].filter(([key]) => keys.get(key)?.tier !== 'never'));
    const text = canonicalLabels(labels);
    const shared = byText.get(text) ?? { labels, text };
    byText.set(text, shared);
    byId.set(set.id, shared);
    return shared;
  };
}
