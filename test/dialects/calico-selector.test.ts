import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSelector, toSelector } from '../../src/dialects/calico/selector-syntax.ts';
import { canonicalText, selectorText } from '../../src/dialects/calico/selector-text.ts';
import { type Selector, selects } from '../../src/model/selector.ts';

function parsed(text: string): Selector {
  const result = parseSelector(text);
  if ('error' in result) throw new Error(`${text}: ${result.error}`);
  return toSelector(result.node);
}

function picks(text: string, labels: Record<string, string>): boolean {
  return selects(parsed(text), new Map(Object.entries(labels)));
}

describe('the selector language', () => {
  test.each([
    ['P16', 'a\t==\t"b"', { a: 'b' }, true],
    ['P16', 'projectcalico.org/a_b-c.d == "x"', { 'projectcalico.org/a_b-c.d': 'x' }, true],
    ['P16', 'a == \'say "hi"\'', { a: 'say "hi"' }, true],
    ['P16', 'in in {"in"}', { in: 'in' }, true],
    ['P16', 'has == "x" && all != "y"', { has: 'x' }, true],
    ['P17', 'all()', {}, true],
    ['P17', 'has( a )', { a: '' }, true],
    ['P17', 'a in {}', { a: '' }, false],
    ['P17', 'a not in {}', {}, true],
    ['P17', 'a in {"x","y",}', { a: 'y' }, true],
    ['P17', 'a notin {"x"}', { a: 'y' }, true],
    ['P17', 'a contains "b"', { a: 'abc' }, true],
    ['P17', 'a starts  with "ab"', { a: 'abc' }, true],
    ['P17', 'a startswith "b"', { a: 'abc' }, false],
    ['P17', 'a endswith "bc"', { a: 'abc' }, true],
    ['P18', '!!has(a)', { a: '' }, true],
    ['P18', '!has(a) && !has(b) || has(c)', { a: '', c: '' }, true],
    ['P18', '!has(a) && (!has(b) || has(c))', { a: '', c: '' }, false],
    ['P18', 'has(c) || has(a) && has(b)', { c: '' }, true],
    ['P18', ' \t', { any: 'thing' }, true],
    ['P19', 'a != "x"', {}, true],
    ['P19', 'a not in {"x"}', {}, true],
    ['P19', 'a == ""', {}, false],
    ['P19', 'a == ""', { a: '' }, true],
    ['P20', '!a == "x"', { a: 'y' }, true],
    ['P20', '!a == "x"', { a: 'x' }, false],
  ])('%s: %s picks %j: %s', (_, text, labels, expected) => {
    expect(picks(text, labels as Record<string, string>)).toBe(expected);
  });

  test.each([
    ['has(k', 0, 'not a complete'],
    ['a == b', 5, 'a quoted value is expected'],
    ['a = "b"', 2, 'write "=="'],
    ['a == "b', 5, 'not closed'],
    ['a\n== "b"', 1, 'not understood'],
    ['a "b"', 2, 'an operator is expected after label "a"'],
    ['a in "b"', 5, 'a set'],
    ['a in {"b"', 9, '"}"'],
    ['(has(a)', 7, 'a closing ")"'],
    ['has(a) has(b)', 7, 'an operator or the end'],
    [`${'('.repeat(300)}has(a)${')'.repeat(300)}`, 200, 'nested'],
    [`${'a'.repeat(513)} == "b"`, 0, 'not understood'],
  ])('refuses %s at character %i', (text, at, message) => {
    const result = parseSelector(text);
    expect(result).toMatchObject({ at });
    expect('error' in result && result.error).toContain(message);
  });

  test('P22: the canonical text is one for all spellings', () => {
    const spellings = ['a in {"y","x"} && !!has(b)', "(a in {'x', 'y', 'x',} && has(b))"];
    const texts = spellings.map((text) => {
      const result = parseSelector(text);
      return 'node' in result ? canonicalText(result.node) : result.error;
    });
    expect(texts).toEqual(['(a in {"x", "y"} && has(b))', '(a in {"x", "y"} && has(b))']);
  });
});

const key = fc.constantFrom('a', 'b', 'x.io/c');
const value = fc.constantFrom('', 'one', 'two', "it's", 'say "hi"');
const { selector } = fc.letrec<{ selector: Selector; leaf: Selector }>((tie) => ({
  selector: fc.oneof(
    { depthSize: 'small' },
    tie('leaf'),
    fc.record({
      kind: fc.constantFrom('and' as const, 'or' as const),
      of: fc.array(tie('selector'), { maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('selector') }),
  ),
  leaf: fc.oneof(
    fc.record({ kind: fc.constant('has' as const), key }),
    fc.record({ kind: fc.constant('in' as const), key, values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ kind: fc.constantFrom('contains' as const, 'startsWith' as const, 'endsWith' as const), key, value }),
  ),
}));
const labels = fc.dictionary(key, value).map((entries) => new Map(Object.entries(entries)));

test('what is written means the same when it is read', { timeout: 240_000 }, () => {
  fc.assert(
    fc.property(selector, fc.array(labels, { minLength: 1, maxLength: 8 }), (written, samples) => {
      const read = parsed(selectorText(written));
      for (const sample of samples) expect(selects(read, sample)).toBe(selects(written, sample));
    }),
    { numRuns: 500 },
  );
});

test('a value with both kinds of quotes cannot be written', () => {
  expect(() => selectorText({ kind: 'in', key: 'a', values: [`'"`] })).toThrow('both kinds of quotes');
});

test('no text makes the parser fail in any other way than by saying what is wrong', { timeout: 240_000 }, () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '"b"',
    "'",
    '==',
    '!=',
    '!',
    '&&',
    '||',
    '(',
    ')',
    '{',
    '}',
    ',',
    'in',
    'not',
    'has(',
    'all()',
    'global()',
    'with',
    'starts',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const result = parseSelector(pieces.join(''));
      if ('node' in result) expect(parseSelector(canonicalText(result.node))).toEqual({ node: result.node });
      else expect(result.at).toBeLessThanOrEqual(pieces.join('').length);
    }),
    { numRuns: 2000 },
  );
});
