import { stringify } from 'yaml';

/**
 * YAML that every reader understands alike: strings that YAML 1.1 or 1.2 would take for something else (`y`, `on`,
 * `012`, `12:30`) are quoted, lines are never folded, and equal parts are repeated, not aliased.
 */
export function yamlText(value: unknown): string {
  const lines: string[] = [];
  // Without a syntax tree this is several times as fast, which tells in tens of thousands of files.
  const isWhole = isCollection(value) && writeBlock(value, { indent: '', lead: '', lines });
  return isWhole ? `${lines.join('\n')}\n` : byLibrary(value);
}

function byLibrary(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false });
}

type Collection = readonly unknown[] | Readonly<Record<string, unknown>>;

interface Place {
  readonly indent: string;
  /** Stands before the first line instead of the indent: `- ` of the list items that begin there. */
  readonly lead: string;
  readonly lines: string[];
}

/** Writes what is in a mapping or list; false where the library has to write all of it. */
function writeBlock(value: Collection, place: Place): boolean {
  return Array.isArray(value) ? writeItems(value, place) : writeFields(Object.entries(value), place);
}

function writeItems(items: readonly unknown[], { indent, lead, lines }: Place): boolean {
  return items.every((item, i) => {
    const start = `${i === 0 ? lead || indent : indent}- `;
    const flat = flatText(item);
    if (flat !== undefined) return lines.push(start + flat) > 0;
    return isCollection(item) && writeBlock(item, { indent: `${indent}  `, lead: start, lines });
  });
}

function writeFields(fields: readonly [string, unknown][], { indent, lead, lines }: Place): boolean {
  let start = lead || indent;
  return fields.every(([key, value]) => {
    if (value === undefined) return true;
    if (!isPlain(key)) return false;
    const flat = flatText(value);
    lines.push(`${start}${key}:${flat === undefined ? '' : ` ${flat}`}`);
    start = indent;
    const inner = Array.isArray(value) ? indent : `${indent}  `;
    return flat !== undefined || (isCollection(value) && writeBlock(value, { indent: inner, lead: '', lines }));
  });
}

/** Not empty, and of a kind whose entries are all that it is. */
function isCollection(value: unknown): value is Collection {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isKnown = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  return isKnown && Object.values(value).some((one) => one !== undefined);
}

/** What stands on the line of its key; undefined for everything else. */
function flatText(value: unknown): string | undefined {
  if (typeof value === 'string') return isPlain(value) ? value : scalarText(value);
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? String(value) : undefined;
  if (typeof value === 'boolean' || value === null) return String(value);
  return Array.isArray(value) && value.length === 0 ? '[]' : undefined;
}

/** Begins with a letter, holds nothing that means something in YAML, and is short enough for a key. */
const PLAIN = /^[A-Za-z](?:[-A-Za-z0-9 ,._/()]{0,120}[A-Za-z0-9.)])?$/;
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null|e-?[0-9]+)$/i;

function isPlain(text: string): boolean {
  return PLAIN.test(text) && !WORDS.test(text);
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
/** Versions, addresses and the like turn up again and again. */
const scalars = new Map<string, string | undefined>();
const REMEMBERED = 20_000;

function scalarText(text: string): string | undefined {
  if (TIME.test(text)) return `"${text}"`;
  if (scalars.has(text)) return scalars.get(text);
  const written = byLibrary(text).slice(0, -1);
  const flat = written.includes('\n') ? undefined : written;
  if (scalars.size < REMEMBERED) scalars.set(text, flat);
  return flat;
}
