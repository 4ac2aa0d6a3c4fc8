/** A seeded generator of numbers in [0, 1) (mulberry32), so that a fault that was found can be found again. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * `SEEDS=5 ROUNDS=50 npm run test:faults` is the long form; the short one runs with every `npm test`. `FIRST_SEED=6`
 * goes on where five seeds ended.
 */
const FIRST_SEED = Number(process.env.FIRST_SEED ?? 1);
export const FAULT_SEEDS = Array.from({ length: Number(process.env.SEEDS ?? 1) }, (_, index) => FIRST_SEED + index);
export const FAULT_ROUNDS = Number(process.env.ROUNDS ?? 5);
