import {
  isAlias,
  isCollection,
  isMap,
  isPair,
  LineCounter,
  parseDocument,
  visit,
  type Document as YamlDocument,
} from 'yaml';
import type { Finding, Location } from '../../model/finding.ts';
import { conflictMarkers } from '../../util/conflict-markers.ts';
import { mayNestDeeper } from './depth.ts';

/** A text that may hold policies, as it was read from a file or from standard input. */
export interface SourceText {
  readonly name: string;
  readonly text: string;
}

/** Where a value stands inside its document: field names and list positions. */
export type Path = readonly (string | number)[];

/** One Kubernetes object with its place. Items of a `List` are objects of their own that share a document number. */
export interface PolicyDocument {
  readonly value: unknown;
  /** The place of a value inside this object; the nearest parent that exists when there is none at `path`. */
  locate(path: Path): Location;
}

/** Documents larger than this are refused: a policy is a page long, and a list of 10,000 of them stays below. */
const MAX_DOCUMENT_CHARACTERS = 10 * 1024 * 1024;
const MAX_DOCUMENTS = 20_000;
const MAX_DEPTH = 100;
/** Brackets in quoted text may add to the real depth, so this is looser. */
const MAX_APPARENT_DEPTH = 300;
const MAX_ALIASES = 100;

export interface Documents {
  readonly documents: readonly PolicyDocument[];
  readonly findings: readonly Finding[];
}

/**
 * Splits YAML 1.2 or JSON into its documents and lists into their items. Every document stands alone: a fault in one
 * costs that one only. Aliases that multiply, deep nesting and oversized documents are refused with a finding.
 */
export function readDocuments(source: SourceText): Documents {
  const documents: PolicyDocument[] = [];
  const findings: Finding[] = [];
  const conflicts = conflictMarkers(source.text);
  if (conflicts.length > 0) return { documents, findings: conflicts.map((line) => unfinishedMerge(source.name, line)) };
  const chunks = splitDocuments(source.text.replace(/^\uFEFF/, ''));
  for (const [index, chunk] of chunks.slice(0, MAX_DOCUMENTS).entries()) {
    const place: Location = { file: source.name, document: index + 1, line: chunk.line };
    const read = readChunk(chunk, place);
    if (Array.isArray(read)) findings.push(...read);
    else if (read.value !== null && read.value !== undefined) documents.push(...listItems(read));
  }
  if (chunks.length > MAX_DOCUMENTS) {
    const location: Location = { file: source.name, document: MAX_DOCUMENTS + 1, line: 0 };
    const message = `the file holds ${chunks.length} documents, more than ${MAX_DOCUMENTS}`;
    findings.push(refusal('too-many-documents', message, 'Split the file.', location));
  }
  return { documents, findings };
}

function unfinishedMerge(file: string, line: number): Finding {
  const remedy = 'Keep one of both versions, or restore the file from Git.';
  return refusal('unfinished-merge', 'a merge was not finished here', remedy, { file, document: 1, line });
}

interface Chunk {
  readonly text: string;
  /** Line of the file at which the chunk starts, from 1. */
  readonly line: number;
}

/**
 * Cuts at the markers `---` and `...`, which YAML reserves at the start of a line whatever surrounds them. The marker
 * of a document's start stays, because content may follow it on its line. Chunks without content are left out.
 */
