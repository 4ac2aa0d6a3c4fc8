import type { JsonObject } from './decoder.ts';
import { has, object, part, present, text } from './fields.ts';

/**
 * Goldmane messages come in three JSON spellings: the emitter's (snake case, numeric enums, `Key` nested), protojson
 * (camel case, enum names, 64-bit integers as text) and Whisker's REST form (flat, enum names, zero values written).
 * This file hides which one it is.
 */
const camel = (key: string): string => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const CAMEL_KEYS = new Map<string, string>();

function camelKey(key: string): string {
  const known = CAMEL_KEYS.get(key);
  if (known !== undefined) return known;
  const made = camel(key);
  CAMEL_KEYS.set(key, made);
  return made;
}

/** The field `key` (snake case) of `record` in whichever spelling it has. */
export function field(record: JsonObject, key: string): unknown {
  return record[key] ?? record[camelKey(key)];
}

/** The identifying part of a flow; Whisker writes it flat into the flow itself. */
export function keyOf(flow: JsonObject): JsonObject {
  return object(flow.Key) ?? object(flow.key) ?? flow;
}

/** The flow inside a streaming envelope `{id, flow}`, or the record itself. */
export function flowOf(record: JsonObject): JsonObject {
  const inner = object(record.flow);
  return inner !== undefined && (has(inner, 'Key') || has(inner, 'key')) ? inner : record;
}

/** The two policy lists, called enforced and pending by Whisker. */
export function tracesOf(key: JsonObject): { readonly enforced: unknown; readonly pending: unknown } {
  const policies = part(key.policies);
  return {
    enforced: field(policies, 'enforced_policies') ?? policies.enforced,
    pending: field(policies, 'pending_policies') ?? policies.pending,
  };
}

/** Whisker writes public and private networks out; everything else uses Calico's short names. */
export function nameOf(value: unknown): string {
  const name = present(value);
  if (name === 'PUBLIC NETWORK') return 'pub';
  return name === 'PRIVATE NETWORK' ? 'pvt' : name;
}

/** The name of an enum value given as name or number; `''` when absent or not in `names` (whose index is the number). */
export function enumName(value: unknown, names: readonly string[]): string {
  if (typeof value === 'number') return names[value] ?? '';
  const written = text(value);
  return names.includes(written) ? written : '';
}
