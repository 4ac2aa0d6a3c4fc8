import type { JsonObject } from './decoder.ts';
import { list, object, part, text } from './fields.ts';

/** Deeper values are dropped: attributes of flow logs are flat, and recursion must end. */
const DEPTH = 6;

/** The plain value of an OTLP `AnyValue`; 64-bit integers stay the decimal text that OTLP's JSON writes. */
export function otlpValue(value: unknown, depth = 0): unknown {
  const any = object(value);
  if (any === undefined || depth > DEPTH) return undefined;
  if ('kvlistValue' in any) return otlpAttributes(part(any.kvlistValue).values, depth + 1);
  if ('arrayValue' in any) return list(part(any.arrayValue).values).map((member) => otlpValue(member, depth + 1));
  return any.stringValue ?? any.intValue ?? any.doubleValue ?? any.boolValue;
}

/** An OTLP list of `{key, value}` as a plain object. */
export function otlpAttributes(value: unknown, depth = 0): JsonObject {
  const pairs = list(value).map(part);
  return Object.fromEntries(pairs.map((pair) => [text(pair.key), otlpValue(pair.value, depth)]));
}
