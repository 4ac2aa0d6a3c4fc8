import { hashOf, isSame, valueIn } from './json-bytes.ts';

interface Known {
  readonly bytes: Uint8Array;
  readonly value: unknown;
}

/** Longer ones seldom repeat. */
const LENGTH_LIMIT = 1_024;

/**
 * Values of JSON short texts that repeat in millions of records (names, words, lists of labels): each is parsed once and then
 * found by its bytes. Every text has one place and the latest has it, so the memory is bounded; nor does it show in a
 * result, except that equal texts may give one object.
 */
export class JsonMemory {
  readonly #places: (Known | undefined)[];
  readonly #mask: number;

  /** Keeps at most `size` texts, a power of two. */
  constructor(size: number) {
    this.#places = new Array<Known | undefined>(size).fill(undefined);
    this.#mask = size - 1;
  }

  /** The value that `endOfValue` found in `[from, to)`. */
  value(bytes: Buffer, from: number, to: number): unknown {
    if (to - from > LENGTH_LIMIT) return valueIn(bytes, from, to);
    const place = hashOf(bytes, from, to) & this.#mask;
    const known = this.#places[place];
    if (known !== undefined && isSame(known.bytes, bytes, from, to)) return known.value;
    const value = valueIn(bytes, from, to);
    this.#places[place] = { bytes: Buffer.from(bytes.subarray(from, to)), value };
    return value;
  }
}
