import type { JsonObject } from './decoder.ts';
import { list, object, part, text } from './fields.ts';

/** Deeper values are dropped: no record is as deep, and recursion must end. */
const DEPTH = 40;

/**
 * The plain value of an OTLP `AnyValue`. Integers, which OTLP's JSON writes as text, are numbers as in the record they
 * come from; only those beyond 2^53 stay text.
 */
export function otlpValue(value: unknown, depth = 0): unknown {
  const any = object(value);
  if (any === undefined || depth > DEPTH) return undefined;
  if ('kvlistValue' in any) return otlpAttributes(part(any.kvlistValue).values, depth + 1);
  if ('arrayValue' in any) return list(part(any.arrayValue).values).map((member) => otlpValue(member, depth + 1));
  return any.stringValue ?? integer(any.intValue) ?? any.doubleValue ?? any.boolValue;
}

function integer(written: unknown): unknown {
  if (typeof written !== 'string' || written === '') return written;
  const value = Number(written);
  return Number.isSafeInteger(value) ? value : written;
}

/** An OTLP list of `{key, value}` as a plain object. */
export function otlpAttributes(value: unknown, depth = 0): JsonObject {
  const pairs = list(value).map(part);
  return Object.fromEntries(pairs.map((pair) => [text(pair.key), otlpValue(pair.value, depth)]));
}
