import { isUtf8 } from 'node:buffer';

/** What was wrong with a text of JSON objects, and at which byte. */
export class JsonItemsError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** An object, with what was known by then of the list that holds it; `list` is absent when it stands alone. */
export interface JsonItem {
  readonly value: Readonly<Record<string, unknown>>;
  readonly list: Readonly<Record<string, unknown>> | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
/** At the end of a text whose last bracket opens a list in the outermost object: the list is called `items`. */
const ITEMS = /(?<!\\)"items"\s*:\s*\[$/;

/**
 * Takes objects out of JSON as it comes in: objects one after the other, and of an object with a field `items` the
 * elements of that list, each as soon as it is complete. So a list may be far larger than memory; one element may not
 * be larger than `limit` bytes. Everything must be JSON: the first fault throws a `JsonItemsError`.
 */
export class JsonItems {
  readonly #limit: number;
  /** Bytes from the start of what is not yet complete. */
  #held: Buffer = Buffer.alloc(0);
  /** Place of `#held[0]` in the text. */
  #base = 0;
  #at = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Text of the outermost object without the elements of its list; absent while there is no list. */
  #list: string | undefined;
  /** Whether the elements are being read (the list is not at its end). */
  #inItems = false;
  /** An element has to follow, may follow, or must not before a comma. */
  #expects: 'element' | 'element or end' | 'comma or end' = 'element or end';

  constructor(limit = 16 * 1024 * 1024) {
    this.#limit = limit;
  }

  /** The objects that `block` completes. */
  *feed(block: Buffer): Generator<JsonItem> {
    this.#held = this.#held.length === 0 ? block : Buffer.concat([this.#held, block]);
    while (this.#at < this.#held.length) {
      const item = this.#depth === 0 ? this.#between() : this.#inside();
      if (item !== undefined) yield item;
    }
    if (this.#held.length > this.#limit) throw this.#fault(`one object is longer than ${this.#limit} bytes`);
  }

  /** Checks that nothing is left unfinished. */
  end(): void {
    if (this.#depth > 0 || this.#inItems)
      throw new JsonItemsError('the JSON ends in the middle', this.#base + this.#at);
  }

  /** Goes on inside an object, to its end if that is here. */
  #inside(): JsonItem | undefined {
    const bytes = this.#held;
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at++] as number;
      if (this.#inString) this.#string(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (byte === OPEN_OBJECT) this.#depth += 1;
      else if (byte === OPEN_ARRAY) {
        if (this.#depth === 1 && this.#opensItems()) return undefined;
        this.#depth += 1;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        this.#depth -= 1;
        if (this.#depth === 0) return this.#complete();
      }
    }
    return undefined;
  }

  #string(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }

  /** One byte outside of every object: between objects, or between the elements of a list. */
  #between(): undefined {
    const byte = this.#held[this.#at++] as number;
    const isMark = byte === 0xef || byte === 0xbb || byte === 0xbf;
    if (byte <= 0x20 || (isMark && this.#base < 3)) return this.#drop();
    if (byte === OPEN_OBJECT && !(this.#inItems && this.#expects === 'comma or end')) {
      this.#depth = 1;
      return undefined;
    }
    if (this.#inItems && byte === COMMA && this.#expects === 'comma or end') {
      this.#expects = 'element';
      return this.#drop();
    }
    if (this.#inItems && byte === CLOSE_ARRAY && this.#expects !== 'element') return this.#endItems();
    throw this.#fault('this is not JSON, or not an object');
  }

  /** Whether the bracket just passed opens the list; then its elements are read next. */
  #opensItems(): boolean {
    if (this.#list !== undefined || !ITEMS.test(this.#held.toString('latin1', Math.max(0, this.#at - 64), this.#at)))
      return false;
    this.#list = this.#text();
    this.#inItems = true;
    this.#expects = 'element or end';
    this.#depth = 0;
    this.#drop();
    return true;
  }

  /** After the elements the outermost object goes on. */
  #endItems(): undefined {
    this.#inItems = false;
    this.#depth = 1;
    this.#list += ']';
    return this.#drop();
  }

  #complete(): JsonItem | undefined {
    const text = this.#text();
    const list = this.#list;
    if (list !== undefined && !this.#inItems) {
      this.#parse(list + text);
      this.#list = undefined;
      this.#drop();
      return undefined;
    }
    const value = this.#parse(text);
    this.#drop();
    this.#expects = 'comma or end';
    return { value, list: list === undefined ? undefined : this.#parse(`${list}]}`) };
  }

  #parse(text: string): Readonly<Record<string, unknown>> {
    try {
      return JSON.parse(text);
    } catch (error) {
      throw this.#fault(`this is not JSON (${(error as Error).message.slice(0, 120)})`);
    }
  }

  /** What was passed since the last complete thing. */
  #text(): string {
    const bytes = this.#held.subarray(0, this.#at);
    if (!isUtf8(bytes)) throw this.#fault('this is not UTF-8');
    return bytes.toString('utf8');
  }

  /** Forgets everything before the next byte. */
  #drop(): undefined {
    this.#base += this.#at;
    this.#held = this.#held.subarray(this.#at);
    this.#at = 0;
  }

  #fault(message: string): JsonItemsError {
    return new JsonItemsError(message, this.#base + Math.max(0, this.#at - 1));
  }
}
