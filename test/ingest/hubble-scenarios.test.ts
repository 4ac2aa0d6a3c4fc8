import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeAll, decodeScenario } from '../helpers/decode-scenario.ts';
import { expectGolden } from '../helpers/golden.ts';

const SCENARIOS = join(import.meta.dirname, '../scenarios');
const folders = readdirSync(SCENARIOS).filter((name) => name.startsWith('hubble-'));

describe('Hubble flows', () => {
  it.each(folders)('%s decodes to its golden rows', (name) => {
    const folder = join(SCENARIOS, name);
    expectGolden(decodeScenario(folder), join(folder, 'expected/rows.ndjson'));
  });

  it('never keep what headers, query strings, credentials or summaries may hold', () => {
    const input = readFileSync(join(SCENARIOS, 'hubble-l7/input.jsonl'));
    expect(input.toString()).toContain('secret');
    expect(JSON.stringify(decodeAll(input).flows)).not.toContain('secret');
  });

  it('give the same rows in any order of the records', () => {
    for (const name of folders.filter((folder) => folder !== 'hubble-carriers')) {
      const lines = readFileSync(join(SCENARIOS, name, 'input.jsonl'), 'utf8')
        .trimEnd()
        .split('\n');
      const rows = (order: readonly string[]) =>
        decodeAll(Buffer.from(order.join('\n')))
          .events.map((event) => JSON.stringify(event))
          .sort();
      expect(rows(lines.toReversed())).toEqual(rows(lines));
    }
  });
});
