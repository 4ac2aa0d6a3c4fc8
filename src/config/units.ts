import { z } from 'zod';

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1e3, m: 6e4, h: 36e5, d: 864e5 };
const BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function quantity(units: Readonly<Record<string, number>>, help: string) {
  const pattern = new RegExp(`^(\\d+(?:\\.\\d+)?)\\s*(${Object.keys(units).join('|')})?$`);
  return z.union([z.number(), z.string()], { error: help }).transform((value, context) => {
    const match = typeof value === 'string' ? pattern.exec(value) : undefined;
    const result =
      typeof value === 'number' ? value : Number(match?.[1] ?? Number.NaN) * (units[match?.[2] ?? ''] ?? 1);
    if (Number.isFinite(result) && result > 0) return Math.round(result);
    context.addIssue({ code: 'custom', message: help });
    return z.NEVER;
  });
}

/** `500ms`, `5s`, `2m`, or a bare number of milliseconds → milliseconds. */
export const durationSetting = quantity(MILLISECONDS, 'write a time such as 500ms, 5s or 2m');

/** `512KiB`, `64MiB`, `1GiB`, or a bare number of bytes → bytes. */
export const sizeSetting = quantity(BYTES, 'write a size such as 512KiB, 64MiB or 1GiB');
