import type { Selector } from '../../model/selector.ts';
import { EVERYTHING } from '../../model/selector.ts';
import { compareText } from '../../util/compare.ts';
import { type Token, tokenize } from './selector-tokens.ts';

/** A Calico selector as its author wrote it: `==` and `in` stay apart, which the meaning does not tell. */
export type SelectorNode =
  | { readonly op: 'all' | 'global' }
  | { readonly op: 'has'; readonly key: string }
  | { readonly op: Comparison; readonly key: string; readonly value: string }
  | { readonly op: 'in' | 'not in'; readonly key: string; readonly values: readonly string[] }
  | { readonly op: '&&' | '||'; readonly of: readonly SelectorNode[] }
  | { readonly op: '!'; readonly of: SelectorNode };

export type Comparison = '==' | '!=' | 'contains' | 'starts with' | 'ends with';

export type ParsedSelector =
  | { readonly node: SelectorNode }
  /** `at` counts characters from 0. */
  | { readonly error: string; readonly at: number };

/** Deeper nesting than this is refused: no author writes it, and reading it would cost the stack. */
const MAX_NESTING = 200;

/** Leaves the parser's recursion; never leaves this file. */
class NotASelector extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Reads Calico's selector language (P16–P18): `!` binds tightest, then `&&`, then `||`. Blank text is `all()`. */
export function parseSelector(text: string): ParsedSelector {
  const tokens = tokenize(text);
  if ('error' in tokens) return tokens;
  if (tokens.length === 1) return { node: { op: 'all' } };
  try {
    const cursor = new Cursor(tokens);
    const node = parseGroup(cursor, 0);
    cursor.take('end', 'an operator or the end');
    return { node };
  } catch (error) {
    if (error instanceof NotASelector) return { error: error.message, at: error.at };
    throw error;
  }
}

class Cursor {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get token(): Token {
    return this.#tokens[this.#next] as Token;
  }

  /** Steps over the token when it is of this kind. */
  skip(is: Token['is']): boolean {
    if (this.token.is !== is) return false;
    this.#next++;
    return true;
  }

  take(is: Token['is'], wanted: string): Token {
    const { token } = this;
    if (this.skip(is)) return token;
    throw new NotASelector(`${wanted} is expected, found ${shown(token)}`, token.at);
  }

  text(wanted: string): string {
    const token = this.take('string', wanted);
    return 'text' in token ? token.text : '';
  }
}

function shown(token: Token): string {
  if (token.is === 'end') return 'the end';
  return 'text' in token ? `${token.is} "${token.text}"` : `"${token.is}"`;
}

function parseGroup(cursor: Cursor, depth: number): SelectorNode {
  return parseList(cursor, '||', () => parseList(cursor, '&&', () => parseNegated(cursor, depth)));
}

function parseList(cursor: Cursor, op: '&&' | '||', item: () => SelectorNode): SelectorNode {
  const first = item();
  const of = [first];
  while (cursor.skip(op)) of.push(item());
  return of.length === 1 ? first : { op, of };
}

function parseNegated(cursor: Cursor, depth: number): SelectorNode {
  let negated = false;
  while (cursor.skip('!')) negated = !negated;
  const node = parsePrimary(cursor, depth);
  if (!negated) return node;
  return node.op === '!' ? node.of : { op: '!', of: node };
}

function parsePrimary(cursor: Cursor, depth: number): SelectorNode {
  const { token } = cursor;
  if (cursor.skip('all')) return { op: 'all' };
  if (cursor.skip('global')) return { op: 'global' };
  if (token.is === 'has' && cursor.skip('has')) return { op: 'has', key: token.text };
  if (token.is === 'label' && cursor.skip('label')) return parseComparison(cursor, token.text);
  if (!cursor.skip('(')) throw new NotASelector(`a condition is expected, found ${shown(token)}`, token.at);
  if (depth >= MAX_NESTING) throw new NotASelector(`parentheses are nested more than ${MAX_NESTING} deep`, token.at);
  const node = parseGroup(cursor, depth + 1);
  cursor.take(')', 'a closing ")"');
  return node;
}

const COMPARISONS: readonly Comparison[] = ['==', '!=', 'contains', 'starts with', 'ends with'];

/** P20: the right side is always quoted. */
function parseComparison(cursor: Cursor, key: string): SelectorNode {
  for (const op of COMPARISONS) {
    if (cursor.skip(op)) return { op, key, value: cursor.text('a quoted value') };
  }
  for (const op of ['in', 'not in'] as const) {
    if (cursor.skip(op)) return { op, key, values: parseSet(cursor) };
  }
  throw new NotASelector(`an operator is expected after label "${key}", found ${shown(cursor.token)}`, cursor.token.at);
}

/** May be empty and may end with a comma; order and repetition do not count. */
function parseSet(cursor: Cursor): string[] {
  cursor.take('{', 'a set { … }');
  const values = new Set<string>();
  while (cursor.token.is === 'string') {
    values.add(cursor.text('a quoted value'));
    if (!cursor.skip(',')) break;
  }
  cursor.take('}', 'a quoted value or "}"');
  return [...values].sort(compareText);
}

/** What the selector means, as the neutral model says it. `global()` is for the caller to take out before. */
export function toSelector(node: SelectorNode): Selector {
  switch (node.op) {
    case 'all':
    case 'global':
      return EVERYTHING;
    case 'has':
      return { kind: 'has', key: node.key };
    case '&&':
      return { kind: 'and', of: node.of.map(toSelector) };
    case '||':
      return { kind: 'or', of: node.of.map(toSelector) };
    case '!':
      return { kind: 'not', of: toSelector(node.of) };
    case 'in':
    case 'not in':
      return negatedIf(node.op === 'not in', { kind: 'in', key: node.key, values: node.values });
    default:
      return comparisonSelector(node);
  }
}

const KINDS = { contains: 'contains', 'starts with': 'startsWith', 'ends with': 'endsWith' } as const;

function comparisonSelector({ op, key, value }: Extract<SelectorNode, { op: Comparison }>): Selector {
  if (op === '==' || op === '!=') return negatedIf(op === '!=', { kind: 'in', key, values: [value] });
  return { kind: KINDS[op], key, value };
}

/** P19: a label that is missing is unequal to everything. */
function negatedIf(negated: boolean, selector: Selector): Selector {
  return negated ? { kind: 'not', of: selector } : selector;
}
