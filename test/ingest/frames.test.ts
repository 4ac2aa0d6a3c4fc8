import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame, Framer, framesOf } from '../../ingest/frames/frames.ts';

const text = (input: string, limit?: number) => framesOf(Buffer.from(input), limit);
const values = (frames: readonly Frame[]) => frames.map(({ value }) => value);
/** `value` or the reason of a reject, with the line. */
const brief = (frames: readonly Frame[]) =>
  frames.map((frame) => [frame.line, frame.value === undefined ? frame.reason : JSON.stringify(frame.value)]);

function framesInPieces(bytes: Buffer, cuts: readonly number[], limit?: number): Frame[] {
  const framer = new Framer(limit);
  const frames: Frame[] = [];
  const drain = () => {
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) frames.push(frame);
  };
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  for (let i = 1; i < places.length; i++) {
    framer.feed(bytes.subarray(places[i - 1], places[i]));
    drain();
  }
  framer.end();
  drain();
  return frames;
}

describe('framing', () => {
  it('reads one object a line, with byte order mark, blank lines and either line end', () => {
    expect(brief(text('\ufeff{"a":1}\r\n\n  {"a":2}\n{"a":3}'))).toEqual([
      [1, '{"a":1}'],
      [3, '{"a":2}'],
      [4, '{"a":3}'],
    ]);
  });

  it('knows where each record stands', () => {
    const input = '{"a":1}\n {"a":2},\n';
    const places = text(input).map(({ start, end }) => input.slice(start, end));
    expect(places).toEqual(['{"a":1}', '{"a":2}']);
  });

  it.each([
    ['several on a line', '{"a":1}{"a":2} {"a":3},{"a":4}\n'],
    ['an array on one line', '[{"a":1},{"a":2},{"a":3},{"a":4}]'],
    ['an array over lines', '[\n  {"a":1},\n  {"a":2}\n  ,{"a":3},\n{\n"a": 4\n}\n]\n'],
    ['arrays in arrays', '[[{"a":1},{"a":2}],[{"a":3}],{"a":4}]\n'],
    ['records separated as in RFC 7464', '\x1e{"a":1}\n\x1e{"a":2}\n\x1e{"a":3}\n\x1e{"a":4}\n'],
    ['pretty-printed', [1, 2, 3, 4].map((a) => JSON.stringify({ a }, null, 2)).join('\n')],
  ])('reads %s', (_, input) => {
    expect(values(text(input))).toEqual([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]);
  });

  it('hands on lines of text, also those that begin with a bracket', () => {
    const lines = ['version account-id', '2 123 eni-1', '[2026-01-01T00:00:00Z] "GET / HTTP/1.1" 200', ',,x'];
    expect(values(text(lines.join('\n')))).toEqual(lines);
  });

  it('takes prefixes of container logs off and joins what the kubelet split', () => {
    const lines = [
      '2026-01-01T00:00:00.1Z stdout F {"a":1}',
      '2026-01-01T00:00:00.2Z stdout P {"a":',
      '2026-01-01T00:00:00.2Z stderr F plain',
      '2026-01-01T00:00:00.2Z stdout P ',
      '2026-01-01T00:00:00.2Z stdout F 2}',
      '2026-01-01T00:00:00.3Z stdout P {"a":3',
    ];
    expect(brief(text(lines.join('\n')))).toEqual([
      [1, '{"a":1}'],
      [3, '"plain"'],
      [2, '{"a":2}'],
      [6, 'truncated'],
    ]);
  });

  it('rejects a broken record and goes on with the next', () => {
    const input = '{"a":1}\n{"a":\n{"a":2}\n{"a":"cut\n{"a":3}\n{"a":[1,\n{"a":4}\n{"a":5}\n{"a" 6}\n{"a":7}\n';
    expect(brief(text(input))).toEqual([
      [1, '{"a":1}'],
      [2, 'not-json'],
      [3, '{"a":2}'],
      [4, 'not-json'],
      [5, '{"a":3}'],
      [6, 'not-json'],
      [7, '{"a":4}'],
      [8, '{"a":5}'],
      [9, 'not-json'],
      [10, '{"a":7}'],
    ]);
  });

  it('counts a broken pretty-printed object once', () => {
    expect(brief(text('{\n  "a": {\n    "b": "x,\n    "c": 1\n  }\n}\n{"a":1}\n'))).toEqual([
      [1, 'not-json'],
      [7, '{"a":1}'],
    ]);
  });

  it('says when the input ends in the middle of a record', () => {
    expect(brief(text('{"a":1}\n{"a":{"b":'))).toEqual([
      [1, '{"a":1}'],
      [2, 'truncated'],
    ]);
  });

  it('rejects bytes that are not UTF-8, and only these', () => {
    const input = Buffer.concat([Buffer.from('{"a":"é"}\n{"a":"'), Buffer.from([0xff]), Buffer.from('"}\n{"a":"ß"}')]);
    expect(brief(framesOf(input))).toEqual([
      [1, '{"a":"é"}'],
      [2, 'invalid-utf8'],
      [3, '{"a":"ß"}'],
    ]);
  });

  it('rejects what is too long, naming its size, whatever kind of record it is', () => {
    const long = 'x'.repeat(200);
    const input = `{"a":1}\n${long}\n{"a":"${long}"}\n{"a":2}\n{"b":\n"${long}"}\n{"a":3}\n`;
    const frames = text(input, 100);
    expect(brief(frames)).toEqual([
      [1, '{"a":1}'],
      [2, 'too-long'],
      [3, 'too-long'],
      [4, '{"a":2}'],
      [5, 'too-long'],
      [7, '{"a":3}'],
    ]);
    expect(frames[1]).toMatchObject({ detail: 'a record of 200 bytes is longer than the limit of 100 bytes' });
  });

  it('reads Kubernetes objects in YAML, one a document, among other records', () => {
    const yaml = 'apiVersion: v1\nkind: A\nspec:\n  - {x: 1}\n---\napiVersion: v1\nkind: B\n';
    expect(brief(text(`{"a":1}\n${yaml}`))).toEqual([
      [1, '{"a":1}'],
      [2, '{"apiVersion":"v1","kind":"A","spec":[{"x":1}]}'],
      [6, '{"apiVersion":"v1","kind":"B"}'],
    ]);
    expect(brief(text('apiVersion: [v1\nkind: A\n'))).toEqual([[1, 'not-yaml']]);
    expect(brief(text('---\napiVersions of many kinds'))).toEqual([
      [1, '"---"'],
      [2, '"apiVersions of many kinds"'],
    ]);
    expect(brief(text(`apiVersion: v1\nkind: ${'x'.repeat(100)}\n{"a":1}`, 40))).toEqual([
      [1, 'too-long'],
      [3, '{"a":1}'],
    ]);
  });

  it('is not impressed by depth', () => {
    const deep = `${'{"a":['.repeat(20_000)}${']}'.repeat(20_000)}`;
    expect(text(`${deep}\n{"a":1}\n${'{"a":['.repeat(20_000)}\n`).map(({ line }) => line)).toEqual([1, 2, 3]);
  });

  it('streams an array on one long line, holding no more than a piece of it', () => {
    const records = Array.from({ length: 20_000 }, (_, n) => ({ n, pad: 'x'.repeat(60) }));
    const bytes = Buffer.from(JSON.stringify(records));
    const framer = new Framer();
    let found = 0;
    let most = 0;
    for (let at = 0; at < bytes.length; at += 100_000) {
      framer.feed(bytes.subarray(at, at + 100_000));
      if (at + 100_000 >= bytes.length) framer.end();
      for (let frame = framer.next(); frame !== undefined; frame = framer.next())
        expect(frame.value).toEqual(records[found++]);
      most = Math.max(most, at + 100_000 - framer.position);
    }
    expect(found).toBe(records.length);
    expect(most).toBeLessThan(500_000);
  });

  it('finds nothing in nothing', () => {
    for (const input of ['', '\n \n', '\ufeff', '[]', '[\n]\n']) expect(text(input)).toEqual([]);
  });
});

