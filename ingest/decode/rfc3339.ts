import { parseTime } from './time.ts';

const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const ZERO = 48;

/** Two decimal digits at `at`; NaN when there are none, which makes every comparison with the result false. */
function two(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** The first three of the one to nine fraction digits between the point and the final `Z`; NaN when malformed. */
function milliseconds(text: string): number {
  const end = text.length - 1;
  if (end === 19) return 0;
  if (end < 21 || end > 29 || text.charCodeAt(19) !== 46) return Number.NaN;
  let value = 0;
  for (let i = 20; i < end; i++) {
    const digit = text.charCodeAt(i) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    if (i < 23) value = value * 10 + digit;
  }
  return end === 21 ? value * 100 : end === 22 ? value * 10 : value;
}

/**
 * Like `parseTime`, an order of magnitude faster for the one shape Go programs write: `2025-04-16T18:49:59.450463857Z`.
 * Everything else goes to `parseTime`, so both read the same texts alike.
 */
export function fastTime(value: unknown): number | undefined {
  if (typeof value !== 'string' || value.length < 20 || value.length > 30) return parseTime(value);
  if (value.charCodeAt(10) !== 84 || value.charCodeAt(value.length - 1) !== 90) return parseTime(value);
  const year = two(value, 0) * 100 + two(value, 2);
  const month = two(value, 5);
  const day = two(value, 8);
  const hour = two(value, 11);
  const minute = two(value, 14);
  const second = two(value, 17);
  const separators =
    value.charCodeAt(4) === 45 &&
    value.charCodeAt(7) === 45 &&
    value.charCodeAt(13) === 58 &&
    value.charCodeAt(16) === 58;
  const limit = DAYS[month - 1] ?? 0;
  const inRange =
    year >= 2000 && year <= 2099 && day >= 1 && day <= limit && hour <= 23 && minute <= 59 && second <= 59;
  // 29 February exists every fourth year of 2000 to 2099.
  if (!separators || !inRange || (month === 2 && day === 29 && year % 4 !== 0)) return parseTime(value);
  const fraction = milliseconds(value);
  if (Number.isNaN(fraction)) return parseTime(value);
  return Date.UTC(year, month - 1, day, hour, minute, second, fraction);
}
