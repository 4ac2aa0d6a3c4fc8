interface KnownText {
  readonly text: Buffer;
  readonly value: unknown;
}

/** Bytes of texts that are kept: those of ten thousand pods. Beyond, the memory starts anew instead of growing. */
const BYTES_LIMIT = 8 * 1024 * 1024;
/** Different texts that are kept under one key. */
const VARIANTS = 16;
/** A few of its last bytes, where names stand, tell a text from others of its key for less than a call costs. */
const TELLING = 96;
const TELLING_STRIDE = 4;

/**
 * Long JSON texts that repeat in millions of records, and what they say. They are known again by comparing their bytes
 * with those that came under the same key before, at the speed of memory, so the key may be a guess.
 */
export class KnownTexts {
  readonly #byKey = new Map<unknown, KnownText[]>();
  #bytes = 0;
  /** Which of the variants of a key gives way next. */
  #turn = 0;

  /** The text that stands at `at`, if it was kept under `key`. */
  find(key: unknown, bytes: Buffer, at: number): KnownText | undefined {
    const variants = this.#byKey.get(key);
    if (variants === undefined) return undefined;
    for (let i = 0; i < variants.length; i++) {
      const known = variants[i] as KnownText;
      const { text } = known;
      const end = at + text.length;
      if (end <= bytes.length && endsAlike(text, bytes, end) && text.compare(bytes, at, end) === 0) return known;
    }
    return undefined;
  }

  /** Keeps `text`, which says `value`, under `key`. */
  keep(key: unknown, text: Buffer, value: unknown): void {
    this.#bytes += text.length;
    if (this.#bytes > BYTES_LIMIT) {
      this.#byKey.clear();
      this.#bytes = text.length;
    }
    // A copy: what was read is part of a larger buffer, which must not be held.
    const known = { text: Buffer.from(text), value };
    const variants = this.#byKey.get(key);
    if (variants === undefined) this.#byKey.set(key, [known]);
    else if (variants.length < VARIANTS) variants.push(known);
    else variants[this.#turn++ % VARIANTS] = known;
  }
}

function endsAlike(text: Buffer, bytes: Buffer, end: number): boolean {
  const checked = Math.min(TELLING, text.length);
  for (let back = 1; back <= checked; back += TELLING_STRIDE)
    if (text[text.length - back] !== bytes[end - back]) return false;
  return true;
}

const GUESS_STRIDE = 8;

/** A key for the text that begins at `from` and ends nobody knows where: tells most apart by some bytes up to `to`. */
export function guessKey(bytes: Buffer, from: number, to: number): number {
  let key = 0;
  for (let at = from; at < to; at += GUESS_STRIDE) key = (Math.imul(key, 31) + (bytes[at] as number)) | 0;
  return key;
}
