/** Throws when `condition` is false: a mistake of the programmer, never a finding about data. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}
