import type { Finding, Location } from '../../model/finding.ts';
import { nearest } from '../../util/nearest.ts';
import type { Path, PolicyDocument } from './document.ts';

/**
 * Readers for the fields of a document, so that a dialect reads like the schema of its kinds. A reader returns
 * `undefined` after it has reported what is wrong; an object with one wrong field is wrong as a whole, but its other
 * fields are still read, so that people see all faults at once. As in Kubernetes, `null` is the same as absent.
 */
export type Read<T> = (field: Field) => T | undefined;

/** A value together with its place and the list that takes what is wrong with it. */
export interface Field {
  readonly value: unknown;
  readonly path: Path;
  readonly document: PolicyDocument;
  readonly findings: Finding[];
}

/** What a reader gives. */
export type ReadResult<R> = R extends Read<infer T> ? T : never;

const REQUIRED = Symbol('required');

type Required<T> = Read<T> & { readonly [REQUIRED]: true };

type Fields = Readonly<Record<string, Read<unknown>>>;

type ObjectOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Required<infer T> ? T : ReadResult<F[K]> | undefined;
};

/** The document's outermost value as a field. */
export function rootField(document: PolicyDocument, findings: Finding[]): Field {
  return { value: document.value, path: [], document, findings };
}

/** The field below `field`; its value is absent when there is none. */
export function childField(field: Field, key: string | number): Field {
  const { value } = field;
  const child = typeof value === 'object' && value !== null ? ownValue(value, key) : undefined;
  return { ...field, value: child, path: [...field.path, key] };
}

function ownValue(value: object, key: string | number): unknown {
  return Object.hasOwn(value, key) ? (value as Record<string | number, unknown>)[key] : undefined;
}

/** `spec.ingress[0].from`, the way people and kubectl write a path. */
export function formatPath(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text.replace(/^\./, '') || 'the document';
}

export function locationOf(field: Field): Location {
  return field.document.locate(field.path);
}

/** Adds an error at `field` and returns the `undefined` that marks a value as wrong. */
export function wrong(field: Field, rule: string, message: string, remedy: string): undefined {
  const text = `${formatPath(field.path)}: ${message}`;
  field.findings.push({ severity: 'error', rule, message: text, remedy, location: locationOf(field) });
  return undefined;
}

/** Adds a warning at `field`; the value stays valid. */
export function warn(field: Field, rule: string, message: string, remedy: string): void {
  const text = `${formatPath(field.path)}: ${message}`;
  field.findings.push({ severity: 'warning', rule, message: text, remedy, location: locationOf(field) });
}

export const text: Read<string> = (field) =>
  typeof field.value === 'string' ? field.value : wrongType(field, 'text', 'Put the value in quotes.');

export const flag: Read<boolean> = (field) =>
  typeof field.value === 'boolean'
    ? field.value
    : wrongType(field, 'true or false', 'Write true or false without quotes.');

/** A whole number between `least` and `most`, both included. */
export function integer(least: number, most: number): Read<number> {
  return (field) => {
    const { value } = field;
    if (typeof value !== 'number') return wrongType(field, 'a whole number', 'Write the number without quotes.');
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    return wrong(
      field,
      'out-of-range',
      `${value} is not a whole number from ${least} to ${most}`,
      'Correct the number.',
    );
  };
}

/** One of a closed list of words, exactly as written. */
export function oneOf<const T extends string>(...words: readonly T[]): Read<T> {
  return (field) => {
    const known = words.find((word) => word === field.value);
    if (known !== undefined) return known;
    const like = nearest(String(field.value), words) ?? words[0] ?? '';
    return wrong(
      field,
      'unknown-value',
      `${shown(field.value)} is none of ${words.join(', ')}`,
      `Write ${like}, perhaps.`,
    );
  };
}

/** A list whose items are all read by `item`; `most` is the API's own limit, where it has one. */
export function list<T>(item: Read<T>, most = Number.POSITIVE_INFINITY): Read<readonly T[]> {
  return (field) => {
    const { value } = field;
    if (!Array.isArray(value)) return wrongType(field, 'a list', 'Start each item on its own line with "- ".');
    if (value.length > most) {
      return wrong(field, 'too-many-items', `${value.length} items, at most ${most} are allowed`, 'Split the list.');
    }
    return allOrNothing(value.map((_, index) => item(childField(field, index))));
  };
}

/** Names mapped to values, where the names are free (labels). Sorting and syntax are the caller's business. */
export function mapping<T>(read: Read<T>): Read<ReadonlyMap<string, T>> {
  return (field) => {
    if (!isObject(field.value)) return wrongType(field, 'a mapping', 'Write "key: value" lines.');
    const keys = Object.keys(field.value);
    const values = allOrNothing(keys.map((key) => read(childField(field, key))));
    return values && new Map(keys.map((key, index) => [key, values[index] as T]));
  };
}

/** Marks a field of `object` that must be there. */
export function required<T>(read: Read<T>): Required<T> {
  return Object.assign((field: Field) => read(field), { [REQUIRED]: true as const });
}

/** An object with exactly these fields; any other is an error, as under the API server's strict decoding. */
export function object<F extends Fields>(fields: F): Read<ObjectOf<F>> {
  const names = Object.keys(fields);
  return (field) => {
    const { value } = field;
    if (!isObject(value)) return wrongType(field, 'an object', `Give it fields: ${names.slice(0, 5).join(', ')}.`);
    const unknown = Object.keys(value).filter((key) => !Object.hasOwn(fields, key));
    for (const key of unknown) unknownField(childField(field, key), key, names);
    const results = names.map((name) => readMember(field, name, fields[name] as Read<unknown>));
    if (unknown.length > 0 || results.includes(WRONG)) return undefined;
    return Object.fromEntries(names.map((name, index) => [name, results[index]])) as ObjectOf<F>;
  };
}

const WRONG = Symbol('wrong');

function readMember(field: Field, name: string, read: Read<unknown>): unknown {
  const child = childField(field, name);
  if (child.value !== null && child.value !== undefined) {
    const result = read(child);
    return result === undefined ? WRONG : result;
  }
  if (!(REQUIRED in read)) return undefined;
  wrong(child, 'missing-field', 'it must be given', `Add "${name}".`);
  return WRONG;
}

function unknownField(field: Field, key: string, names: readonly string[]): void {
  const like = nearest(key, names);
  const remedy =
    like === undefined ? `Remove it; known here: ${names.slice(0, 12).join(', ')}.` : `Write "${like}", perhaps.`;
  wrong(field, 'unknown-field', `there is no field "${key.slice(0, 80)}"`, remedy);
}

/** Any value, not looked at: fields that say nothing about traffic (`status`, `managedFields`). */
export const ignored: Read<true> = () => true;

/** Reads, then converts or checks; `convert` reports with `wrong` and returns `undefined` when it objects. */
export function converted<T, U>(read: Read<T>, convert: (value: T, field: Field) => U | undefined): Read<U> {
  return (field) => {
    const value = read(field);
    return value === undefined ? undefined : convert(value, field);
  };
}

function allOrNothing<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  return values.includes(undefined) ? undefined : (values as readonly T[]);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrongType(field: Field, wanted: string, remedy: string): undefined {
  return wrong(field, 'wrong-type', `${wanted} is expected, found ${shown(field.value)}`, remedy);
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || value === undefined) return 'nothing';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value);
}
