import { describe, expect, it } from 'vitest';
import { calibrationRatio } from '../bench/eval/calibration.ts';
import { average, estimate } from '../bench/eval/intervals.ts';

describe('an estimate', () => {
  it('is a mean with the half width of its 95 % interval', () => {
    const found = estimate([1, 2, 3]);
    expect(found?.mean).toBe(2);
    expect(found?.half).toBeCloseTo(4.303 / Math.sqrt(3), 3);
  });

  it('has no width with one value, and leaves unknown values out', () => {
    expect(estimate([undefined, 4])).toEqual({ mean: 4, half: undefined, values: 1 });
    expect(estimate([undefined])).toBeUndefined();
    expect(average([])).toBeUndefined();
  });
});

describe('calibration', () => {
  it('adds up what was foretold and what came over all runs', () => {
    const runs = [
      { hours: 1000, unseen: 0, foretold: 3 },
      { hours: 2000, unseen: 4, foretold: 3 },
    ];
    expect(calibrationRatio(runs)).toBe(1.5);
  });

  it('says nothing while nothing unseen came', () => {
    expect(calibrationRatio([{ hours: 10, unseen: 0, foretold: 1 }])).toBeUndefined();
  });
});
