import type { Selector } from '../../model/selector.ts';
import { Inexpressible } from './documents.ts';

/** `in` with values, `has`, or the negation of one of them: what a Kubernetes label selector can ask. */
export type Term = Extract<Selector, { kind: 'in' | 'has' | 'not' }>;

/** More would be no selector that a person could read. */
const MOST_ALTERNATIVES = 256;

/** The selector, or its negation, as alternatives of which one must hold; all terms of an alternative must hold. */
export function termsOf(selector: Selector, negated = false): readonly (readonly Term[])[] {
  switch (selector.kind) {
    case 'not':
      return termsOf(selector.of, !negated);
    case 'and':
    case 'or': {
      const parts = selector.of.map((part) => termsOf(part, negated));
      return (selector.kind === 'and') !== negated ? allOf(parts) : parts.flat();
    }
    case 'in':
      if (selector.values.length === 0) return negated ? [[]] : [];
      return [[negated ? { kind: 'not', of: selector } : selector]];
    case 'has':
      return [[negated ? { kind: 'not', of: selector } : selector]];
    default:
      throw new Inexpressible(`label selectors cannot ask whether a value ${WORDS[selector.kind]} a text`);
  }
}

const WORDS = { contains: 'contains', startsWith: 'starts with', endsWith: 'ends with' };

/** Every combination of one alternative of each part. */
export function allOf<T>(parts: readonly (readonly (readonly T[])[])[]): readonly (readonly T[])[] {
  return parts.reduce<readonly (readonly T[])[]>(
    (combined, part) => {
      if (combined.length * part.length > MOST_ALTERNATIVES)
        throw new Inexpressible(`it would take more than ${MOST_ALTERNATIVES} selectors`);
      return combined.flatMap((before) => part.map((one) => [...before, ...one]));
    },
    [[]],
  );
}
