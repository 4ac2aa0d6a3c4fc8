import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fastTime } from '../../ingest/decode/rfc3339.ts';
import { parseTime } from '../../ingest/decode/time.ts';

const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
const almostTime = fc
  .tuple(
    fc.constantFrom('1999', '2000', '2024', '2026', '2099', '2100', 'x026'),
    digits(2),
    digits(2),
    digits(2),
    digits(2),
    digits(2),
    fc.constantFrom('', '.', '.5', '.12', '.123', '.123456789', '.1234567890', '.1x3'),
    fc.constantFrom('Z', 'z', '', '+02:00', '-0530', ' '),
  )
  .map(([y, mo, d, h, mi, s, fraction, zone]) => `${y}-${mo}-${d}T${h}:${mi}:${s}${fraction}${zone}`);

describe('fastTime', () => {
  it('reads what the exporter writes', () => {
    expect(fastTime('2025-04-16T18:49:59.450463857Z')).toBe(Date.UTC(2025, 3, 16, 18, 49, 59, 450));
    expect(fastTime('2024-02-29T00:00:00Z')).toBe(Date.UTC(2024, 1, 29));
    expect(fastTime('2026-03-02T10:00:00.5Z')).toBe(Date.UTC(2026, 2, 2, 10, 0, 0, 500));
  });

  it('agrees with parseTime on everything', () => {
    fc.assert(
      fc.property(almostTime, (text) => {
        expect([text, fastTime(text)]).toEqual([text, parseTime(text)]);
      }),
      { numRuns: 5000, seed: 3 },
    );
    fc.assert(
      fc.property(fc.anything(), (value) => fastTime(value) === parseTime(value)),
      { seed: 3 },
    );
  });
});
