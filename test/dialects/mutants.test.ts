import { expect, test } from 'vitest';
import { mutant } from '../bench/fuzz/mutate.ts';
import { SEEDS } from '../bench/fuzz/seeds.ts';
import { tryMutant } from '../bench/fuzz/try-mutant.ts';

const MUTANTS = 5000;
/** A machine under load must not fail the test; what is left out is covered by `npm run fuzz:policies`. */
const BUDGET_MS = 60_000;

test('documents that mutants are made of are whole', () => {
  for (const seed of SEEDS) expect(tryMutant(seed), seed).toMatchObject({ detail: '' });
});

test('mutated policies are read, or refused with place and reason, without a crash and in time', {
  timeout: 2 * BUDGET_MS,
}, () => {
  const end = Date.now() + BUDGET_MS;
  for (let number = 0; number < MUTANTS && Date.now() < end; number++) {
    const { outcome, detail, cpuMs } = tryMutant(mutant(number));
    if (outcome === 'broken') expect.unreachable(`mutant ${number}: ${detail}`);
    expect(cpuMs, `mutant ${number}`).toBeLessThan(1000);
  }
});

test.each([15_159, 23_614, 56_143, 64_684])('mutant %i, which once broke the reader, is refused', (number) => {
  expect(tryMutant(mutant(number)).outcome).toBe('refused');
});
