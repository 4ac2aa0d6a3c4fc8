const QUOTE = 0x22;
export const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
const SPACE = 0x20;
const END_OF_ASCII = 0x80;
const ZERO = 0x30;
const NINE = 0x39;

/** What stands for "this is left to `JSON.parse`": the bytes are no JSON, or JSON of another spelling. */
export const UNREAD = -1;

/** Values nested deeper are left to `JSON.parse`, which has no limit. */
const DEPTH = 16;
/** Longer numbers may be no exact ones. */
const DIGITS = 15;

/** 1 for the bytes that stand for themselves in a text. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte < END_OF_ASCII && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
);

/** Where the text that begins at `at` ends, after its closing quotation mark; `UNREAD` with escapes or beyond ASCII. */
export function endOfText(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== QUOTE) return UNREAD;
  let end = at + 1;
  while (PLAIN[bytes[end] as number] === 1) end += 1;
  return bytes[end] === QUOTE ? end + 1 : UNREAD;
}

/** Where the value begins of the member whose name begins at `at`. */
function valueOfMember(bytes: Uint8Array, at: number): number {
  const end = endOfText(bytes, at);
  return end !== UNREAD && bytes[end] === COLON ? end + 1 : UNREAD;
}

/**
 * Where the value that begins at `at` ends. What is found is JSON (RFC 8259) without blanks between its parts, in ASCII,
 * without escapes, signs and fractions: how Go's encoders write nearly all of a flow log. The rest is `UNREAD`.
 */
export function endOfValue(bytes: Uint8Array, at: number, depth: number = DEPTH): number {
  const first = bytes[at];
  if (first === QUOTE) return endOfText(bytes, at);
  if (first === OPEN_OBJECT) return depth === 0 ? UNREAD : endOfObject(bytes, at, depth - 1);
  if (first === OPEN_ARRAY) return depth === 0 ? UNREAD : endOfArray(bytes, at, depth - 1);
  const end = endOfNumber(bytes, at);
  return end === UNREAD ? endOfWord(bytes, at) : end;
}

function endOfObject(bytes: Uint8Array, from: number, depth: number): number {
  if (bytes[from + 1] === CLOSE_OBJECT) return from + 2;
  for (let at = from + 1; ; at += 1) {
    const value = valueOfMember(bytes, at);
    at = value === UNREAD ? UNREAD : endOfValue(bytes, value, depth);
    if (at === UNREAD || bytes[at] === CLOSE_OBJECT) return at === UNREAD ? UNREAD : at + 1;
    if (bytes[at] !== COMMA) return UNREAD;
  }
}

function endOfArray(bytes: Uint8Array, from: number, depth: number): number {
  if (bytes[from + 1] === CLOSE_ARRAY) return from + 2;
  for (let at = from + 1; ; at += 1) {
    at = endOfValue(bytes, at, depth);
    if (at === UNREAD || bytes[at] === CLOSE_ARRAY) return at === UNREAD ? UNREAD : at + 1;
    if (bytes[at] !== COMMA) return UNREAD;
  }
}

/** Where the whole number that begins at `at` ends. JSON has none with a zero before other digits. */
export function endOfNumber(bytes: Uint8Array, at: number): number {
  let end = at;
  while (isDigit(bytes[end] as number)) end += 1;
  const isWhole = end > at && end - at <= DIGITS && (bytes[at] !== ZERO || end === at + 1);
  return isWhole && isDelimiter(bytes[end]) ? end : UNREAD;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE;
}

function isDelimiter(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY;
}

const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

function endOfWord(bytes: Uint8Array, at: number): number {
  for (const word of WORDS) if (startsWith(bytes, at, word)) return at + word.length;
  return UNREAD;
}

/** Whether `text` stands at `at`. */
export function startsWith(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  return isSame(text, bytes, at, at + text.length);
}

/** Whether `text` is what stands in `[from, to)`. */
export function isSame(text: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (text.length !== to - from) return false;
  for (let i = 0; i < text.length; i++) if (text[i] !== bytes[from + i]) return false;
  return true;
}

/** The number that `endOfNumber` found in `[from, to)`. */
export function wholeNumber(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + (bytes[at] as number) - ZERO;
  return value;
}

/** The value that `endOfValue` found in `[from, to)`. */
export function valueIn(bytes: Buffer, from: number, to: number): unknown {
  if (bytes[from] === QUOTE) return bytes.toString('latin1', from + 1, to - 1);
  return JSON.parse(bytes.toString('latin1', from, to));
}

/** Tells short texts apart, at a nanosecond a byte. */
export function hashOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  return hash ^ (hash >>> 15);
}
