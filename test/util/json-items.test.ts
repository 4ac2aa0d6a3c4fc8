import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonItems, JsonItemsError } from '../../src/util/json-items.ts';

/** Items of `text` fed in pieces of `size` bytes. */
function read(text: string | Buffer, size = 7, limit?: number) {
  const items = new JsonItems(limit);
  const bytes = Buffer.from(text);
  const found = [];
  for (let at = 0; at < bytes.length; at += size) found.push(...items.feed(bytes.subarray(at, at + size)));
  items.end();
  return found;
}

describe('JsonItems', () => {
  it('gives objects that stand alone, and the elements of a list with what came before them', () => {
    const text =
      '{"kind":"Pod"}\n{ "kind": "PodList", "items": [ {"a":1} ,\n {"items":[2]} ], "metadata": {"x":"}"} }{}';
    expect(read(text).map(({ value, list }) => [value, list?.kind])).toEqual([
      [{ kind: 'Pod' }, undefined],
      [{ a: 1 }, 'PodList'],
      [{ items: [2] }, 'PodList'],
      [{}, undefined],
    ]);
  });

  it('does not depend on how the bytes came divided', () => {
    const anyList = fc.record({
      kind: fc.string(),
      items: fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
      z: fc.jsonValue(),
    });
    fc.assert(
      fc.property(fc.array(anyList), fc.integer({ min: 1, max: 50 }), fc.boolean(), (lists, size, pretty) => {
        const text = lists.map((list) => JSON.stringify(list, undefined, pretty ? 2 : undefined)).join('\n');
        const expected = lists.flatMap(({ items }) => JSON.parse(JSON.stringify(items)));
        expect(read(text, size).map(({ value }) => value)).toEqual(expected);
      }),
    );
  });

  it.each([
    ['text', 'Error from server', 0],
    ['YAML', 'apiVersion: v1\nitems:\n', 0],
    ['an array of lists', '[{}]', 0],
    ['a cut-off list', '{"items":[{"a":1},{"b":', 23],
    ['a list without its end', '{"items":[{"a":1}', 17],
    ['a missing comma', '{"items":[{} {}]}', 13],
    ['a comma too many', '{"items":[{},]}', 13],
    ['a broken element', '{"items":[{"a":}]}', 15],
    ['a broken rest', '{"items":[{}], "metadata" }', 26],
    ['no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 6],
  ])('refuses %s and says where', (_, text, at) => {
    expect(() => read(text)).toThrow(JsonItemsError);
    try {
      read(text);
    } catch (error) {
      expect((error as JsonItemsError).at).toBe(at);
    }
  });

  it('never holds more than one object, and refuses one that is too large', () => {
    expect(read(`{"items":[${Array.from({ length: 100 }, () => '{"a":"xxxxxxxx"}').join(',')}]}`, 7, 64)).toHaveLength(
      100,
    );
    expect(() => read(`{"a":"${'x'.repeat(100)}"}`, 7, 64)).toThrow('longer than 64 bytes');
  });
});
