import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';

/** Outside samples, ground truth and conformance cases: beside the checkout, or where MICROWALL_SHARED says. */
const OUTSIDE = join(process.env.MICROWALL_SHARED ?? '../shared', 'data');

/**
 * A suite over outside data, which are read in place. `place` is below the folder of outside data; where it is absent, one
 * test says so and is reported as skipped, never as passed.
 */
export function describeOutside(title: string, place: string, body: (path: string) => void): void {
  const path = join(OUTSIDE, place);
  describe(title, () => (existsSync(path) ? body(path) : test.skip(`skipped: absent (${path})`, () => {})));
}