const piece = fc.oneof(
  fc.constantFrom('{"a":1}', '{"a":{"b":[1,{"c":"é"}]}}', '{\n "a": 1\n}', '[{"a":1},\n{"a":2}]', '{"a":"x}{"}', ' '),
  fc.constantFrom('{"a":', '{"a":"cut', '{"a":[1,', '}', ']', ',', '[', '\\', '"', '\n', '\r\n', '{"a":1}{"a":2}'),
  fc.constantFrom('2026-01-01T00:00:00Z stdout P {"a"', '2026-01-01T00:00:00Z stdout F :1}', 'plain text', '\ufeff'),
  fc.constantFrom('apiVersion: v1', '---', 'kind: List', 'apiVersion: ', '- {a: 1}', 'items:\n- a'),
  fc.string({ maxLength: 8 }),
);
const inputs = fc
  .array(fc.tuple(piece, fc.constantFrom('\n', '\n', '', ' ')), { maxLength: 12 })
  .map((pieces) => Buffer.from(pieces.flat().join('')));

describe('framing of any input', () => {
  it('does not depend on how the bytes come divided', () => {
    fc.assert(
      fc.property(inputs, fc.array(fc.nat(400), { maxLength: 8 }), (bytes, cuts) => {
        expect(framesInPieces(bytes, cuts)).toEqual(framesOf(bytes));
        expect(framesInPieces(bytes, cuts, 40)).toEqual(framesOf(bytes, 40));
      }),
      { numRuns: 3000, seed: 11 },
    );
  });

  it('gives frames in bounds, with rising ends, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        let last = 0;
        for (const { start, end } of framesOf(Buffer.from(bytes), 64)) {
          expect(start >= 0 && end <= bytes.length && end >= last).toBe(true);
          last = end;
        }
      }),
      { numRuns: 2000, seed: 11 },
    );
  });

  it('finds every whole record between pieces of junk on lines of their own', () => {
    const junk = fc.constantFrom('', 'plain', '{"a":', '{"a":"cut', '}', '{"x":[', '{"x"}', '[');
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 6 }), (junks) => {
        const lines = junks.flatMap((line, i) => [line, `{"n":${i}}`, `{"m":${i}}`]);
        const found = values(text(lines.join('\n')));
        for (let i = 0; i < junks.length; i++) expect(found).toContainEqual({ n: i });
      }),
      { numRuns: 500, seed: 11 },
    );
  });
});
