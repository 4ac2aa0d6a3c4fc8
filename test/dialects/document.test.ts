import { describe, expect, test } from 'vitest';
import { readDocuments } from '../../src/dialects/document/document.ts';
import { formatLocation } from '../../src/model/finding.ts';

function read(text: string) {
  const { documents, findings } = readDocuments({ name: 'file.yaml', text });
  return { values: documents.map(({ value }) => value), findings, documents };
}

/** `rule file:line` of every finding. */
function complaints(text: string): string[] {
  return read(text).findings.map(({ rule, location }) => `${rule} ${formatLocation(location)}`);
}

describe('documents', () => {
  test.each([
    ['one document', 'a: 1\n', [{ a: 1 }]],
    [
      'several, with markers, comments and empty ones',
      '---\n# only words\n---\na: 1\n---\n---\nb: 2\n...\n',
      [{ a: 1 }, { b: 2 }],
    ],
    ['content on the line of the marker', '--- {a: 1}\n--- {b: 2}', [{ a: 1 }, { b: 2 }]],
    ['a directive', '%YAML 1.1\n---\nyes: no\n', [{ yes: 'no' }]],
    ['Windows line ends and a byte order mark', '\uFEFFa: 1\r\n---\r\nb: 2\r\n', [{ a: 1 }, { b: 2 }]],
    ['JSON', '{"a": [1, {"b": null}]}', [{ a: [1, { b: null }] }]],
    ['a marker inside an indented block is text', 'a: |\n  ---\n  x\n', [{ a: '---\nx\n' }]],
    ['rulers in comments', `# ${'-'.repeat(500)}\na: 1 # ${'[ '.repeat(50)}\n`, [{ a: 1 }]],
    ['nothing', '', []],
    ['only null', '---\n~\n', []],
  ])('%s', (_, text, values) => {
    const found = read(text);
    expect(found.findings).toEqual([]);
    expect(found.values).toEqual(values);
  });

  test('an unfinished merge is told once, at its lines', () => {
    const merge = '<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n';
    expect(complaints(`${merge}b: 1\n${merge}`)).toEqual([
      'unfinished-merge file.yaml:1',
      'unfinished-merge file.yaml:7',
    ]);
    expect(complaints('text: |\n  <<<<<<< HEAD\n  >>>>>>> other\n')).toEqual([]);
  });

  test('YAML 1.2: y, n, on, yes and no are text, and so is a quoted number', () => {
    expect(read('a: [y, n, on, off, yes, no, "1", 1, true]').values).toEqual([
      { a: ['y', 'n', 'on', 'off', 'yes', 'no', '1', 1, true] },
    ]);
  });

  test('lists become their items, also typed lists and bare arrays', () => {
    const item = { apiVersion: 'v1', kind: 'Pod', x: 1 };
    expect(read(JSON.stringify({ kind: 'List', items: [item, item] })).values).toEqual([item, item]);
    expect(read(JSON.stringify([item])).values).toEqual([item]);
    expect(read('apiVersion: v1\nkind: PodList\nitems: [{x: 1}]').values).toEqual([item]);
  });

  test('every value has its place, also inside lists', () => {
    const { documents } = read('a: 1\n---\nkind: List\nitems:\n- name: x\n- name: y\n  deep:\n    - 1\n    - 2\n');
    expect(formatLocation(documents[2]?.locate(['deep', 1]) as never)).toBe('file.yaml:9 (document 2)');
    expect(documents[2]?.locate(['name', 'absent']).line).toBe(6);
  });
});

describe('what is refused', () => {
  test.each([
    ['a key given twice', 'a: 1\nb: 2\na: 3\n', ['duplicate-field file.yaml:3']],
    ['broken YAML, and only that document', 'a: [1\n---\nb: 2\n', ['not-yaml file.yaml:2']],
    ['a tab', 'a:\n\tb: 1\n', ['not-yaml file.yaml:2']],
    ['an unknown tag', 'a: !python/object x\n', ['not-yaml file.yaml:1']],
    ['an alias without anchor', 'a: *b\n', ['alias-refused file.yaml:1']],
  ])('%s', (_, text, expected) => {
    expect(complaints(text)).toEqual(expected);
  });

  test('aliases that multiply', () => {
    const levels = Array.from(
      { length: 9 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`,
    );
    expect(complaints(`l0: &l0 [x]\n${levels.join('\n')}\n`)).toEqual(['alias-refused file.yaml:1']);
  });

  test('nesting without end, however deep', () => {
    const shapes = [
      (depth: number) => '['.repeat(depth) + ']'.repeat(depth),
      (depth: number) => `${'- '.repeat(depth)}a`,
      (depth: number) => Array.from({ length: Math.min(depth, 2000) }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
    ];
    for (const shape of shapes) {
      for (const depth of [200, 1000, 100_000]) {
        expect(complaints(shape(depth))).toEqual(['nested-too-deep file.yaml:1']);
      }
    }
  });

  test('oversized documents, at once', () => {
    const start = performance.now();
    expect(complaints(`a: ${'x'.repeat(11 * 1024 * 1024)}`)).toEqual(['document-too-large file.yaml:1']);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

test('a line with thousands of faults costs as much for each of them as one with few', () => {
  const text = `{"a": [${'{"b": "c" "d"} '.repeat(20_000)}]}`;
  const start = process.cpuUsage();
  const { findings } = readDocuments({ name: 'p.yaml', text });
  const { user } = process.cpuUsage(start);
  expect(findings).toHaveLength(20);
  expect(findings[0]).toMatchObject({ rule: 'not-yaml', location: { line: 1 } });
  // Two seconds; a minute while every fault quoted its line.
  expect(user / 1e6).toBeLessThan(20);
});
