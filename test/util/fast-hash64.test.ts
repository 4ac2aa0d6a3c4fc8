import { expect, it } from 'vitest';
import { fastHash64 } from '../../src/util/fast-hash64.ts';

it('spreads similar texts and always gives an unsigned 64-bit integer', () => {
  const ids = new Set<string>();
  const lastDigits = new Array<number>(10).fill(0);
  for (let n = 0; n < 200_000; n++) {
    const id = fastHash64(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
    ids.add(id);
    lastDigits[Number(id.at(-1))] = (lastDigits[Number(id.at(-1))] ?? 0) + 1;
  }
  expect(ids.size).toBe(200_000);
  for (const count of lastDigits) expect(Math.abs(count - 20_000)).toBeLessThan(1_000);
  for (const id of ids) expect(/^\d{10,19}$/.test(id) && BigInt(id) < 2n ** 64n).toBe(true);
});

it('is stable, because ids are stored', () => {
  expect(['', 'a', '60e8fedd-6d98-49d8-b7f6-cb84455757ab', 'é😀'].map(fastHash64)).toMatchInlineSnapshot(`
    [
      "2041361128676782385",
      "2013617513466120939",
      "1388438259705647546",
      "2040449381850949679",
    ]
  `);
});
