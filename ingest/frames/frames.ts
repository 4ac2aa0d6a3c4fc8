import { isAscii, isUtf8 } from 'node:buffer';
import { REJECT_SAMPLE_BYTES } from '../../src/model/batch.ts';
import type { JsonObject } from '../decode/decoder.ts';
import { parseJson } from '../decode/parse-json.ts';
import { scanRecord } from '../decode/scan-record.ts';
import { CriJoiner, type Place } from './cri.ts';
import { beginsManifest, manifestEnd, parseManifest } from './manifest.ts';
import { ObjectScanner } from './object-scanner.ts';

/** One record of a byte stream: `[start, end)` of its bytes; a record of joined lines starts with the first. */
export interface RecordFrame extends Place {
  readonly end: number;
  /** A JSON object as far as decoders read it, or a line of text that is none. */
  readonly value: JsonObject | string;
}

/** A place where a record should be and none can be read. */
export interface RejectFrame extends Place {
  readonly end: number;
  readonly value: undefined;
  /** Stable, in kebab-case. */
  readonly reason: string;
  /** One sentence. */
  readonly detail: string;
  /** The first bytes as text. */
  readonly sample: string;
}

export type Frame = RecordFrame | RejectFrame;

/** Longest record that is read; longer ones are rejected without being held in memory. */
export const RECORD_LIMIT = 16 * 1024 * 1024;
/** An unfinished line longer than this may be many records in one, so it is looked into before its end is there. */
const LOOK_INTO = 256 * 1024;
/** Blanks after `[` that are waited for to tell an array from a line of text such as `[2026-01-01] GET /`. */
const LOOKAHEAD = 1024;

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const EMPTY = Buffer.alloc(0);

const DETAILS: Readonly<Record<string, string>> = {
  'not-json': 'this begins like a JSON object and is none',
  truncated: 'the input ends in the middle of this record',
  'invalid-utf8': 'the bytes are not valid UTF-8',
  'not-yaml': 'this begins like a Kubernetes object in YAML and is none',
};

/** Bytes being passed over because no record can be read from them. */
interface Discard extends Place {
  readonly reason: string;
  /** The first of them, at most `REJECT_SAMPLE_BYTES`. */
  sample: Buffer;
  /** Goes on over line ends until a line begins with a bracket: the rest of a broken object is no record either. */
  readonly toBracket: boolean;
}

/**
 * Cuts bytes into records: JSON objects one a line, several a line, spread over lines or in arrays, lines of text, and
 * Kubernetes objects in YAML.
 * Prefixes of container logs are taken off. `feed` bytes, then call `next` until it gives `undefined`. The frames
 * depend on the bytes alone, not on how they came divided, and memory is bounded by `limit`, whatever comes.
 */
export class Framer {
  readonly #limit: number;
  readonly #cri: CriJoiner;
  readonly #scanner = new ObjectScanner();
  #ready: Frame[] = [];
  #buffer: Buffer = EMPTY;
  /** Offset in the stream of the first byte of the buffer. */
  #base = 0;
  /** First byte of the buffer that is not settled. */
  #at = 0;
  #line = 1;
  #ended = false;
  #ascii = true;
  /** After an object or inside an array: commas and brackets separate records. */
  #inJson = false;
  /** Lines before this offset hold more than one object or a part of one. */
  #scanTo = 0;
  /** How far the object at `#at` has been scanned; 0 when that has not begun. */
  #scanned = 0;
  /** A broken object before this offset has been looked into for whole lines once; not again. */
  #salvagedTo = 0;
  #discard: Discard | undefined;

  constructor(limit: number = RECORD_LIMIT) {
    this.#limit = limit;
    this.#cri = new CriJoiner(limit);
  }

  /** Everything before this offset has been given out, rejected or passed over. */
  get position(): number {
    return this.#base + this.#at;
  }

