import { fromBase64, plainBytes } from './bytes.ts';
import type { JsonObject } from './decoder.ts';
import { object } from './fields.ts';
import { parseJson } from './parse-json.ts';
import { contentsOf, type Origin, originOf } from './unwrap-envelope.ts';
import { unprefixed } from './unwrap-text.ts';

/** Bounds of what one value may unfold to. */
export interface UnwrapLimits {
  /** Envelopes inside each other. */
  readonly depth: number;
  /** Records in one value. */
  readonly records: number;
  /** Characters of one text, and bytes of one decompressed value. */
  readonly length: number;
}

export const UNWRAP_LIMITS: UnwrapLimits = { depth: 4, records: 100_000, length: 16 * 1024 * 1024 };

/** Receives what is in a value, in order. */
export interface UnwrapSink {
  /** Whether the value is a record by itself, whatever else it might be an envelope of. */
  isRecord(value: JsonObject | string): boolean;
  record(value: JsonObject | string, origin: Origin): void;
  reject(reason: string, detail: string): void;
  skip(reason: string): void;
}

/** A value being unfolded: how deep inside, where from, and how many records may still come. */
interface Place {
  readonly depth: number;
  readonly origin: Origin;
  readonly limits: UnwrapLimits;
  readonly left: { records: number };
}

const NOWHERE: Origin = { node: '', cluster: '' };

/**
 * Takes a value out of the envelopes that shippers, clouds and transports put around records: objects holding records
 * or text, arrays, JSON in text, several records in one text, base64, gzip, and prefixes of syslog, container logs and
 * server-sent events. An object that is no known envelope comes out as it is. Pure: no state between calls.
 */
export function unwrap(value: unknown, sink: UnwrapSink, limits: UnwrapLimits = UNWRAP_LIMITS): void {
  unfold(value, { depth: 0, origin: NOWHERE, limits, left: { records: limits.records } }, sink);
}

/** What an inner envelope tells counts before what an outer one told. */
function within(place: Place, told: Origin): Place {
  const origin = { node: told.node || place.origin.node, cluster: told.cluster || place.origin.cluster };
  return { ...place, depth: place.depth + 1, origin };
}

function unfold(value: unknown, place: Place, sink: UnwrapSink): void {
  if (place.left.records < 0) return;
  if (place.depth > place.limits.depth)
    sink.reject('too-deep', `more than ${place.limits.depth} envelopes in each other`);
  else if (typeof value === 'string') unfoldText(value, place, sink);
  else if (Array.isArray(value)) unfoldAll(value, place, sink);
  else {
    const record = object(value);
    if (record === undefined) sink.reject('not-a-record', 'neither an object nor text');
    else unfoldObject(record, place, sink);
  }
}

function emit(value: JsonObject | string, place: Place, sink: UnwrapSink): void {
  place.left.records -= 1;
  if (place.left.records >= 0) sink.record(value, place.origin);
  else sink.reject('too-many-records', `more than ${place.limits.records} records in one message`);
}

/** An array is no envelope of its own: nesting counts for what is in it. */
function unfoldAll(values: readonly unknown[], place: Place, sink: UnwrapSink): void {
  if (values.length === 0) sink.skip('empty');
  const inner = { ...place, depth: place.depth + 1 };
  for (const value of values) {
    if (place.left.records < 0) return;
    if (Array.isArray(value)) unfold(value, inner, sink);
    else unfold(value, place, sink);
  }
}

function unfoldObject(record: JsonObject, place: Place, sink: UnwrapSink): void {
  if (sink.isRecord(record)) {
    emit(record, within(place, originOf(record)), sink);
    return;
  }
  const contents = contentsOf(record);
  if (contents === undefined) {
    emit(record, place, sink);
    return;
  }
  if (contents.length === 0) sink.skip('control-message');
  for (const { values, origin } of contents) unfoldAll(values, within(place, origin), sink);
}

function unfoldText(text: string, place: Place, sink: UnwrapSink): void {
  if (text.length > place.limits.length) {
    sink.reject('too-long', `a text of ${text.length} characters is longer than ${place.limits.length}`);
    return;
  }
  const trimmed = text.trim();
  if (trimmed === '') sink.skip('empty');
  else if (!unfoldJson(trimmed, place, sink)) unfoldLines(trimmed, place, sink);
}

/** JSON in text: an object, an array, or a text that holds JSON again. */
function unfoldJson(text: string, place: Place, sink: UnwrapSink): boolean {
  const first = text[0];
  if (first !== '{' && first !== '[' && first !== '"') return false;
  const parsed = parseJson(text);
  if (parsed === undefined || parsed === null || parsed === text) return false;
  if (typeof parsed === 'string') unfold(parsed, { ...place, depth: place.depth + 1 }, sink);
  else unfold(parsed, place, sink);
  return true;
}

function unfoldLines(text: string, place: Place, sink: UnwrapSink): void {
  if (unfoldBase64(text, place, sink)) return;
  if (!text.includes('\n')) {
    unfoldLine(text, place, sink);
    return;
  }
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (place.left.records < 0) return;
    if (trimmed !== '' && !unfoldJson(trimmed, place, sink)) unfoldLine(trimmed, place, sink);
  }
}

function unfoldLine(line: string, place: Place, sink: UnwrapSink): void {
  if (sink.isRecord(line)) {
    emit(line, place, sink);
    return;
  }
  const { text, node, partial } = unprefixed(line);
  if (partial) sink.reject('partial-line', 'a part of a line whose other parts are elsewhere');
  else if (text === line) emitText(line, place, sink);
  else if (text.trim() === '') sink.skip('empty');
  else unfold(text, within(place, { node, cluster: '' }), sink);
}

/** Text that begins like a JSON object and is none was cut off on its way; anything else is for the decoders. */
function emitText(line: string, place: Place, sink: UnwrapSink): void {
  if (line.startsWith('{')) sink.reject('not-json', 'this begins like a JSON object and is none');
  else emit(line, place, sink);
}

/** Base64 of gzip or of text; texts that merely look like base64 are left alone. */
function unfoldBase64(text: string, place: Place, sink: UnwrapSink): boolean {
  if (text.includes(' ')) return false;
  const bytes = fromBase64(text);
  if (bytes === undefined) return false;
  const plain = plainBytes(bytes, place.limits.length);
  if ('reject' in plain) {
    sink.reject(plain.reject, plain.detail);
    return true;
  }
  const inner = plain.bytes.toString('utf8');
  if (inner.includes('\uFFFD')) return false;
  unfold(inner, { ...place, depth: place.depth + 1 }, sink);
  return true;
}
