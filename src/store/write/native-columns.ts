import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { ColumnValue } from '../../model/columns.ts';

/**
 * Columns in ClickHouse's `Native` format (ClickHouse docs, interfaces/formats/Native; src/DataTypes/Serializations):
 * the engine takes them as they are, where any text would have to be parsed again. Numbers are little-endian.
 */
export interface NativeColumn {
  /** Type under which the column is sent; the engine turns it into that of the table. */
  readonly type: string;
  push(value: ColumnValue): void;
  /** The bytes of the column, in order. With `order`, one value for each of its entries: the index of what was pushed. */
  take(order?: Uint32Array): Buffer[];
}

/** An empty column for values of a ClickHouse type. Values outside of the type are moved inside, never refused. */
export function nativeColumn(type: string): NativeColumn {
  if (type === 'String' || type === TEXT) return textColumn();
  if (type === `Array(${TEXT})`) return textsColumn();
  if (type === 'IPv6') return addressColumn();
  if (type.startsWith('DateTime64')) return longColumn(type, putTime);
  if (type === 'UInt64') return longColumn(type, putUInt64);
  if (type.startsWith('Enum8')) return enumColumn(type);
  if (type === 'Bool') return numberColumn(type, Uint8Array, (value) => (value === true ? 1 : 0));
  if (type === 'UInt8') return numberColumn(type, Uint8Array, (value) => within(value, 0xff));
  if (type === 'UInt16') return numberColumn(type, Uint16Array, (value) => within(value, 0xffff));
  if (type === 'UInt32') return numberColumn(type, Uint32Array, (value) => within(value, 0xffff_ffff));
  throw new Error(`there is no encoder for columns of type ${type}`);
}

/** Sent for all texts: each distinct text goes once, which is less to write here and less to read there. */
const TEXT = 'LowCardinality(String)';

type Numbers = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
type NumbersType<T> = new (length: number) => T;

/** Values for which a new column has room; it doubles when that is used up. */
const FIRST_ROOM = 256;

function bytesOf(numbers: Numbers, count = numbers.length): Buffer {
  return Buffer.from(numbers.buffer, 0, count * numbers.BYTES_PER_ELEMENT);
}

function grown<T extends Numbers>(numbers: T, Type: NumbersType<T>): T {
  const larger = new Type(numbers.length * 2);
  larger.set(numbers);
  return larger;
}

function numberColumn<T extends Numbers>(
  type: string,
  Type: NumbersType<T>,
  toNumber: (value: ColumnValue) => number,
): NativeColumn {
  let numbers = new Type(FIRST_ROOM);
  let count = 0;
  // Most values are that of the row before.
  let last: ColumnValue | undefined;
  let number = 0;
  return {
    type,
    push(value) {
      if (value !== last) {
        last = value;
        number = toNumber(value);
      }
      if (count === numbers.length) numbers = grown(numbers, Type);
      numbers[count++] = number;
    },
    take(order) {
      const taken = order === undefined ? bytesOf(numbers, count) : bytesOf(gathered(numbers, Type, order));
      numbers = new Type(FIRST_ROOM);
      count = 0;
      last = undefined;
      return [taken];
    },
  };
}

function gathered<T extends Numbers>(numbers: T, Type: NumbersType<T>, order: Uint32Array): T {
  const result = new Type(order.length);
  for (let row = 0; row < order.length; row++) result[row] = numbers[order[row] as number] as number;
  return result;
}

/** A whole number from 0 to `most`; what is no number is 0. */
function within(value: ColumnValue, most: number): number {
  const number = typeof value === 'number' ? value : Number(value);
  if (!(number > 0)) return 0;
  return number >= most ? most : Math.trunc(number);
}

function enumColumn(type: string): NativeColumn {
  const members = [...type.matchAll(/'([^']*)' = (-?\d+)/g)];
  const numbers = new Map<ColumnValue, number>(members.map(([, name, number]) => [name ?? '', Number(number)]));
  return numberColumn(type, Uint8Array, (value) => numbers.get(value) ?? 0);
}

/** Writes a value of 64 bits as two halves, the low one at `at`. */
type PutLong = (value: ColumnValue, halves: Uint32Array, at: number) => void;

function longColumn(type: string, put: PutLong): NativeColumn {
  let halves = new Uint32Array(2 * FIRST_ROOM);
  let used = 0;
  return {
    type,
    push(value) {
      if (used === halves.length) halves = grown(halves, Uint32Array);
      put(value, halves, used);
      used += 2;
    },
    take(order) {
      const taken = order === undefined ? bytesOf(halves, used) : bytesOf(gatheredWide(halves, 2, order));
      halves = new Uint32Array(2 * FIRST_ROOM);
      used = 0;
      return [taken];
    },
  };
}

/** Like `gathered` for values of `width` numbers each. */
function gatheredWide(numbers: Uint32Array, width: number, order: Uint32Array): Uint32Array<ArrayBuffer> {
  const result = new Uint32Array(width * order.length);
  let to = 0;
  for (let row = 0; row < order.length; row++) {
    const from = width * (order[row] as number);
    for (let i = 0; i < width; i++) result[to++] = numbers[from + i] as number;
  }
  return result;
}

const TWO_32 = 2 ** 32;

function putNumber(value: number, halves: Uint32Array, at: number): void {
  const whole = value > 0 ? Math.trunc(value) : 0;
  const isTooLarge = whole >= 2 ** 64;
  // The lower 32 bits; far cheaper than a division with remainder.
  const low = whole >>> 0;
  halves[at] = isTooLarge ? TWO_32 - 1 : low;
  halves[at + 1] = isTooLarge ? TWO_32 - 1 : (whole - low) / TWO_32;
}