  /** Where the unfinished record began, else `position`: no frame that is still to come starts earlier. */
  get openSince(): number {
    return Math.min(this.#cri.openSince ?? this.position, this.#discard?.start ?? this.position);
  }

  /** `openSince` as far as its bytes are kept: a container's log line that never ends is not waited for. */
  get settled(): number {
    const { position } = this;
    const since = this.#cri.openSince ?? position;
    return position - since > this.#limit ? position : since;
  }

  /** Bytes `[from, to)` of the stream, of those after `settled` when bytes were fed last. */
  bytes(from: number, to: number): Buffer {
    return this.#buffer.subarray(Math.max(0, from - this.#base), Math.max(0, to - this.#base));
  }

  /** The first bytes of `[start, end)` as text. */
  sample(start: number, end: number): string {
    return this.bytes(start, Math.min(end, start + REJECT_SAMPLE_BYTES)).toString('utf8');
  }

  /** Adds bytes; those given out by `bytes` before stay valid. */
  feed(block: Buffer): void {
    const { position, settled } = this;
    const rest = this.#buffer.subarray(settled - this.#base);
    this.#base = settled;
    this.#at = position - settled;
    this.#buffer = rest.length === 0 ? block : Buffer.concat([rest, block]);
    this.#ascii = isAscii(this.#buffer);
  }

  /** Says that no more bytes will come. */
  end(): void {
    this.#ended = true;
  }

  /** The next record or reject; `undefined` when more bytes are needed, or there are none left. */
  next(): Frame | undefined {
    for (;;) {
      const ready = this.#ready.shift();
      if (ready !== undefined) return ready;
      const found = this.#discard === undefined ? this.#begin() : this.#passOver();
      if (found === 'more') return this.#ended ? this.#drain() : undefined;
      if (found !== 'again') return found;
    }
  }

  #begin(): Frame | 'more' | 'again' {
    if (this.#scanned === 0 && !this.#skipSeparators()) return 'more';
    if (this.#buffer[this.#at] === OPEN_OBJECT) return this.#object();
    const manifest = beginsManifest(this.#buffer, this.#at);
    if (manifest === 'more' && !this.#ended) return 'more';
    return manifest === 'yes' ? this.#manifest() : this.#text();
  }

  /** False when a record may begin but more bytes are needed to know. */
  #skipSeparators(): boolean {
    const bytes = this.#buffer;
    if (this.position === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.#at = 3;
    for (; this.#at < bytes.length; this.#at++) {
      const byte = bytes[this.#at] as number;
      if (byte === NEWLINE) this.#line += 1;
      else if (byte === OPEN_ARRAY) {
        const opens = this.#opensArray();
        if (opens !== 'yes') return opens === 'no';
        this.#inJson = true;
      } else if (byte > SPACE && !(this.#inJson && (byte === COMMA || byte === CLOSE_ARRAY))) return true;
    }
    return false;
  }

  /** Whether the bracket at hand begins an array of records, by what follows it. */
  #opensArray(): 'yes' | 'no' | 'more' {
    const bytes = this.#buffer;
    for (let at = this.#at + 1; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === CLOSE_ARRAY) return 'yes';
      if (byte === NEWLINE || at - this.#at > LOOKAHEAD) return 'yes';
      if (byte > SPACE) return 'no';
    }
    return this.#ended ? 'yes' : 'more';
  }

  #object(): Frame | 'more' | 'again' {
    if (this.#scanned === 0 && this.position >= this.#scanTo) {
      const newline = this.#buffer.indexOf(NEWLINE, this.#at);
      const unfinished = newline < 0 && !this.#ended;
      if (unfinished && this.#buffer.length - this.#at < LOOK_INTO) return 'more';
      const end = newline < 0 ? this.#buffer.length : newline;
      const frame = unfinished ? undefined : this.#wholeLine(end);
      if (frame !== undefined) return frame;
      this.#scanTo = this.#base + (unfinished ? this.#buffer.length : end);
    }
    return this.#scanObject();
  }

  /** The usual case, for which everything else is prepared: the line is one object. */
  #wholeLine(newline: number): Frame | undefined {
    let end = newline;
    for (; end > this.#at; end--) {
      const byte = this.#buffer[end - 1] as number;
      if (byte > SPACE && byte !== COMMA) break;
    }
    if (this.#buffer[end - 1] !== CLOSE_OBJECT || end - this.#at > this.#limit) return undefined;
    const scanned = scanRecord(this.#buffer, this.#at, end);
    if (scanned !== undefined) return this.#settle(end, scanned);
    const text = this.#decode(this.#at, end);
    if (text === undefined) return this.#settle(end, 'invalid-utf8');
    const value = parseJson(text) as JsonObject | undefined;
    return value === undefined ? undefined : this.#settle(end, value);
  }

  #scanObject(): Frame | 'more' | 'again' {
    if (this.#scanned === 0) this.#scanner.reset();
    const to = Math.min(this.#buffer.length, this.#at + this.#limit);
    const { state, at } = this.#scanner.scan(this.#buffer, this.#at + this.#scanned, to);
    this.#scanned = at - this.#at;
    if (state === 'done') return this.#scannedObject(at);
    if (state === 'broken') return this.#broken('not-json', at);
    if (this.#scanned >= this.#limit) return this.#broken('too-long', at);
    return this.#ended ? this.#broken('truncated', at) : 'more';
  }

  #scannedObject(end: number): Frame {
    const text = this.#decode(this.#at, end);
    const lines = this.#scanner.lines;
    const frame = this.#settle(
      end,
      text === undefined ? 'invalid-utf8' : ((parseJson(text) as JsonObject | undefined) ?? 'not-json'),
    );
    this.#line += lines;
    return frame;
  }

  /**
   * The object at hand was found broken at `at`. Its first line is rejected; whole records may stand in the lines after
   * it, so these are looked into once. What broke inside such a stretch again is rejected up to `at`.
   */
  #broken(reason: string, at: number): Frame | 'again' {
    const discard = { start: this.position, line: this.#line, reason, sample: EMPTY, toBracket: true };
    const salvage = discard.start >= this.#salvagedTo;
    if (salvage) this.#salvagedTo = this.#base + at;
    this.#scanned = 0;
    this.#inJson = false;
    if (!salvage) this.#drop(discard, at);
    if (!salvage && this.#buffer[at - 1] === NEWLINE) return this.#discarded(discard);
    this.#discard = discard;
    return 'again';
  }

  /** Passes over everything before `to`. */
  #drop(discard: Discard, to: number): void {
    const missing = REJECT_SAMPLE_BYTES - discard.sample.length;
    if (missing > 0)
      discard.sample = Buffer.concat([
        discard.sample,
        this.#buffer.subarray(this.#at, Math.min(to, this.#at + missing)),
      ]);
    this.#line += countLines(this.#buffer, this.#at, to);
    this.#at = to;
  }

  /** Goes to the end of the line, or to the next line that begins with a bracket. */
  #passOver(): Frame | 'more' {
    const discard = this.#discard as Discard;
    for (;;) {
      const newline = this.#buffer.indexOf(NEWLINE, this.#at);
      if (newline < 0) this.#drop(discard, this.#buffer.length);
      if (newline < 0 && !this.#ended) return 'more';
      if (newline < 0) return this.#discarded(discard);
      if (newline + 1 >= this.#buffer.length && !this.#ended) {
        this.#drop(discard, newline);
        return 'more';
      }
      this.#drop(discard, newline + 1);
      const first = this.#buffer[this.#at];
      if (!discard.toBracket || first === undefined || first === OPEN_OBJECT || first === OPEN_ARRAY)
        return this.#discarded(discard);
    }
  }

  #discarded({ reason: found, sample: bytes, start, line }: Discard): Frame {
    this.#discard = undefined;
    const sample = bytes.toString('utf8');
    const size = this.position - start - (this.#buffer[this.#at - 1] === NEWLINE ? 1 : 0);
    const reason = found === 'truncated' && this.#at < this.#buffer.length ? 'not-json' : found;
    const detail =
      reason === 'too-long'
        ? `a record of ${size} bytes is longer than the limit of ${this.#limit} bytes`
        : (DETAILS[reason] ?? reason);
    return { value: undefined, reason, detail, sample, start, line, end: this.position };
  }

  /** A document of YAML, up to the marker of the next one. */
  #manifest(): Frame | 'more' | 'again' {
    const found = manifestEnd(this.#buffer, this.#at + Math.max(0, this.#scanned - 3));
    const end = found < 0 ? this.#buffer.length : found;
    this.#scanned = end - this.#at;
    if (this.#scanned > this.#limit) return this.#broken('too-long', this.#at + this.#limit);
    if (found < 0 && !this.#ended) return 'more';
    const lines = countLines(this.#buffer, this.#at, end);
    const text = this.#decode(this.#at, end);
    const frame = this.#settle(end, text === undefined ? 'invalid-utf8' : (parseManifest(text) ?? 'not-yaml'));
    this.#line += lines;
    return frame;
  }

  #text(): Frame | 'more' | 'again' {
    const newline = this.#buffer.indexOf(NEWLINE, this.#at);
    const end = newline < 0 ? this.#buffer.length : newline;
    if (end - this.#at > this.#limit) {
      this.#discard = { start: this.position, line: this.#line, reason: 'too-long', sample: EMPTY, toBracket: false };
      return 'again';
    }
    if (newline < 0 && !this.#ended) return 'more';
    this.#inJson = false;
    const text = this.#decode(this.#at, end);
    if (text === undefined) return this.#settle(end, 'invalid-utf8');
    return this.#unprefixed(text.trimEnd(), end);
  }

  /** Takes the prefix of a container's log off a line, if there is one. */
  #unprefixed(text: string, end: number): Frame | 'again' {
    const joined = this.#cri.join(text, { start: this.position, line: this.#line });
    if (joined === undefined) {
      const frame = { value: text, start: this.position, line: this.#line, end: this.#base + end };
      this.#at = end;
      return frame;
    }
    if (joined === 'too-long') return this.#settle(end, 'too-long');
    this.#at = end;
    if (joined === 'partial') return 'again';
    this.#ready = framesOf(Buffer.from(joined.content), this.#limit).map((frame) => ({
      ...frame,
      start: joined.start,
      line: joined.line,
      end: this.position,
    }));
    return 'again';
  }

  /** What is left when the input has ended. */
  #drain(): Frame | undefined {
    const end = this.position;
    this.#ready = this.#cri.drain().map(({ start, line, content }) => ({
      ...rejected('truncated', content.slice(0, REJECT_SAMPLE_BYTES)),
      start,
      line,
      end,
    }));
    return this.#ready.shift();
  }

  /** Ends the record at hand before `end`: a value, or the reason why there is none. */
  #settle(end: number, value: JsonObject | string): Frame {
    const place = { start: this.position, line: this.#line, end: this.#base + end };
    const frame =
      typeof value === 'string'
        ? { ...rejected(value, this.sample(place.start, place.end)), ...place }
        : { value, start: place.start, line: place.line, end: place.end };
    this.#at = end;
    this.#scanned = 0;
    this.#inJson = true;
    return frame;
  }

  #decode(from: number, to: number): string | undefined {
    if (this.#ascii) return this.#buffer.toString('latin1', from, to);
    return isUtf8(this.#buffer.subarray(from, to)) ? this.#buffer.toString('utf8', from, to) : undefined;
  }
}

function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = bytes.indexOf(NEWLINE, from); i >= 0 && i < to; i = bytes.indexOf(NEWLINE, i + 1)) lines += 1;
  return lines;
}

function rejected(reason: string, sample: string): Omit<RejectFrame, keyof Place | 'end'> {
  return { value: undefined, reason, detail: DETAILS[reason] ?? 'the record is longer than the limit', sample };
}

/** The frames of bytes that are all there. */
export function framesOf(bytes: Buffer, limit: number = RECORD_LIMIT): Frame[] {
  const only = onlyRecord(bytes, limit);
  if (only !== undefined) return [only];
  const framer = new Framer(limit);
  framer.feed(bytes);
  framer.end();
  const frames: Frame[] = [];
  for (let frame = framer.next(); frame !== undefined; frame = framer.next()) frames.push(frame);
  return frames;
}

/** The record of bytes that are nothing but one object on one line: the usual message, for which no framer is made. */
function onlyRecord(bytes: Buffer, limit: number): RecordFrame | undefined {
  const end = bytes.length;
  const isObject = bytes[0] === OPEN_OBJECT && bytes[end - 1] === CLOSE_OBJECT && end <= limit;
  if (!isObject) return undefined;
  const scanned = scanRecord(bytes, 0, end);
  if (scanned !== undefined) return { value: scanned, start: 0, line: 1, end };
  if (bytes.includes(NEWLINE)) return undefined;
  const text = isAscii(bytes) ? bytes.toString('latin1') : isUtf8(bytes) ? bytes.toString('utf8') : undefined;
  const value = text === undefined ? undefined : (parseJson(text) as JsonObject | undefined);
  return value === undefined ? undefined : { value, start: 0, line: 1, end };
}
