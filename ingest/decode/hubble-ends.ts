import { valueIn } from './json-bytes.ts';

interface KnownEnd {
  readonly text: Buffer;
  readonly value: unknown;
}

/** Bytes of texts that are kept: those of tens of thousands of pods. Beyond, the memory starts anew instead of growing. */
const BYTES_LIMIT = 32 * 1024 * 1024;
/** What is told of one address: agents number their own endpoints only, and an address may have several names. */
const VARIANTS = 16;
/** A few of its last bytes, where names stand, tell an end from others of its address for less than a call costs. */
const TELLING = 96;
const STRIDE = 4;

/**
 * The two ends of a flow are most of its record, and what is said of an address is the same text in every record. So
 * ends are known again by comparing their bytes with those that came with the address before, at the speed of memory.
 */
export class HubbleEnds {
  readonly #byAddress = new Map<unknown, KnownEnd[]>();
  #bytes = 0;
  /** Which of the variants of an address gives way next. */
  #turn = 0;

  /** The end whose text stands at `at`, if it was kept for `address`. */
  find(address: unknown, bytes: Buffer, at: number): KnownEnd | undefined {
    const variants = this.#byAddress.get(address);
    if (variants === undefined) return undefined;
    for (let i = 0; i < variants.length; i++) {
      const known = variants[i] as KnownEnd;
      const { text } = known;
      const end = at + text.length;
      if (end <= bytes.length && endsAlike(text, bytes, end) && text.compare(bytes, at, end) === 0) return known;
    }
    return undefined;
  }

  /** Keeps the value in `[from, to)` for `address`, and gives it. */
  keep(address: unknown, bytes: Buffer, from: number, to: number): unknown {
    const known = { text: Buffer.from(bytes.subarray(from, to)), value: valueIn(bytes, from, to) };
    this.#bytes += to - from;
    if (this.#bytes > BYTES_LIMIT) {
      this.#byAddress.clear();
      this.#bytes = 0;
    }
    const variants = this.#byAddress.get(address);
    if (variants === undefined) this.#byAddress.set(address, [known]);
    else if (variants.length < VARIANTS) variants.push(known);
    else variants[this.#turn++ % VARIANTS] = known;
    return known.value;
  }
}

function endsAlike(text: Buffer, bytes: Buffer, end: number): boolean {
  const checked = Math.min(TELLING, text.length);
  for (let back = 1; back <= checked; back += STRIDE) if (text[text.length - back] !== bytes[end - back]) return false;
  return true;
}
