import { text } from './fields.ts';
import { withoutDot } from './hubble-l7.ts';

const NONE: readonly string[] = Object.freeze([]);
const NAME_LIMIT = 16;

/** DNS names as policies write them: lower case, without the final dot, each once, in the order of the record. */
export function dnsNames(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) return NONE;
  const names = value.map((name) => withoutDot(text(name)).toLowerCase()).filter((name) => name !== '');
  return [...new Set(names)].slice(0, NAME_LIMIT);
}
