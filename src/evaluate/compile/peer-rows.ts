import { appendTo } from '../../util/append-to.ts';
import { Int32List } from '../../util/int32-list.ts';
import type { ClassMatcher } from './match-classes.ts';
import type { SidePlan } from './plan.ts';
import { transposeInto } from './transpose.ts';

/** Rows of a batch of classes, one after the other. */
interface Batch {
  readonly possible: Uint32Array;
  /** The same array as `possible` when nothing is uncertain. */
  readonly sure: Uint32Array;
}

/**
 * For every class a row of bits: which rules of a side may name it, and surely name it, as their far end. Classes that
 * no rule tells apart share a row; there are far fewer rows than classes, which keeps them in the processor's cache.
 */
export class PeerRows {
  readonly #plan: SidePlan;
  readonly #possible = new Int32List();
  readonly #sure = new Int32List();
  readonly #byHash = new Map<number, number[]>();
  /** Some row is uncertain somewhere. */
  uncertain = false;

  constructor(plan: SidePlan) {
    this.#plan = plan;
  }

  get possible(): Int32Array {
    return this.#possible.data;
  }

  get sure(): Int32Array {
    return this.#sure.data;
  }

  /** Where the row of each of `size` classes starts. */
  add(matcher: ClassMatcher, size: number): readonly number[] {
    const batch = makeBatch(this.#plan, matcher, size);
    this.uncertain ||= batch.possible !== batch.sure;
    const { words } = this.#plan;
    return Array.from({ length: size }, (_, index) => this.#offsetOf(batch, index * words));
  }

  #offsetOf({ possible, sure }: Batch, start: number): number {
    const { words } = this.#plan;
    const end = start + words;
    const hash = hashRow(possible, start, end) ^ Math.imul(hashRow(sure, start, end), 31);
    const same = (at: number): boolean =>
      equalRows(possible, start, { rows: this.possible, at, words }) &&
      equalRows(sure, start, { rows: this.sure, at, words });
    const known = this.#byHash.get(hash)?.find(same);
    if (known !== undefined) return known;
    const offset = this.#possible.append(possible.subarray(start, end));
    this.#sure.append(sure.subarray(start, end));
    appendTo(this.#byHash, hash, offset);
    return offset;
  }
}

function makeBatch({ words, rules }: SidePlan, matcher: ClassMatcher, size: number): Batch {
  const sure = new Uint32Array(size * words);
  let possible = sure;
  for (let at = 0; at < words; at++) {
    const sets = rules.slice(at * 32, at * 32 + 32).map((rule) => rule && matcher.match(rule.rule.peer));
    const place = { classes: size, stride: words, at };
    if (possible === sure && sets.some((set) => set && set.sure !== set.possible)) possible = sure.slice();
    const surely = sets.map((set) => set?.sure);
    transposeInto(sure, surely, place);
    const possibly = sets.map((set) => set?.possible);
    if (possible !== sure) transposeInto(possible, possibly, place);
  }
  return { sure, possible };
}

function hashRow(rows: Uint32Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (rows[at] as number), 0x01000193);
  return hash;
}

interface Kept {
  readonly rows: Int32Array;
  readonly at: number;
  readonly words: number;
}

function equalRows(batch: Uint32Array, start: number, { rows, at, words }: Kept): boolean {
  for (let word = 0; word < words; word++) if (((batch[start + word] as number) | 0) !== rows[at + word]) return false;
  return true;
}
