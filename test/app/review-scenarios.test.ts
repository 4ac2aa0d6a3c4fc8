import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { changesText } from '../../src/app/learn/changes-text.ts';
import { decidePairs } from '../../src/app/learn/decide-pairs.ts';
import { LEARN_DEFAULTS, type LearnOutcome, learnFrom } from '../../src/app/learn/learn-policies.ts';
import { expectGolden } from '../helpers/golden.ts';
import { buildEstate, type Estate } from '../learn/estate.ts';

/** `estate.yaml`: an estate whose traffic changes from step to step, and what people do before each. */
interface Scenario {
  readonly expects: string;
  readonly workloads: Estate['workloads'];
  readonly teams?: object;
  readonly steps: readonly Step[];
}

interface Step {
  readonly traffic: readonly string[];
  /** Texts of `micropolicies.yaml` and what a person writes instead. */
  readonly edits?: readonly (readonly [string, string])[];
  readonly approve?: readonly string[];
  readonly reject?: readonly string[];
  readonly reason?: string;
  readonly by?: string;
}

const FOLDER = join(import.meta.dirname, '../scenarios');
const names = readdirSync(FOLDER).filter((name) => name.startsWith('review-'));

for (const name of names) {
  const scenario: Scenario = parse(readFileSync(join(FOLDER, name, 'estate.yaml'), 'utf8'));
  test(`${name}: ${scenario.expects}`, async () => {
    const scratch = mkdtempSync(join(tmpdir(), 'microwall-review-'));
    onTestFinished(() => rmSync(scratch, { recursive: true }));
    const out = join(scratch, 'policies');
    const teams = scenario.teams && join(scratch, 'teams.yaml');
    if (teams) writeFileSync(teams, stringify(scenario.teams));
    for (const [index, step] of scenario.steps.entries()) {
      await act(step, out);
      const scene = buildEstate({ workloads: scenario.workloads, traffic: step.traffic });
      const run = (dryRun: boolean): Promise<LearnOutcome> =>
        learnFrom(() => Promise.resolve(scene), { cluster: 'test', options: LEARN_DEFAULTS, out, dryRun, teams });
      const { changes } = await run(true);
      const golden = join(FOLDER, name, 'expected', String(index + 1));
      expectGolden(changes ? changesText(changes, 'policies') : '', join(golden, 'dry-run.txt'));
      await run(false);
      for (const file of ['REVIEW.md', 'CODEOWNERS', 'kustomization.yaml', 'micropolicies.yaml'])
        expectGolden(readFileSync(join(out, file), 'utf8'), join(golden, file));
      const written = contentOf(out);
      expect((await run(true)).changes?.files).toMatchObject({ added: [], changed: [], removed: [] });
      await run(false);
      expect(contentOf(out)).toEqual(written);
    }
  });
}

async function act({ edits = [], approve, reject, reason, by }: Step, out: string): Promise<void> {
  const file = join(out, 'micropolicies.yaml');
  for (const [before, after] of edits) {
    const text = readFileSync(file, 'utf8');
    expect(text).toContain(before);
    writeFileSync(file, text.replaceAll(before, after));
  }
  const details = { ...(reason && { reason }), ...(by && { by }) };
  if (approve) await decidePairs({ folder: out, decision: 'approved', names: approve, details });
  if (reject) await decidePairs({ folder: out, decision: 'rejected', names: reject, details });
}

function contentOf(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'utf8')]),
  );
}
