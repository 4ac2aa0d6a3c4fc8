import fc from 'fast-check';
import { expect, test } from 'vitest';
import { learn } from '../../src/learn/learn.ts';
import { anyCopies } from './any-copies.ts';
import { beyondTrusted } from './beyond-trusted.ts';
import { buildEstate } from './estate.ts';
import { checkEstate, filesOf, OPTIONS } from './run-estate.ts';

const mode = fc.constantFrom('labels' as const, 'selectors' as const);

test('copies of an application are as many functions as the application alone, with the same names', () => {
  fc.assert(
    fc.property(anyCopies, mode, ({ alone, copied }, chosen) => {
      const [one, three] = [alone, copied].map((estate) => {
        const { edges, inventory } = buildEstate(estate);
        return learn(edges, inventory, { ...OPTIONS, mode: chosen }).learned.pairs;
      });
      expect(three?.map((pair) => pair.function)).toEqual(one?.map((pair) => pair.function));
    }),
    { numRuns: 200 },
  );
}, 60_000);

test('above an earlier run of a part of the traffic, nothing is granted but what is trusted, and it stays at that', () => {
  fc.assert(
    fc.property(anyCopies, mode, fc.nat(), ({ uneven }, chosen, seed) => {
      const asked = { mode: chosen };
      const part = { ...uneven, traffic: uneven.traffic.filter((_, i) => ((seed >> (i % 16)) & 1) === 0) };
      const first = filesOf(buildEstate(part), asked).get('micropolicies.yaml') ?? '';
      const scene = buildEstate(uneven);
      expect(beyondTrusted(scene, asked, first)).toEqual([]);
      const second = filesOf(scene, asked, first);
      const again = filesOf(scene, asked, second.get('micropolicies.yaml'));
      expect(Object.fromEntries(again)).toEqual(Object.fromEntries(second));
    }),
    { numRuns: 60 },
  );
}, 60_000);

test('nothing is granted from copy to copy', () => {
  fc.assert(
    fc.property(anyCopies, mode, ({ uneven }, chosen) => {
      const scene = buildEstate(uneven);
      expect(checkEstate(scene, { mode: chosen }).denied).toEqual([]);
      expect(beyondTrusted(scene, { mode: chosen })).toEqual([]);
    }),
    { numRuns: 200 },
  );
}, 60_000);
