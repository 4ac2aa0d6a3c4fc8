import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { yamlText } from '../../src/dialects/yaml-text.ts';

function byLibrary(value: unknown): string {
  return stringify(value, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false, indentSeq: false });
}

const WORDS = [
  'y',
  'No',
  'on',
  'null',
  '~',
  '',
  '012',
  '0x1f',
  '12:30',
  '1.0.0',
  '1e3',
  '8514c65368e2',
  '-',
  '- a',
  'a: b',
];
const MORE = [
  'a #b',
  '#b',
  '<<',
  '=',
  '*',
  '&a',
  '!x',
  '{}',
  '[a]',
  ' a',
  'a ',
  'a\nb',
  'a\n',
  '\ta',
  'a\u0000',
  'größe',
  '店',
];
const TIMES = [
  '2026-01-05T00:00:18.127Z',
  '2026-01-05',
  '.inf',
  '.',
  'a.',
  'a-',
  'a,',
  'x/y(z)',
  '10.0.0.0/8',
  '::1/128',
  '"a"',
];
const text = fc.oneof(
  fc.constantFrom(...WORDS, ...MORE, ...TIMES),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.stringMatching(/^[A-Za-z][-A-Za-z0-9 ,._/()]{0,8}$/),
  fc.string({ minLength: 60, maxLength: 200 }),
);
const scalar = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constantFrom(null, undefined, -0, 1e21, 1e-7),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(text, tie('tree'), { maxKeys: 4 }),
  ),
}));

test('what is written without the library is what the library writes', () => {
  fc.assert(
    fc.property(tree, (value) => {
      expect(yamlText(value)).toBe(byLibrary(value));
    }),
    { numRuns: RUNS },
  );
});

const RUNS = Number(process.env.YAML_RUNS ?? 500);

test('mappings, lists and what is empty stand as people write them', () => {
  const value = { a: [{ b: 1, c: [[1, 2], []], d: {} }, 'y'], e: { f: [], g: undefined }, h: {} };
  expect(yamlText(value)).toBe(byLibrary(value));
  expect(yamlText(value)).toBe('a:\n- b: 1\n  c:\n  - - 1\n    - 2\n  - []\n  d: {}\n- "y"\ne:\n  f: []\nh: {}\n');
});
