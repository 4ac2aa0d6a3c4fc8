import { compareText } from '../util/compare.ts';
import { hash64 } from '../util/hash64.ts';

/**
 * The canonical set of policy-relevant labels of a workload. Sets are interned: two equal sets of one `LabelInterner`
 * are the same object. `id` is a decimal unsigned 64-bit integer; `'0'` means *labels unknown*, which is not the same
 * as known to be empty.
 */
export interface LabelSet {
  readonly id: string;
  /** Sorted by key in code point order; empty when unknown. */
  readonly labels: ReadonlyMap<string, string>;
}

/** The source did not say which labels the endpoint has. */
export const UNKNOWN_LABELS: LabelSet = Object.freeze({ id: '0', labels: new Map<string, string>() });

/** Canonical text of labels: `key=value` sorted by key, separated by NUL. The stored id is a hash of it. */
export function canonicalLabels(labels: ReadonlyMap<string, string>): string {
  return [...labels]
    .sort(([a], [b]) => compareText(a, b))
    .map(([key, value]) => `${key}=${value}`)
    .join('\0');
}

/** Builds the canonical set of `labels`; prefer `LabelInterner.intern`, which gives equal sets the same identity. */
export function labelSet(labels: ReadonlyMap<string, string>): LabelSet {
  const sorted = new Map([...labels].sort(([a], [b]) => compareText(a, b)));
  const id = hash64(canonicalLabels(sorted));
  return { id: id === '0' ? '1' : id, labels: sorted };
}

/**
 * Gives equal label sets one identity, so that they compare by reference and hash once. With a `limit` it starts anew
 * when it holds so many; equal sets from before and after then differ as objects and nowhere else.
 */
export class LabelInterner {
  readonly #byCanonical = new Map<string, LabelSet>();
  readonly #limit: number;

  constructor(limit: number = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  intern(labels: ReadonlyMap<string, string>): LabelSet {
    const canonical = canonicalLabels(labels);
    const known = this.#byCanonical.get(canonical);
    if (known) return known;
    const created = labelSet(labels);
    if (this.#byCanonical.size >= this.#limit) this.#byCanonical.clear();
    this.#byCanonical.set(canonical, created);
    return created;
  }
}
