import { type Document, isMap, isNode, isScalar, isSeq, Lexer, LineCounter, parseDocument, type YAMLMap } from 'yaml';
import { appendTo } from '../../util/append-to.ts';

/** A comment that a person wrote into generated YAML. */
export interface YamlComment {
  /** From `#` on. */
  readonly text: string;
  /** Keys and list items on the way to the line that it belongs to; empty = the end of the text. */
  readonly anchor: readonly string[];
  /** Behind a value, not on a line of its own. */
  readonly trailing: boolean;
}

/** A YAML text with the lines of its values. */
export interface LinedYaml {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
}

/** Parses YAML and keeps where everything stands; problems are in `document.errors`. */
export function parseLined(text: string): LinedYaml {
  const lines = new LineCounter();
  return { text, document: parseDocument(text, { lineCounter: lines, logLevel: 'error' }), lines };
}

/**
 * All comments but those `isOurs` claims. A comment on a line of its own belongs to the line that follows it. List
 * items are known by what identifies them, not by position, and those with an `id` wherever they stand: their comments
 * follow them.
 */
export function commentsOf(yaml: LinedYaml, isOurs: (comment: string) => boolean): YamlComment[] {
  const found: YamlComment[] = [];
  let places: Place[] | undefined;
  for (const { offset, text } of lexComments(yaml.text)) {
    if (isOurs(text)) continue;
    places ??= placesOf(yaml);
    const { line, col } = yaml.lines.linePos(offset);
    const trailing = yaml.text.slice(offset - col + 1, offset).trim() !== '';
    const place = trailing
      ? places.findLast((candidate) => candidate.line <= line)
      : places.find((candidate) => candidate.line > line);
    found.push({ text: text.trimEnd(), anchor: place?.path ?? [], trailing });
  }
  return found;
}

/** Puts comments back to what they belong to, or to what is left of its surroundings. */
export function withComments(text: string, comments: readonly YamlComment[]): string {
  if (comments.length === 0) return text;
  const lineOf = new Map<string, number>();
  for (const { line, path } of placesOf(parseLined(text))) if (!lineOf.has(keyOf(path))) lineOf.set(keyOf(path), line);
  const lines = text.replace(/\n$/, '').split('\n');
  const above = new Map<number, string[]>();
  for (const { text: comment, anchor, trailing } of comments) {
    const exact = lineOf.get(keyOf(anchor));
    if (trailing && exact !== undefined) {
      lines[exact - 1] += ` ${comment}`;
      continue;
    }
    const at = anchor.length === 0 ? lines.length + 1 : nearestLine(lineOf, anchor);
    appendTo(above, at, comment);
  }
  const indented = (line: string, own: readonly string[]): string[] => {
    const indent = /^ */.exec(line)?.[0] ?? '';
    return [...own.map((comment) => `${indent}${comment}`), line];
  };
  const body = lines.flatMap((line, i) => indented(line, above.get(i + 1) ?? []));
  return `${[...body, ...(above.get(lines.length + 1) ?? [])].join('\n')}\n`;
}

/** The line of the longest part of the way that still exists; else the first. */
function nearestLine(lineOf: ReadonlyMap<string, number>, anchor: readonly string[]): number {
  for (let length = anchor.length; length > 0; length -= 1) {
    const line = lineOf.get(keyOf(anchor.slice(0, length)));
    if (line !== undefined) return line;
  }
  return Math.min(...lineOf.values());
}

function keyOf(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** Comments with their offsets. The lexer tells a `#` in text from one that starts a comment. */
function* lexComments(text: string): Generator<{ readonly offset: number; readonly text: string }> {
  let offset = 0;
  let isText = false;
  for (const lexeme of new Lexer().lex(text)) {
    if (lexeme.length === 1 && MARKERS.has(lexeme)) {
      isText = lexeme === TEXT_FOLLOWS;
      continue;
    }
    if (lexeme.startsWith('#') && !isText) yield { offset, text: lexeme };
    isText = false;
    offset += lexeme.length;
  }
}

/** What the lexer says between pieces of the text. */
const TEXT_FOLLOWS = '\u001f';
const MARKERS = new Set(['\u0002', '\u0018', TEXT_FOLLOWS]);

interface Place {
  /** From 1. */
  readonly line: number;
  readonly path: readonly string[];
}

/** The outermost value that starts on each line, in order. */
function placesOf({ document, lines }: LinedYaml): Place[] {
  const places = new Map<number, Place>();
  const add = (node: unknown, path: readonly string[]): void => {
    const start = isNode(node) ? node.range?.[0] : undefined;
    if (start === undefined) return;
    const { line } = lines.linePos(start);
    if (!places.has(line)) places.set(line, { line, path });
  };
  const walk = (node: unknown, path: readonly string[]): void => {
    if (isMap(node))
      for (const { key, value } of node.items) {
        const own = [...path, textOf(key)];
        add(key, own);
        walk(value, own);
      }
    if (!isSeq(node)) return;
    const counts = new Map<string, number>();
    for (const item of node.items) {
      const name = identityOf(item);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      const own = hasId(item) ? [name] : [...path, count === 1 ? name : `${name} ${count}`];
      add(item, own);
      walk(item, own);
    }
  };
  walk(document.contents, []);
  return [...places.values()].sort((a, b) => a.line - b.line);
}

/** Fields that say which item of a list this is; the others say something about it. */
const IDENTITY = 'what rule workload client server protocol port namespace side message'.split(' ');

function identityOf(item: unknown): string {
  if (hasId(item)) return String(item.get('id'));
  if (!isMap(item)) return textOf(item);
  return IDENTITY.map((field) => String(item.get(field) ?? '')).join(' ');
}

function hasId(item: unknown): item is YAMLMap {
  return isMap(item) && item.has('id');
}

function textOf(node: unknown): string {
  return String(isScalar(node) ? node.value : node);
}
