import { type Next, pick } from './draw.ts';

/** What stands where it should not: wrong types, edges of ranges, names that mean something to JavaScript. */
const ODD: readonly unknown[] = [
  ...[null, true, false, '', ' ', '-', 0, -1, 1.5, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 53, 1e21, 1e300, -1e300],
  ...['0', '-1', '18446744073709551615', '99999999999999999999999', '1e3', '0x1F', 'NaN', 'Infinity'],
  ...[[], {}, [null], [[]], [{}], [[[[1]]]], { '': '' }, { length: 5 }, ['a', 1, null, {}]],
  ...['10.0.0.1', '::', '0.0.0.0', '::ffff:10.0.0.1', '10.0.0.0/33', '1.2.3.4:80', '[::1]:80', 'fe80::1%eth0'],
  ...['2026-11-01T00:00:00Z', '2026-11-01T00:00:00.123456789+14:00', '0000-00-00T00:00:00Z', '1970-01-01T00:00:00Z'],
  ...[1_760_000_000, 1_760_000_000_000, 1_760_000_000_000_000, 1_760_000_000_000_000_000, -62_135_596_800],
  ...['__proto__', 'constructor', 'toString', '\u0000', '\ud800', '\u202e', 'x'.repeat(5_000), 'a|b|c|d|e', '|||||'],
  ...[
    'TCP',
    'tcp',
    '6',
    'SYN',
    'Allow',
    'deny',
    'DROPPED',
    'EGRESS',
    'src',
    'dst, fwd',
    'REPLY',
    'k8s:a=b',
    'outbound|80||h',
  ],
];

const STRANGE_KEYS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '',
  'length',
  '0',
  'flow',
  'log',
  'items',
];

/** Where a value is to be replaced by text that only a string can express: nesting beyond what a stack holds. */
const MARK = '<deep>';

const DEEP: readonly ((depth: number) => string)[] = [
  (depth) => '['.repeat(depth) + ']'.repeat(depth),
  (depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`,
  (depth) => `${'{"arrayValue":{"values":['.repeat(depth)}${']}}'.repeat(depth)}`,
  (depth) => `${'{"log":'.repeat(depth)}"x"${'}'.repeat(depth)}`,
];

/** The JSON text with one of its values, keys or lists changed; `undefined` when it is no JSON. */
export function mutateJson(text: string, other: string, next: Next): string | undefined {
  let nodes = 0;
  if (!parses(text, () => void nodes++)) return undefined;
  let left = Math.floor(next() * nodes);
  const change = pick(CHANGES, next);
  const changed: unknown = JSON.parse(text, (_key, value: unknown) =>
    left-- === 0 ? change(value, next, other) : value,
  );
  const result = JSON.stringify(changed) ?? 'null';
  if (!result.includes(MARK)) return result;
  return result.replace(`"${MARK}"`, pick(DEEP, next)(Math.floor(next() ** 8 * 20_000)));
}

function parses(text: string, visit: () => void): boolean {
  try {
    JSON.parse(text, (_key, value: unknown) => {
      visit();
      return value;
    });
    return true;
  } catch {
    return false;
  }
}

type Change = (value: unknown, next: Next, other: string) => unknown;

const odd: Change = (_value, next) => pick(ODD, next);

const CHANGES: readonly Change[] = [
  odd,
  odd,
  odd,
  // What a reviver leaves undefined is left out.
  () => undefined,
  (value) => [value],
  (value) => ({ value }),
  (value) => (typeof value === 'string' ? Number(value) : typeof value === 'number' ? String(value) : null),
  (value) => JSON.stringify(value),
  () => MARK,
  (value, next) => Array(Math.floor(next() ** 8 * 400)).fill(value),
  (value, next) => (Array.isArray(value) ? value.slice(0, Math.floor(next() * value.length)) : odd(value, next, '')),
  (value, next) => (typeof value === 'string' ? spliced(value, next) : odd(value, next, '')),
  (value, next) => (isObject(value) ? renamed(value, next) : odd(value, next, '')),
  (value, _next, other) => (isObject(value) ? { ...value, ...parsed(other) } : parsed(other)),
];

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function spliced(text: string, next: Next): string {
  const at = Math.floor(next() * text.length);
  return text.slice(0, at) + pick(['', '|', ':', '/', '-', '\n', '\0', 'é', '\ud800'], next) + text.slice(at + 1);
}

/** One key under another name, or a further key that should not be there. */
function renamed(value: Record<string, unknown>, next: Next): Record<string, unknown> {
  const keys = Object.keys(value);
  const chosen = pick(keys, next) ?? '';
  const name = next() < 0.5 ? pick(STRANGE_KEYS, next) : spliced(chosen, next);
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => [key === chosen ? name : key, inner]);
  return Object.fromEntries(entries);
}
