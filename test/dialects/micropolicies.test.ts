import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PlainObject } from '../../src/dialects/kubernetes/write.ts';
import { renderMicropolicies } from '../../src/dialects/micropolicies/micropolicies.ts';
import { readMicropolicies } from '../../src/dialects/micropolicies/read-micropolicies.ts';
import { formatLocation } from '../../src/model/finding.ts';

const SCENARIOS = join(import.meta.dirname, '../scenarios');
const written = readdirSync(SCENARIOS)
  .map((name) => join(SCENARIOS, name, 'expected/micropolicies.yaml'))
  .filter((file) => existsSync(file));
const shop = readFileSync(join(SCENARIOS, 'learn-scan/expected/micropolicies.yaml'), 'utf8');

function rendered(text: string): string {
  const { document, comments, findings } = readMicropolicies(text);
  expect(findings).toEqual([]);
  return renderMicropolicies(document as PlainObject, comments);
}

test('whatever was written can be read, and is written the same again', () => {
  expect(written.length).toBeGreaterThan(10);
  for (const file of written) {
    const text = readFileSync(file, 'utf8');
    expect(rendered(text)).toBe(text);
  }
});

test('comments of people survive wherever they stand, once each, and stay where they are from then on', () => {
  const lines = shop.trimEnd().split('\n');
  const comment = fc.record({ line: fc.nat(lines.length), trailing: fc.boolean(), indent: fc.nat(8) });
  const property = fc.property(fc.uniqueArray(comment, { selector: ({ line }) => line, maxLength: 12 }), (comments) => {
    const edited = lines.flatMap((line, at) => {
      const own = comments.findIndex((one) => one.line === at);
      if (own < 0) return [line];
      const text = `# said by ${own}: "it's" #fine`;
      const { trailing, indent } = comments[own] as { trailing: boolean; indent: number };
      return trailing && at > 0 ? [`${line}  ${text}`] : [`${' '.repeat(indent)}${text}`, line];
    });
    const first = rendered(`${edited.join('\n')}\n`);
    for (const [own, { line }] of comments.entries()) {
      if (line === lines.length) continue;
      expect(first.split(`# said by ${own}: "it's" #fine`)).toHaveLength(2);
    }
    expect(rendered(first)).toBe(first);
    expect(first.replace(/^ *# said by .*\n/gm, '').replace(/ # said by .*/g, '')).toBe(shop);
  });
  fc.assert(property, { numRuns: 50 });
});

test('a comment above a pair follows the pair, into the list of rejected ones too', () => {
  const { document, comments } = readMicropolicies(shop.replace(/^- id: /m, '# Ask Ann.\n- id: '));
  const [first = {}, ...others] = document.pairs as readonly PlainObject[];
  const moved = renderMicropolicies({ ...document, pairs: others, rejected: [first] }, comments);
  expect(moved).toMatch(/^rejected:\n# Ask Ann\.\n- id: /m);
  const turned = renderMicropolicies({ ...document, pairs: [...others, first] }, comments);
  expect(turned).toContain(`# Ask Ann.\n- id: ${String(first.id)}`);
});

test('comments at what is gone move to what is left of it', () => {
  const { document, comments } = readMicropolicies(shop.replace(/^ {4}port: /m, '    # odd port\n    port: '));
  const [first = {}, ...others] = document.pairs as readonly PlainObject[];
  const ports = [{ protocol: 'TCP', port: 9999 }];
  const text = renderMicropolicies({ ...document, pairs: [{ ...first, ports }, ...others] }, comments);
  expect(text).toContain('  # odd port\n  ports:\n');
});

const SLIPS: readonly [what: string, from: RegExp, to: string, says: RegExp][] = [
  ['a tab', /^ {2}version:/m, '\tversion:', /^policies.yaml:\d+: /],
  [
    'a decision that is none',
    /^ {2}kind: pair/m,
    '  decision: aproved\n  kind: pair',
    /:\d+: pairs\[0\]\.decision: must be/,
  ],
  [
    'a misspelled field',
    /^ {2}kind: pair/m,
    '  decison: approved\n  kind: pair',
    /no field decison; did you mean decision\?/,
  ],
  ['a name in capitals', /^ {2}function: .*/m, '  function: My_API', /function: must be lower case/],
  ['a name that is none', /^ {2}function: .*/m, '  function: [a]', /function: must be text/],
  ['the name of the default deny', /^ {2}function: .*/m, '  function: default-deny', /is the name of the default deny/],
  ['a workload without its kind', /- shop\/Deployment\/api/, '- shop/api', /must be namespace\/Kind\/name/],
  ['a port that is none', /port: 8080/, 'port: 80800', /ports\[0\]\.port: must be at most 65535/],
  ['a protocol that is none', /protocol: TCP/, 'protocol: TPC', /protocol: must be TCP, UDP, SCTP/],
  ['a version that is none', /version: 1\.0\.0/, 'version: "1.0"', /version: must be like 1\.2\.0/],
  ['no pairs', /^pairs:$/m, 'pair:', /pairs: must be a list of pairs/],
  ['another kind', /^kind: Micropolicies/m, 'kind: ConfigMap', /kind: must be Micropolicies/],
];

for (const [what, from, to, says] of SLIPS)
  test(`${what} is a finding with its line`, () => {
    const text = shop.replace(from, to);
    expect(text).not.toBe(shop);
    const { findings, pairs } = readMicropolicies(text, 'policies.yaml');
    expect(pairs).toEqual([]);
    const told = findings.map(({ location, message }) => `${formatLocation(location)}: ${message}`);
    expect(told.join('\n')).toMatch(says);
    const wanted = text.split('\n').findIndex((line, i) => line !== shop.split('\n')[i]) + 1;
    if (what !== 'no pairs') expect(findings.map(({ location }) => location.line)).toContain(wanted);
  });

test('two pairs of one name, and an empty file, are findings', () => {
  const [, first = '', second = ''] = [...shop.matchAll(/^ {2}function: (.*)$/gm)].map(([, name]) => name);
  const { findings } = readMicropolicies(shop.replace(`function: ${second || first}`, 'function: api'));
  expect(findings[0]?.message).toMatch(/function: api is that of another pair/);
  const merge = shop.replace(/^( {2}function: .*\n)/m, '<<<<<<< HEAD\n$1=======\n  function: other\n>>>>>>> theirs\n');
  expect(readMicropolicies(merge, 'm.yaml').findings).toMatchObject([
    { message: 'a merge was not finished here', location: { file: 'm.yaml' } },
  ]);
  expect(readMicropolicies(`${shop}---\na: 1\n`).findings).toMatchObject([
    { message: 'a second document begins here' },
  ]);
  expect(readMicropolicies('').findings[0]?.message).toBe('the file holds no mapping');
});
