const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** `more`: unfinished so far; `done`: the object ends before `at`; `broken`: it cannot become JSON, seen at `at`. */
export interface ScanResult {
  readonly state: 'more' | 'done' | 'broken';
  readonly at: number;
}

/**
 * Finds where a JSON object ends that is spread over lines or followed by others on its line. It can stop anywhere and
 * go on when more bytes are there, and sees early that an object was cut off: a line feed inside a string, or a brace
 * where no value may begin. It does not recurse, so nesting costs one byte a level.
 */
export class ObjectScanner {
  /** Line feeds passed inside the object. */
  lines = 0;
  #open = new Uint8Array(64);
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Last byte that is neither blank nor inside a string. */
  #last = 0;

  /** Begins a new object. */
  reset(): void {
    this.lines = 0;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#last = 0;
  }

  /** Goes on from `from` up to `to`, which is exclusive. */
  scan(bytes: Uint8Array, from: number, to: number): ScanResult {
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (this.#inString) {
        if (byte === NEWLINE) return { state: 'broken', at };
        this.#string(byte);
        continue;
      }
      if (byte <= 0x20) {
        if (byte === NEWLINE) this.lines += 1;
        continue;
      }
      if (!this.#structure(byte)) return { state: 'broken', at };
      this.#last = byte;
      if (this.#depth === 0) return { state: 'done', at: at + 1 };
    }
    return { state: 'more', at: to };
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  /** False when `byte` cannot stand here. */
  #structure(byte: number): boolean {
    if (byte === QUOTE) this.#inString = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (!this.#mayBegin()) return false;
      this.#push(byte);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      // The closing bracket of either kind is its opening one plus 2.
      if (this.#open[this.#depth - 1] !== byte - 2) return false;
      this.#depth -= 1;
    }
    return true;
  }

  /** Whether an object or array may begin: at the very start, after `:`, and in an array first or after `,`. */
  #mayBegin(): boolean {
    if (this.#depth === 0) return true;
    if (this.#open[this.#depth - 1] === OPEN_OBJECT) return this.#last === COLON;
    return this.#last === OPEN_ARRAY || this.#last === COMMA;
  }

  #push(byte: number): void {
    if (this.#depth === this.#open.length) {
      const wider = new Uint8Array(this.#open.length * 2);
      wider.set(this.#open);
      this.#open = wider;
    }
    this.#open[this.#depth] = byte;
    this.#depth += 1;
  }
}
