import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyEstate as estate } from './any-estate.ts';
import { beyondTrusted } from './beyond-trusted.ts';
import { buildEstate } from './estate.ts';
import { checkEstate, filesOf } from './run-estate.ts';

const mode = fc.constantFrom('labels' as const, 'selectors' as const);

test('any order of edges and workloads gives the same bytes', () => {
  fc.assert(
    fc.property(estate, mode, fc.infiniteStream(fc.nat()), (described, chosen, random) => {
      const { edges, inventory } = buildEstate(described);
      const shuffled = {
        edges: shuffle(edges, random),
        inventory: { ...inventory, workloads: shuffle(inventory.workloads, random) },
      };
      expect([...filesOf(shuffled, { mode: chosen })].sort()).toEqual(
        [...filesOf({ edges, inventory }, { mode: chosen })].sort(),
      );
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('learning again over the own output changes no byte', () => {
  fc.assert(
    fc.property(estate, mode, (described, chosen) => {
      const scene = buildEstate(described);
      const first = filesOf(scene, { mode: chosen });
      const second = filesOf(scene, { mode: chosen }, first.get('micropolicies.yaml'));
      expect([...second].sort()).toEqual([...first].sort());
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('what was learned allows what it was learned from', () => {
  fc.assert(
    fc.property(estate, mode, (described, chosen) => {
      expect(checkEstate(buildEstate(described), { mode: chosen }).denied).toEqual([]);
    }),
    { numRuns: 300 },
  );
}, 60_000);

test('nothing beyond the trusted traffic and DNS reaches an isolated server', () => {
  fc.assert(
    fc.property(estate, mode, (described, chosen) => {
      expect(beyondTrusted(buildEstate(described), { mode: chosen })).toEqual([]);
    }),
    { numRuns: 150 },
  );
}, 60_000);

function shuffle<T>(list: readonly T[], random: Iterator<number>): T[] {
  const result = [...list];
  for (let i = result.length - 1; i > 0; i -= 1) {
    const j = (random.next().value as number) % (i + 1);
    [result[i], result[j]] = [result[j] as T, result[i] as T];
  }
  return result;
}
