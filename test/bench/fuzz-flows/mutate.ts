import { gzipSync } from 'node:zlib';
import { random } from '../replay-input.ts';
import { howOften, type Next, pick } from './draw.ts';
import { wrap } from './envelopes.ts';
import { mutateJson } from './mutate-json.ts';
import type { FlowSeed } from './seeds.ts';

/** An input for the reader, made of a seed. */
export interface Mutant {
  /** Of the seed. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** Mutations multiply what they find; what is larger is tested by its size alone elsewhere. */
const LONGEST = 200_000;

/** The mutant of this number: always the same bytes, as long as the seeds are the same. */
export function mutant(number: number, seeds: readonly FlowSeed[]): Mutant {
  const next = random(number + 1);
  for (let draw = 0; draw < 4; draw++) next();
  const seed = pick(seeds, next);
  let text = next() < 0.6 ? changed(seed.text, seeds, next) : seed.text;
  if (next() < 0.25) text = wrap(text, seeds, next);
  let bytes: Buffer = Buffer.from(text.slice(0, LONGEST));
  if (next() < 0.05) bytes = gzipSync(bytes, { level: 1 });
  if (next() < 0.25) for (let times = howOften(next); times > 0; times--) bytes = mutateBytes(bytes, seeds, next);
  return { name: seed.name, bytes: bytes.subarray(0, LONGEST) };
}

/** As a value where it is JSON, as words of a line where it is not. */
function changed(text: string, seeds: readonly FlowSeed[], next: Next): string {
  let current = text;
  for (let times = howOften(next); times > 0; times--)
    current = mutateJson(current, pick(seeds, next).text, next) ?? mutateWords(current, seeds, next);
  return current;
}

const ODD_WORDS = [
  ...['', '-', '0', '-1', '65536', '1e9', '99999999999999999999', '0x10', 'NaN', 'null', '<none>', 'true'],
  ...['10.0.0.1', '::1', '::ffff:1.2.3.4', '999.1.1.1', 'fe80::1%eth0', 'T', 'SYN', '{}', '[]', '"', '\'{"a":"b"}\''],
  ...['2026-11-01T00:00:00Z', '9999-99-99T99:99:99Z', '1975-01-01', '\u202e', '\u0000', 'a=b', '__proto__'],
];

/** Lines of text are words between blanks or commas. */
function mutateWords(text: string, seeds: readonly FlowSeed[], next: Next): string {
  const separator = text.split(',').length > text.split(' ').length ? ',' : ' ';
  const words = text.split(separator);
  const at = Math.floor(next() * words.length);
  const kind = next();
  if (kind < 0.6) words[at] = pick(ODD_WORDS, next);
  else if (kind < 0.75) words.splice(at, 1);
  else if (kind < 0.9) words.splice(at, 0, words[Math.floor(next() * words.length)] ?? '');
  else words[at] = pick(pick(seeds, next).text.slice(0, 2_000).split(separator), next);
  return words.join(separator);
}

const PIECES = [
  ...['\n', '\r\n', '\0', ' ', ',', ':', '{', '}', '[', ']', '"', '\\', '\\u', '\\ud800', 'null', '1e999', '-'],
  ...['{"', '"}', '[[[[[[[[', ']]]]]]]]', '\uFEFF', '\u{1f4a5}', '|', '=', 'P ', 'F ', 'data: ', '<134>1 '],
].map((text) => Buffer.from(text));
const BYTES = [
  ...PIECES,
  Buffer.from([0xff]),
  Buffer.from([0xc0, 0xaf]),
  Buffer.from([0x1f, 0x8b, 8, 0]),
  Buffer.alloc(40),
];

type ByteMutation = (bytes: Buffer, at: number, random: { next: Next; seeds: readonly FlowSeed[] }) => Buffer;

const BYTE_MUTATIONS: readonly ByteMutation[] = [
  (bytes, at, { next }) => Buffer.concat([bytes.subarray(0, at), pick(BYTES, next), bytes.subarray(at)]),
  (bytes, at, { next }) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + Math.floor(next() * 20))]),
  (bytes, at, { next }) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[at] = (copy[at] as number) ^ (1 << Math.floor(next() * 8));
    return copy;
  },
  (bytes, at) => bytes.subarray(0, at),
  (bytes, at) => bytes.subarray(at),
  (bytes, at, { next }) => {
    const piece = bytes.subarray(at, at + Math.floor(next() * 200));
    return Buffer.concat([
      bytes.subarray(0, at),
      ...Array(Math.floor(next() ** 8 * 500)).fill(piece),
      bytes.subarray(at),
    ]);
  },
  (bytes, at, { next, seeds }) => {
    const other = Buffer.from(pick(seeds, next).text);
    return Buffer.concat([bytes.subarray(0, at), other.subarray(Math.floor(next() * other.length))]);
  },
  (bytes, _, { next, seeds }) => Buffer.concat([bytes, Buffer.from(`\n${pick(seeds, next).text}`)]),
];

function mutateBytes(bytes: Buffer, seeds: readonly FlowSeed[], next: Next): Buffer {
  const at = Math.floor(next() * bytes.length);
  return pick(BYTE_MUTATIONS, next)(bytes, at, { next, seeds }).subarray(0, LONGEST);
}
