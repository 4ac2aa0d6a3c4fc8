import fc from 'fast-check';

interface TextChange {
  readonly at: number;
  readonly length: number;
  readonly text: string;
}

const JSON_PIECES = ['', '"', '{', '}', '[', ']', ',', ':', '\\', 'x', '0', '1', '-', '.', ' ', 'null', '"a":'];

/** A few small changes, of the kind that make another JSON text of one, or none. */
export const textChanges: fc.Arbitrary<TextChange[]> = fc.array(
  fc.record({ at: fc.nat(), length: fc.nat(3), text: fc.constantFrom(...JSON_PIECES) }),
  { minLength: 1, maxLength: 3 },
);

/** `text` with `changes` made. */
export function changed(text: string, changes: readonly TextChange[]): string {
  return changes.reduce((now, { at, length, text: put }) => {
    const from = at % now.length;
    return now.slice(0, from) + put + now.slice(from + length);
  }, text);
}

/** What `JSON.parse` gives; `undefined` when it refuses. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
