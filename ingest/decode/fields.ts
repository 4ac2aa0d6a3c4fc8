import type { JsonObject } from './decoder.ts';

/** Nothing a flow log says is longer than this; longer texts are cut, so one record cannot bloat the store. */
const TEXT_LIMIT = 1024;

/** The text at a JSON value: strings as they are, numbers as decimal text, everything else `''`. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value.length > TEXT_LIMIT ? value.slice(0, TEXT_LIMIT) : value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : '';
}

/** Like `text`, with the spellings of "no value" that flow logs use (`-`, `<none>`) read as `''`. */
export function present(value: unknown): string {
  const found = text(value);
  return found === '-' || found === '<none>' ? '' : found;
}

/** The value when it is a JSON object, else `undefined`. */
export function object(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

const NO_FIELDS: JsonObject = Object.freeze({});

/** The value when it is a JSON object, else an empty one: for walking into optional parts. */
export function part(value: unknown): JsonObject {
  return object(value) ?? NO_FIELDS;
}

/** The value when it is an array, else an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The strings of an array, each cut like `text`; other members are left out. */
export function texts(value: unknown): readonly string[] {
  return list(value)
    .filter((member) => typeof member === 'string')
    .map(text);
}

/**
 * A finite number from a JSON number or from decimal text (protobuf JSON writes 64-bit integers as text);
 * `undefined` for anything else, `''` included.
 */
export function number(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'string' || value === '' || value.length > 32) return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

/** A counter: a whole number from 0 to 2^53-1; absent, negative and unreadable values are 0. */
export function count(value: unknown): number {
  const read = number(value) ?? 0;
  return read <= 0 ? 0 : Math.min(Math.trunc(read), Number.MAX_SAFE_INTEGER);
}

/** A port from 0 to 65535; 0 when absent or impossible. */
export function port(value: unknown): number {
  const read = count(value);
  return read > 65_535 ? 0 : read;
}

/** Whether `record` has its own field `key`, even a null one. */
export function has(record: JsonObject, key: string): boolean {
  return Object.hasOwn(record, key);
}
