/** What a query found: text in pieces, because all of it can be larger than a string may be. */
export interface QueryResult {
  readonly text: Iterable<string>;
  readonly shown: number;
  /** Same as `shown` unless a limit left some out. */
  readonly found: number;
}

/** `2026-11-01T12:00:00.000Z`. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** `2026-11-01 12:00:00`, UTC. */
export function shortTime(time: number): string {
  return isoTime(time).slice(0, 19).replace('T', ' ');
}

/** A JSON array, one element a line. */
export function* jsonArray<T>(values: readonly T[], toJson: (value: T) => unknown): Generator<string> {
  yield '[';
  let before = '\n';
  for (const value of values) {
    yield `${before}${JSON.stringify(toJson(value))}`;
    before = ',\n';
  }
  yield values.length > 0 ? '\n]\n' : ']\n';
}
