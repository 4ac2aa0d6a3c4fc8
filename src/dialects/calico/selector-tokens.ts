/** A token of Calico's selector language. */
export type Token =
  | { readonly is: 'label' | 'has' | 'string'; readonly text: string; readonly at: number }
  | { readonly is: Mark | Operator | 'end'; readonly at: number };

type Mark = '(' | ')' | '{' | '}' | ',' | '==' | '!=' | '!' | '&&' | '||' | 'all' | 'global';
export type Operator = 'contains' | 'starts with' | 'ends with' | 'in' | 'not in';

const MARKS: readonly Mark[] = ['==', '!=', '&&', '||', '(', ')', '{', '}', ',', '!'];
const OPERATORS: readonly (readonly [RegExp, Operator])[] = [
  [/contains/y, 'contains'],
  [/starts[ \t]*with/y, 'starts with'],
  [/ends[ \t]*with/y, 'ends with'],
  [/not[ \t]*in/y, 'not in'],
  [/in/y, 'in'],
];
const CALL = /(all|global)\([ \t]*\)/y;
const HAS = /has\([ \t]*([A-Za-z0-9_./-]{1,512})[ \t]*\)/y;
const LABEL = /[A-Za-z0-9_./-]+/y;
const STRING = /"[^"]*"|'[^']*'/y;

/** Longest label name the language allows. */
const MAX_LABEL = 512;

/**
 * Cuts a selector into tokens (P16), or says at which character it stops being one. Only spaces and tabs separate.
 * Words such as `in` and `contains` are operators only after a label, so labels may be called the same.
 */
export function tokenize(text: string): readonly Token[] | { readonly error: string; readonly at: number } {
  const tokens: Token[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const found = nextToken(text, at, tokens.at(-1)?.is === 'label');
    if (found === undefined) return { error: complaint(text, at), at };
    tokens.push(found.token);
    at = found.end;
  }
  tokens.push({ is: 'end', at: text.length });
  return tokens;
}

function skipBlanks(text: string, at: number): number {
  let next = at;
  while (text[next] === ' ' || text[next] === '\t') next++;
  return next;
}

interface Found {
  readonly token: Token;
  readonly end: number;
}

function nextToken(text: string, at: number, afterLabel: boolean): Found | undefined {
  const mark = MARKS.find((one) => text.startsWith(one, at));
  if (mark !== undefined) return { token: { is: mark, at }, end: at + mark.length };
  const quoted = matchAt(STRING, text, at)?.[0];
  if (quoted !== undefined) {
    return { token: { is: 'string', text: quoted.slice(1, -1), at }, end: at + quoted.length };
  }
  return afterLabel ? operatorAt(text, at) : wordAt(text, at);
}

function operatorAt(text: string, at: number): Found | undefined {
  for (const [expression, is] of OPERATORS) {
    const found = matchAt(expression, text, at);
    if (found) return { token: { is, at }, end: at + found[0].length };
  }
  return undefined;
}

function wordAt(text: string, at: number): Found | undefined {
  const has = matchAt(HAS, text, at);
  if (has) return { token: { is: 'has', text: has[1] as string, at }, end: at + has[0].length };
  const call = matchAt(CALL, text, at);
  if (call) return { token: { is: call[1] as 'all' | 'global', at }, end: at + call[0].length };
  const label = matchAt(LABEL, text, at)?.[0];
  if (label === undefined || label.length > MAX_LABEL || isBrokenCall(text, at)) return undefined;
  return { token: { is: 'label', text: label, at }, end: at + label.length };
}

/** A call that is not complete must not pass for a label of that name. */
function isBrokenCall(text: string, at: number): boolean {
  return /^(has|all|global)\(/.test(text.slice(at, at + 7));
}

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | null {
  expression.lastIndex = at;
  return expression.exec(text);
}

function complaint(text: string, at: number): string {
  const rest = text.slice(at, at + 20);
  if (/^["']/.test(rest)) return `the string ${rest} is not closed`;
  if (/^[=&|]/.test(rest)) return `"${rest[0]}" stands alone, write "${rest[0]}${rest[0]}"`;
  if (isBrokenCall(text, at)) return `"${rest}" is not a complete has(label), all() or global()`;
  return `"${rest}" is not understood`;
}
