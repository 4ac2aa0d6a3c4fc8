import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { AskedOutput } from '../../src/app/learn/plan.ts';
import type { LearnOptions } from '../../src/learn/options.ts';
import { buildEstate, type Estate } from './estate.ts';
import { runDialect } from './run-dialect.ts';
import { checkEstate, filesOf, type Scene } from './run-estate.ts';

/** `estate.yaml`: one sentence on what must come out, options, workloads and traffic. */
interface Scenario extends Estate {
  readonly expects: string;
  readonly options?: Partial<LearnOptions>;
  /** Other than NetworkPolicy. */
  readonly dialect?: AskedOutput['dialect'];
}

const FOLDER = join(import.meta.dirname, '../scenarios');
const names = readdirSync(FOLDER)
  .filter((name) => name.startsWith('learn-') && existsSync(join(FOLDER, name, 'estate.yaml')))
  .sort();

for (const name of names) {
  const scenario: Scenario = parse(readFileSync(join(FOLDER, name, 'estate.yaml'), 'utf8'));
  test(`${name}: ${scenario.expects}`, () => {
    const scene = buildEstate(scenario);
    const files = learnScenario(scene, scenario);
    const backwards = { edges: scene.edges.toReversed(), inventory: scene.inventory };
    expect(learnScenario(backwards, scenario)).toEqual(files);
    const expected = join(FOLDER, name, 'expected');
    if (process.env.UPDATE === '1') writeAll(expected, files);
    expect(Object.fromEntries(files)).toEqual(readAll(expected));
  });
}

function learnScenario(scene: Scene, { options, dialect }: Scenario): ReadonlyMap<string, string> {
  if (dialect === undefined) {
    expect(checkEstate(scene, options).denied).toEqual([]);
    return filesOf(scene, options);
  }
  const { files, check } = runDialect(scene, { dialect }, { options });
  expect(check.denied).toEqual([]);
  return files;
}

function writeAll(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

function readAll(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.yaml'));
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}
