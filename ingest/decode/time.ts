import { number } from './fields.ts';

/** Times outside are nonsense of a broken clock or a wrong unit; a partition per such day would be costly. */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** The time of a record from which a filter removed every time; whoever knows when it was received replaces it. */
export const NO_TIME = 0;

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|z|[+-]\d\d:?\d\d)?$/;

function plausible(milliseconds: number): number | undefined {
  return milliseconds >= EARLIEST && milliseconds < LATEST ? Math.floor(milliseconds) : undefined;
}

/**
 * RFC 3339 with up to nine fraction digits and any offset → milliseconds since the epoch. A blank in place of `T` and
 * a missing offset (ClickHouse's text form) mean UTC. `undefined` when unreadable or before 2000 or after 2099.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const match = ISO.exec(value);
  if (match === null) return undefined;
  return plausible(Date.parse(match[1] === undefined ? `${value.replace(' ', 'T')}Z` : value.replace(' ', 'T')));
}

const PER_MILLISECOND = { s: 1e-3, ms: 1, us: 1e3, ns: 1e6 } as const;

/**
 * A number (or decimal text) of seconds, milliseconds, microseconds or nanoseconds since the epoch → milliseconds.
 * Nanoseconds above 2^53 were rounded by `JSON.parse` to ±200 ns, which does not show in milliseconds.
 */
export function epochTime(value: unknown, unit: keyof typeof PER_MILLISECOND): number | undefined {
  const read = number(value);
  return read === undefined ? undefined : plausible(read / PER_MILLISECOND[unit]);
}