/** Numbers, and decimal text for those beyond 2^53; text that is no unsigned 64-bit integer is 0. */
function putUInt64(value: ColumnValue, halves: Uint32Array, at: number): void {
  if (typeof value === 'number') putNumber(value, halves, at);
  else putDecimal(String(value), halves, at);
}

/** Fifteen digits, then five at a time, so that no sum leaves the 53 bits that numbers hold exactly. */
function putDecimal(text: string, halves: Uint32Array, at: number): void {
  let low = 0;
  let high = 0;
  for (let from = 0, to = 15; from < text.length; from = to, to += 5) {
    const end = Math.min(to, text.length);
    let sum = low;
    let scale = 1;
    for (let i = from; i < end; i++, scale *= 10) {
      const digit = text.charCodeAt(i) - 48;
      sum = digit >= 0 && digit <= 9 ? sum * 10 + digit : Number.NaN;
    }
    low = sum >>> 0;
    // NaN where there was no digit, and it stays so.
    high = high * scale + (sum - low) / TWO_32;
  }
  const fits = high < TWO_32;
  halves[at] = fits ? low : 0;
  halves[at + 1] = fits ? high : 0;
}

/** The last second that both `Date` and `DateTime` can hold with room to spare: 2105-12-31. */
export const LAST_MILLISECOND = 4_291_747_200_000;

function putTime(value: ColumnValue, halves: Uint32Array, at: number): void {
  putNumber(Math.min(Number(value), LAST_MILLISECOND), halves, at);
}

/** Addresses repeat, so each is read once; what is none is `::`, so that it cannot fail an insert. */
function addressColumn(): NativeColumn {
  let indexes = new Map<ColumnValue, number>();
  let bytes: number[] = [];
  const rows = numberColumn('UInt32', Uint32Array, (value) => {
    const known = indexes.get(value);
    if (known !== undefined) return known;
    const index = indexes.size;
    indexes.set(value, index);
    bytes.push(...addressBytes(value as string));
    return index;
  });
  return {
    type: 'IPv6',
    push: rows.push,
    take(order) {
      const numbers = numbersOf(rows.take(order));
      const words = new Uint32Array(Uint8Array.from(bytes).buffer);
      indexes = new Map();
      bytes = [];
      return [bytesOf(gatheredWide(words, 4, numbers))];
    },
  };
}

function numbersOf([bytes]: Buffer[]): Uint32Array {
  return bytes === undefined ? new Uint32Array(0) : new Uint32Array(bytes.buffer, 0, bytes.length / 4);
}

/** The sixteen bytes of an address, IPv4 as `::ffff:0.0.0.0`; zeros when it is none. */
export function addressBytes(text: string): number[] {
  const version = isIP(text);
  if (version === 4) return [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...text.split('.').map(Number)];
  const isPlain = version === 6 && ipaddr.IPv6.isValid(text) && !text.includes('%');
  return isPlain ? ipaddr.IPv6.parse(text).toByteArray() : Array<number>(16).fill(0);
}

/** The distinct texts of a column, and for each value the index of its text. */
class Dictionary {
  #indexes = new Map<ColumnValue, number>();
  readonly #rows = numberColumn('UInt32', Uint32Array, (value) => {
    const known = this.#indexes.get(value);
    if (known !== undefined) return known;
    this.#indexes.set(value, this.#indexes.size);
    return this.#indexes.size - 1;
  });

  readonly push = this.#rows.push;

  /** As the engine writes it: the kind of index, the texts, the indexes; nothing at all for no values. */
  take(order?: Uint32Array): Buffer[] {
    const rows = numbersOf(this.#rows.take(order));
    const texts = [...this.#indexes.keys()] as string[];
    this.#indexes = new Map();
    if (rows.length === 0) return [];
    const width = texts.length <= 0x100 ? 0 : texts.length <= 0x1_0000 ? 1 : 2;
    const Type = [Uint8Array, Uint16Array, Uint32Array][width] as NumbersType<Numbers>;
    const indexes = new Type(rows.length);
    indexes.set(rows);
    return [word(OWN_KEYS + width), word(texts.length), textsOf(texts), word(rows.length), bytesOf(indexes)];
  }
}

/** The texts come with the column (1 << 9) and replace those of an earlier block (1 << 10). */
const OWN_KEYS = 0x600;
/** Version of the serialization of `LowCardinality`. */
const DICTIONARY_VERSION = 1;

function textColumn(): NativeColumn {
  const dictionary = new Dictionary();
  return {
    type: TEXT,
    push: dictionary.push,
    take: (order) => [word(DICTIONARY_VERSION), ...dictionary.take(order)],
  };
}

function textsColumn(): NativeColumn {
  const dictionary = new Dictionary();
  const ends = longColumn('UInt64', putUInt64);
  let total = 0;
  return {
    type: `Array(${TEXT})`,
    push(value) {
      const texts = value as readonly string[];
      for (let i = 0; i < texts.length; i++) dictionary.push(texts[i] as string);
      total += texts.length;
      ends.push(total);
    },
    take() {
      total = 0;
      return [word(DICTIONARY_VERSION), ...ends.take(), ...dictionary.take()];
    },
  };
}

/** A number as 64 bits. */
function word(value: number): Buffer {
  const halves = new Uint32Array(2);
  putNumber(value, halves, 0);
  return bytesOf(halves);
}

/** Texts one after the other, each after its length in bytes. A lone surrogate becomes U+FFFD. */
export function textsOf(texts: readonly string[]): Buffer {
  return Buffer.concat(texts.flatMap((text) => [lengthOf(Buffer.byteLength(text)), Buffer.from(text, 'utf8')]));
}

/** A length with seven bits to a byte, the lowest first. */
export function lengthOf(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
