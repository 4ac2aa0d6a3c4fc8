import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRecord } from '../../ingest/parse-record.ts';
import { hubbleFlow } from '../helpers/kafka-flows.ts';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Read twice: the second time the ends are known. */
function expectLikeJson(text: string): void {
  for (let time = 0; time < 2; time++) expect(parseRecord(text)).toEqual(parsed(text));
}

test('records come out as JSON.parse gives them, and equal ends are one object', () => {
  const at = (n: number) => parseRecord(hubbleFlow(n)) as { flow: { source: unknown; destination: unknown } };
  for (let n = 0; n < 60; n++) expectLikeJson(hubbleFlow(n));
  expect(at(0).flow.source).toBe(at(30).flow.source);
});

test.each([
  ['the ends stand elsewhere', '{"flow":{"x":1,"y":{"a":1,"source":{"a":1},"destination":{"b":2},"Type":"L"}}}'],
  ['an end is given twice', '{"flow":{"x":1,"source":{"a":1},"destination":{"b":2},"Type":"L","source":{"c":3}}}'],
  ['an end is taken back', '{"flow":{"x":1,"source":{"a":1},"destination":{"b":2},"Type":"L","destination":null}}'],
  ['something stands between', '{"flow":{"x":1,"source":{"a":1},"z":{},"destination":{"b":2},"q":1,"Type":"L"}}'],
  ['the text is in a string', '{"flow":{"x":",\\"source\\":{","source":{"a":"}"},"destination":{"b":"{"},"Type":"L"}}'],
  ['a string ends before it', '{"flow":{"x":"a,"source":{"a":1},"destination":{"b":2},"Type":"L"}}'],
  ['an end is broken', '{"flow":{"x":1,"source":{"a":1,"destination":{"b":2},"Type":"L"}}'],
  ['the rest is broken', '{"flow":{"x":1,"source":{"a":1},"destination":{"b":2},"Type":"L"'],
  ['a prototype is named', '{"flow":{"x":1,"source":{"__proto__":{"a":1}},"destination":{"b":2},"Type":"L"}}'],
])('%s', (_, text) => expectLikeJson(text));

test('any change of a few characters gives what JSON.parse gives', () => {
  const change = fc.record({
    at: fc.nat(),
    length: fc.nat(3),
    text: fc.constantFrom('', '"', '{', '}', ',', '\\', 'x'),
  });
  fc.assert(
    fc.property(fc.nat(20), fc.array(change, { minLength: 1, maxLength: 3 }), (n, changes) => {
      let text = hubbleFlow(n);
      for (const { at, length, text: put } of changes) {
        const from = at % text.length;
        text = text.slice(0, from) + put + text.slice(from + length);
      }
      expectLikeJson(text);
    }),
    { numRuns: 3000, seed: 1 },
  );
});
