import { CLOSE_OBJECT, startsWith, UNREAD } from './json-bytes.ts';

/**
 * Names of the members that an object may have, in the order in which they are mostly written: the search for the next
 * one begins behind the last one, so it seldom takes more than a few steps. Whoever reads an object writes the loop over its
 * members out: a function called for each of them made reading a record at least a tenth slower.
 */
export class MemberNames {
  /** Each as it is written, with quotation marks and colon. */
  readonly #texts: readonly Uint8Array[];
  /** Where the value of the member found last begins. */
  value = UNREAD;

  constructor(names: readonly string[]) {
    this.#texts = names.map((name) => Buffer.from(`"${name}":`));
  }

  /** The index of the name that stands at `at`, behind the member with index `last`; `UNREAD` when it is none of these. */
  find(bytes: Uint8Array, at: number, last: number): number {
    const texts = this.#texts;
    for (let tried = 0, index = last; tried < texts.length; tried++) {
      index = index + 1 === texts.length ? 0 : index + 1;
      const text = texts[index] as Uint8Array;
      if (!startsWith(bytes, at, text)) continue;
      this.value = at + text.length;
      return index;
    }
    return UNREAD;
  }
}

/** Where an object ends whose last value ended at `at`. */
export function afterLast(bytes: Uint8Array, at: number): number {
  return bytes[at] === CLOSE_OBJECT ? at + 1 : UNREAD;
}