function splitDocuments(text: string): Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let line = 1;
  const close = (end: number): void => {
    const part = text.slice(start, end);
    if (/^(?!---(?:\s|$)|\.\.\.|%|\s*(?:#|\r?$))|^---[^\S\r\n]+[^\s#]/m.test(part)) chunks.push({ text: part, line });
    line += countLines(part);
    start = end;
  };
  for (const marker of text.matchAll(/^(?:---|\.\.\.)(?=\s|$)/gm)) close(marker.index);
  close(text.length);
  return chunks;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}

function readChunk(chunk: Chunk, place: Location): PolicyDocument | Finding[] {
  if (chunk.text.length > MAX_DOCUMENT_CHARACTERS) {
    const message = `the document is larger than ${MAX_DOCUMENT_CHARACTERS / 1024 / 1024} MB`;
    return [refusal('document-too-large', message, 'Keep policies in documents of their own.', place)];
  }
  if (mayNestDeeper(chunk.text, MAX_APPARENT_DEPTH)) return [tooDeep(place)];
  const lines = new LineCounter();
  const lineAt = (offset: number): number => chunk.line + Math.max(1, lines.linePos(offset).line) - 1;
  try {
    const yaml = parseDocument(chunk.text.replace(/^\.\.\./, '   '), {
      lineCounter: lines,
      version: '1.2',
      logLevel: 'silent',
      // Each error would quote its line, which takes minutes where one line of a megabyte holds a thousand of them.
      prettyErrors: false,
    });
    const problems = [...yaml.errors, ...yaml.warnings];
    if (problems.length > 0) {
      return problems.slice(0, 20).map((problem) => {
        const location = { ...place, line: lineAt(problem.pos[0]) };
        const rule = problem.code === 'DUPLICATE_KEY' ? 'duplicate-field' : 'not-yaml';
        return refusal(rule, firstLine(problem.message), remedyOf(problem.code), location);
      });
    }
    if (depthOf(yaml.contents) > MAX_DEPTH) return [tooDeep(place)];
    const key = collectionKey(yaml);
    if (key !== undefined) return [strangeKey({ ...place, line: lineAt(key) })];
    const value: unknown = yaml.toJS({ maxAliasCount: MAX_ALIASES });
    return { value, locate: (path) => ({ ...place, line: lineAt(offsetOf(yaml, path)) }) };
  } catch (error) {
    return [error instanceof RangeError ? tooDeep(place) : aliasRefusal(error, place)];
  }
}

function tooDeep(place: Location): Finding {
  return refusal('nested-too-deep', `values are nested more than ${MAX_DEPTH} deep`, 'No policy needs that.', place);
}

function strangeKey(place: Location): Finding {
  return refusal(
    'not-a-name',
    'a field name is a list or a mapping',
    'Write the name as text; render {{ templates }} first.',
    place,
  );
}

/** Where a key stands that is a collection: YAML allows it, and turning nested ones into text grows without bounds. */
function collectionKey(yaml: YamlDocument.Parsed): number | undefined {
  let found: number | undefined;
  visit(yaml, {
    Pair(_, { key }) {
      if (!isCollection(key)) return undefined;
      found = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

/** `toJS` refuses an alias that has no anchor and aliases whose expansion exceeds the limit. */
function aliasRefusal(error: unknown, place: Location): Finding {
  if (!(error instanceof ReferenceError || error instanceof SyntaxError)) throw error;
  return refusal('alias-refused', firstLine(error.message), 'Write the repeated values out.', place);
}

function remedyOf(code: string): string {
  if (code === 'DUPLICATE_KEY') return 'Keep one of the two; the other would be ignored.';
  if (code === 'TAB_AS_INDENT') return 'Indent with spaces.';
  return 'Correct the YAML at this place.';
}

function firstLine(message: string): string {
  return message.replace(/ at line \d+, column \d+:?[\s\S]*$/, '').split('\n', 1)[0] ?? '';
}

function refusal(rule: string, message: string, remedy: string, location: Location): Finding {
  return { severity: 'error', rule, message, remedy, location };
}

/** Nesting of collections, followed only as far as the limit so that the answer is always quick and safe. */
function depthOf(root: unknown): number {
  let level: unknown[] = [root];
  let depth = 0;
  for (; depth <= MAX_DEPTH; depth++) {
    level = level.flatMap((node) => (isPair(node) ? [node.key, node.value] : [node])).filter(isCollection);
    if (level.length === 0) return depth;
    level = level.flatMap((node) => (isCollection(node) ? node.items : []));
  }
  return depth;
}

function offsetOf(yaml: YamlDocument.Parsed, path: Path): number {
  let node: unknown = yaml.contents;
  let offset = yaml.contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(yaml);
    if (!isCollection(node)) break;
    const pair = isMap(node) ? node.items.find(({ key }) => textOf(key) === String(step)) : undefined;
    const next: unknown = pair ? pair.key : node.items[Number(step)];
    const range = (next as { range?: readonly number[] | null } | undefined)?.range;
    if (!range) break;
    offset = range[0] ?? offset;
    node = pair ? pair.value : next;
  }
  return offset;
}

function textOf(key: unknown): string {
  return String((key as { value?: unknown } | null)?.value ?? key);
}

/** `kubectl get … -o yaml|json` wraps objects in a `List`; JSON exports may be a bare array of objects. */
function listItems(document: PolicyDocument): PolicyDocument[] {
  const { value } = document;
  if (Array.isArray(value) && value.length > 0 && value.every(looksLikeObject)) return itemsAt(document, value, []);
  const list = value as { kind?: unknown; items?: unknown };
  if (typeof list.kind !== 'string' || !list.kind.endsWith('List') || !Array.isArray(list.items)) return [document];
  return itemsAt(document, list.items, ['items']).map((item) => withKind(item, list as Record<string, unknown>));
}

function looksLikeObject(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'kind' in item && 'apiVersion' in item;
}

function itemsAt(document: PolicyDocument, items: readonly unknown[], prefix: Path): PolicyDocument[] {
  return items.map((value, index) => ({ value, locate: (path) => document.locate([...prefix, index, ...path]) }));
}

/** Items of a typed list (`NetworkPolicyList`) may leave out what the list already says. */
function withKind(item: PolicyDocument, list: Record<string, unknown>): PolicyDocument {
  const { value } = item;
  if (list.kind === 'List' || typeof value !== 'object' || value === null || 'kind' in value) return item;
  return { ...item, value: { apiVersion: list.apiVersion, kind: String(list.kind).slice(0, -4), ...value } };
}
