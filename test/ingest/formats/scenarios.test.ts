import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DECODERS } from '../../../ingest/decode/index.ts';
import { decodeScenario } from '../../helpers/decode-scenario.ts';
import { expectGolden } from '../../helpers/golden.ts';

const SCENARIOS = join(import.meta.dirname, '../../scenarios');
/** Hubble and Retina have scenarios with richer inputs of their own. */
const FORMATS = [...DECODERS.keys(), 'envelopes'].filter((name) => name !== 'hubble' && name !== 'retina');

const folders = readdirSync(SCENARIOS).filter((name) => FORMATS.some((format) => name.startsWith(`${format}-`)));

describe('flow formats', () => {
  it.each(folders)('%s decodes to its golden rows', (name) => {
    const folder = join(SCENARIOS, name);
    expectGolden(decodeScenario(folder), join(folder, 'expected/rows.ndjson'));
  });

  it('have at least one scenario each, without a decoder that fails', () => {
    for (const format of FORMATS) expect(folders.filter((name) => name.startsWith(`${format}-`))).not.toEqual([]);
    for (const name of folders) {
      const rows = join(SCENARIOS, name, 'expected/rows.ndjson');
      if (existsSync(rows)) expect(readFileSync(rows, 'utf8')).not.toContain('"reject":"decoder-failed"');
    }
  });
});
