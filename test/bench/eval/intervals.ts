/** A mean with the half width of its 95 % interval; the width is undefined for a single value. */
export interface Estimate {
  readonly mean: number;
  readonly half: number | undefined;
  readonly values: number;
}

/** 97.5 % points of Student's t distribution by degrees of freedom, from 1. */
const T = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];
const NORMAL = 1.96;

/** Mean and t interval of values that were drawn independently; undefined values are left out. */
export function estimate(values: readonly (number | undefined)[]): Estimate | undefined {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return undefined;
  const mean = meanOf(known);
  if (known.length === 1) return { mean, half: undefined, values: 1 };
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (known.length - 1);
  const t = T[known.length - 2] ?? NORMAL;
  return { mean, half: t * Math.sqrt(variance / known.length), values: known.length };
}

/** Undefined for an empty list. */
export function average(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : meanOf(known);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
