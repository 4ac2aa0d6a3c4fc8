import { parse, stringify } from 'yaml';
import { random } from '../replay-input.ts';
import { SEEDS } from './seeds.ts';

type Next = () => number;
type Value = unknown;

const VALUES: readonly Value[] = SEEDS.map((text) => parse(text));

/** Mutations multiply what they find; what is larger than any page of policy is tested by its size alone elsewhere. */
const LONGEST = 100_000;

/** The mutant of this number: always the same text. Most are mutated as values, the others as text, a few as both. */
export function mutant(number: number): string {
  const next = random(number + 1);
  for (let draw = 0; draw < 4; draw++) next();
  const index = Math.floor(next() * SEEDS.length);
  const kind = next();
  if (kind < 0.4) return mutateText(SEEDS[index] ?? '', next).slice(0, LONGEST);
  const value = mutateValue(structuredClone(VALUES[index]), next);
  const text = next() < 0.5 ? JSON.stringify(value) : stringify(value, { aliasDuplicateObjects: false });
  return (kind < 0.95 ? text : mutateText(text, next)).slice(0, LONGEST);
}

function pick<T>(items: readonly T[], next: Next): T {
  return items[Math.floor(next() * items.length)] as T;
}

/** Mostly once, because what is badly broken is refused before it gets far. */
function howOften(next: Next): number {
  return next() < 0.7 ? 1 : 2 + Math.floor(next() * 2);
}

/** Where a value stands, so that it can be put in place of another. */
interface Slot {
  readonly parent: Record<string, Value> | Value[];
  readonly key: string | number;
}

function slots(value: Value, found: Slot[] = []): Slot[] {
  if (value === null || typeof value !== 'object') return found;
  const parent = value as Record<string, Value>;
  for (const key of Object.keys(parent)) {
    found.push({ parent, key });
    slots(parent[key], found);
  }
  return found;
}

function read({ parent, key }: Slot): Value {
  return (parent as Record<string, Value>)[key];
}

function write({ parent, key }: Slot, value: Value): void {
  (parent as Record<string, Value>)[key] = value;
}

/** What stands where it should not: wrong types, edges of ranges, names that mean something to JavaScript. */
const ODD: readonly Value[] = [
  null,
  true,
  false,
  '',
  ' ',
  0,
  -1,
  1.5,
  65_535,
  65_536,
  1e21,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  [],
  {},
  [null],
  [[]],
  [{}],
  { '': '' },
  '*',
  '**.*',
  '0.0.0.0/0',
  '::/0',
  '10.0.0.0/33',
  '::ffff:10.0.0.0/104',
  '1.2.3.4-1.2.3.1',
  '999.1.1.1/8',
  'all()',
  "a == 'b' && (",
  '!'.repeat(300),
  '('.repeat(300),
  'x'.repeat(10_000),
  '80:',
  ':',
  '1:70000',
  '0x50',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\ud800',
  '\u202e',
  'Ingress',
  'Allow',
];

const STRANGE_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'Spec', 'spec ', 'length', '0'];

const COPY = { enumerable: true, writable: true, configurable: true };

type Mutation = (slot: Slot, next: Next) => void;

const MUTATIONS: readonly Mutation[] = [
  (slot, next) => write(slot, structuredClone(pick(ODD, next))),
  (slot, next) => write(slot, structuredClone(pick(ODD, next))),
  ({ parent, key }) => (Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key]),
  (slot) => write(slot, [read(slot)]),
  (slot) => write(slot, { value: read(slot) }),
  (slot) => write(slot, String(read(slot))),
  (slot, next) => write(slot, structuredClone(read(pick(slots(pick(VALUES, next)), next)))),
  ({ parent, key }, next) => {
    if (Array.isArray(parent)) parent.push(structuredClone(parent[Number(key)]));
    else Object.defineProperty(parent, pick(STRANGE_KEYS, next), { ...COPY, value: parent[key] });
  },
  ({ parent, key }, next) => {
    if (Array.isArray(parent) || typeof key !== 'string') return;
    const at = Math.floor(next() * key.length);
    const value = parent[key];
    delete parent[key];
    parent[key.slice(0, at) + pick(['', 'x', key[at]?.toUpperCase() ?? ''], next) + key.slice(at + 1)] = value;
  },
  (slot, next) => {
    let nested: Value = read(slot);
    for (let depth = Math.floor(next() * 150); depth > 0; depth--) nested = depth % 2 ? [nested] : { of: nested };
    write(slot, nested);
  },
  (slot, next) => {
    const value = read(slot);
    if (Array.isArray(value)) write(slot, Array(Math.floor(next() * 300)).fill(value[0] ?? null));
  },
];

function mutateValue(root: Value, next: Next): Value {
  const holder = { root };
  for (let times = howOften(next); times > 0; times--) {
    const all = slots(holder);
    if (all.length > 1) pick(MUTATIONS, next)(pick(all.slice(1), next), next);
  }
  return holder.root;
}

const PIECES = [
  '\t',
  '\r\n',
  '\u0000',
  '\ufeff',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '&a ',
  '*a',
  '!!binary ',
  '<<: *a\n',
  '? ',
  '- ',
  ': ',
  '|\n',
  '>-\n',
  '{',
  '[',
  '"',
  "'",
  '#',
  '@',
  '`',
  'a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n',
  '[[[[[[[[[[',
  '\u{1f4a5}',
];

type TextMutation = (text: string, at: number, next: Next) => string;

const TEXT_MUTATIONS: readonly TextMutation[] = [
  (text, at, next) => text.slice(0, at) + pick(PIECES, next) + text.slice(at),
  (text, at, next) => text.slice(0, at) + text.slice(at + 1 + Math.floor(next() * 20)),
  (text, at, next) => text.slice(0, at) + String.fromCharCode(Math.floor(next() * 256)) + text.slice(at + 1),
  (text, at) => text.slice(0, at),
  (text, _, next) => onLines(text, next, (line) => [line, line]),
  (text, _, next) => onLines(text, next, () => []),
  (text, _, next) => onLines(text, next, (line) => [`  ${line}`]),
  (text, _, next) => onLines(text, next, (line) => [line.replace(/^ +/, '')]),
  (text, at, next) => text.slice(0, at) + pick(PIECES, next).repeat(Math.floor(next() * 300)) + text.slice(at),
  (text, _, next) => `${text}---\n${pick(SEEDS, next)}`,
  (text, _, next) => text.replace(/\d+/, () => pick(['99999999999999999999', '-0', '010', '1e3', '0o17', '~'], next)),
];

function mutateText(text: string, next: Next): string {
  let mutated = text;
  for (let times = howOften(next); times > 0; times--) {
    mutated = pick(TEXT_MUTATIONS, next)(mutated, Math.floor(next() * mutated.length), next);
  }
  return mutated;
}

function onLines(text: string, next: Next, change: (line: string) => string[]): string {
  const lines = text.split('\n');
  const at = Math.floor(next() * lines.length);
  return [...lines.slice(0, at), ...change(lines[at] ?? ''), ...lines.slice(at + 1)].join('\n');
}
