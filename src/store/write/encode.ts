import { LAST_MILLISECOND } from './native-columns.ts';

const SPECIAL = /[\0\b\t\n\f\r\\']/;
const SPECIALS = /[\0\b\t\n\f\r\\']/g;
const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
  "'": "\\'",
};

/** Text as a TSV field. A lone surrogate becomes U+FFFD when it is turned into UTF-8. */
export function escapeText(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (char) => ESCAPES[char] ?? char) : text;
}

/** Milliseconds → seconds with three decimals; ten digits, because fewer would be read as a calendar date. */
export function encodeTime(value: number): string {
  const time = Math.trunc(Math.min(Math.max(value || 0, 0), LAST_MILLISECOND));
  const digits = String(time).padStart(13, '0');
  return `${digits.slice(0, -3)}.${digits.slice(-3)}`;
}
