import { isIP } from 'node:net';
import type { PositionedFlow } from '../model/batch.ts';
import { type ColumnValue, FLOW_COLUMNS, type FlowColumn } from '../model/columns.ts';
import type { Endpoint } from '../model/endpoint.ts';

/** Encodes one value as a TSV field of a ClickHouse type. */
type EncodeValue = (value: ColumnValue) => string;
type EncodePart = (row: PositionedFlow) => string;

/** Columns that the encoder writes, in order. */
export const WRITTEN_FLOW_COLUMNS = FLOW_COLUMNS.filter((column) => column.of !== 'engine');

/** The last second that both `Date` and `DateTime` can hold with room to spare: 2105-12-31. */
const LAST_MILLISECOND = 4_291_747_200_000;

/** Strings up to this many are kept encoded per column; beyond it the cache starts again. */
const CACHE_LIMIT = 50_000;

/**
 * Rows whose text is put together before it becomes bytes. Short texts die young: at 4,096 rows the same work costs two
 * to three times as much, all of it in the garbage collector.
 */
const TEXT_ROWS = 64;

/** Bytes of one piece of output: large enough to write fast, small enough to keep memory flat. */
const PIECE_BYTES = 1_048_576;

const parts: readonly EncodePart[] = encodeParts(WRITTEN_FLOW_COLUMNS);

/** The TSV of `rows` in pieces of whole lines, columns as in `WRITTEN_FLOW_COLUMNS`. */
export function* encodeFlows(rows: readonly PositionedFlow[]): Generator<Buffer> {
  let piece = Buffer.allocUnsafe(PIECE_BYTES);
  let used = 0;
  for (let start = 0; start < rows.length; start += TEXT_ROWS) {
    const text = encodeText(rows, start);
    const most = text.length * 3; // no UTF-16 unit takes more bytes in UTF-8
    if (used > 0 && used + most > piece.length) {
      yield piece.subarray(0, used);
      piece = Buffer.allocUnsafe(PIECE_BYTES);
      used = 0;
    }
    if (most > piece.length) yield Buffer.from(text, 'utf8');
    else used += piece.write(text, used, 'utf8');
  }
  if (used > 0) yield piece.subarray(0, used);
}

function encodeText(rows: readonly PositionedFlow[], start: number): string {
  const end = Math.min(start + TEXT_ROWS, rows.length);
  let text = '';
  for (let at = start; at < end; at++) text += encodeFlow(rows[at] as PositionedFlow);
  return text;
}

function encodeFlow(row: PositionedFlow): string {
  let line = (parts[0] as EncodePart)(row);
  for (let at = 1; at < parts.length; at++) line += `\t${(parts[at] as EncodePart)(row)}`;
  return `${line}\n`;
}

/** One part per column, but one for each run of columns of the same endpoint: these are kept encoded per endpoint. */
function encodeParts(columns: readonly FlowColumn[]): EncodePart[] {
  const made: EncodePart[] = [];
  for (let at = 0; at < columns.length; ) {
    const column = columns[at] as FlowColumn;
    if (column.of === 'row') {
      const { read } = column;
      const encode = encoderOf(column.type);
      made.push((row) => encode(read(row)));
      at += 1;
      continue;
    }
    const run = columns.slice(at).findIndex((other) => other.of !== column.of);
    const length = run < 0 ? columns.length - at : run;
    made.push(endpointPart(columns.slice(at, at + length), column.of === 'client' ? 'client' : 'server'));
    at += length;
  }
  return made;
}

function endpointPart(columns: readonly FlowColumn[], end: 'client' | 'server'): EncodePart {
  const known = new WeakMap<Endpoint, string>();
  const fields = columns.flatMap((column) =>
    column.of === 'client' || column.of === 'server' ? [{ read: column.read, encode: encoderOf(column.type) }] : [],
  );
  return (row) => {
    const endpoint = row.flow[end];
    const cached = known.get(endpoint);
    if (cached !== undefined) return cached;
    const encoded = fields.map(({ read, encode }) => encode(read(endpoint))).join('\t');
    known.set(endpoint, encoded);
    return encoded;
  };
}

/** How values of a ClickHouse type are written. */
function encoderOf(type: string): EncodeValue {
  if (type === 'String') return (value) => escapeText(String(value));
  if (type.startsWith('LowCardinality')) return cached(escapeText);
  if (type.startsWith('Array')) return encodeTexts;
  if (type.startsWith('DateTime64')) return encodeTime;
  if (type === 'IPv6') return cached(encodeAddress);
  if (type === 'Bool') return (value) => (value === true ? '1' : '0');
  if (type.startsWith('Enum8')) return String;
  return encodeIntegers(type);
}

function cached(encode: (text: string) => string): EncodeValue {
  const known = new Map<string, string>();
  return (value) => {
    const text = value as string;
    let encoded = known.get(text);
    if (encoded === undefined) {
      if (known.size >= CACHE_LIMIT) known.clear();
      encoded = encode(text);
      known.set(text, encoded);
    }
    return encoded;
  };
}

const SPECIAL = /[\0\b\t\n\f\r\\']/;
const SPECIALS = /[\0\b\t\n\f\r\\']/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
  "'": "\\'",
};

/** Text as a TSV field. A lone surrogate becomes U+FFFD when the piece is turned into UTF-8. */
export function escapeText(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (char) => ESCAPES[char] ?? char) : text;
}

/** A list of texts as an array field. */
export function encodeTexts(value: ColumnValue): string {
  const texts = value as readonly string[];
  return texts.length === 0 ? '[]' : `['${texts.map(escapeText).join("','")}']`;
}

/** Milliseconds → seconds with three decimals; ten digits, because fewer would be read as a calendar date. */
export function encodeTime(value: ColumnValue): string {
  const time = Math.trunc(Math.min(Math.max(Number(value) || 0, 0), LAST_MILLISECOND));
  const digits = String(time).padStart(13, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

/** An address as text that the engine can read; what is no address is `::`, so that it cannot fail an insert. */
export function encodeAddress(text: string): string {
  const version = isIP(text);
  if (version === 4) return `::ffff:${text}`;
  return version === 6 && !text.includes('%') ? text : '::';
}

/** Whole numbers within the type; decimal text passes as it is when it is a number at all. */
function encodeIntegers(type: string): EncodeValue {
  const bits = Number(type.slice('UInt'.length));
  const most = 2n ** BigInt(bits) - 1n;
  const safe = bits < 53 ? 2 ** bits - 1 : Number.MAX_SAFE_INTEGER;
  return (value) => {
    if (typeof value === 'number') {
      if (value >= 0 && value <= safe && Number.isInteger(value)) return String(value);
      return Number.isFinite(value) && value > 0 ? String(value >= safe ? clamp(value, most) : Math.trunc(value)) : '0';
    }
    const text = String(value);
    return /^\d{1,20}$/.test(text) && (text.length < 20 || BigInt(text) <= most) ? text : '0';
  };
}

function clamp(value: number, most: bigint): bigint {
  const whole = BigInt(Math.trunc(value));
  return whole > most ? most : whole;
}
