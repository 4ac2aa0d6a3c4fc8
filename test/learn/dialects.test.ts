import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { AskedOutput } from '../../src/app/learn/plan.ts';
import type { LearnOptions } from '../../src/learn/options.ts';
import { Failure } from '../../src/util/failure.ts';
import { anyEstate } from './any-estate.ts';
import { differences } from './compare-verdicts.ts';
import { buildEstate, type Estate } from './estate.ts';
import { runDialect } from './run-dialect.ts';
import type { Scene } from './run-estate.ts';

interface Scenario extends Estate {
  readonly options?: Partial<LearnOptions>;
}

const RUNS = 60;
const FOLDER = join(import.meta.dirname, '../scenarios');
const scenarios = readdirSync(FOLDER)
  .filter((name) => name.startsWith('learn-') && existsSync(join(FOLDER, name, 'estate.yaml')))
  .sort()
  .map((name): [string, Scenario] => [name, parse(readFileSync(join(FOLDER, name, 'estate.yaml'), 'utf8'))]);

const FORMS: readonly Partial<AskedOutput>[] = [
  { dialect: 'kubernetes', staged: true },
  { dialect: 'cluster' },
  { dialect: 'cluster', tier: 'Admin' },
  { dialect: 'calico' },
  { dialect: 'calico', scope: 'global', tier: 'micro' },
  { dialect: 'calico-staged' },
  { dialect: 'calico-staged', scope: 'global' },
  { dialect: 'cilium' },
  { dialect: 'cilium', scope: 'global' },
  { dialect: 'antrea' },
  { dialect: 'antrea', scope: 'global', tier: 'micro=230' },
  { dialect: 'antrea', tier: 'baseline' },
  { dialect: 'istio' },
  { dialect: 'istio', staged: true },
];

/** Every workload with a service account of its own. */
function withAccounts({ edges, inventory }: Scene): Scene {
  const workloads = inventory.workloads.map((one) => ({
    ...one,
    serviceAccount: `${one.kind}-${one.name}`.toLowerCase(),
  }));
  return { edges, inventory: { ...inventory, workloads } };
}

const scenes = scenarios.map(([name, { options, ...described }]) => {
  const scene = withAccounts(buildEstate(described));
  return { name, scene, options, reference: runDialect(scene, {}, { options }).verdicts() };
});

for (const form of FORMS) {
  const { dialect, scope, tier, staged } = form;
  const name = [dialect, scope, tier && `in tier ${tier}`, staged && 'staged'].filter(Boolean).join(' ');
  test(`${name}: what was learned, written and read back, decides as the NetworkPolicies do`, () => {
    for (const { name, scene, options, reference } of scenes) {
      const run = runDialect(scene, { ...form, outside: 'addresses' }, { options });
      expect(run.check.denied, name).toEqual([]);
      expect(differences(reference, run.verdicts(), dialect), name).toEqual([]);
    }
  });
}

const mode = fc.constantFrom('labels' as const, 'selectors' as const);

test('any estate is decided alike in every form', () => {
  fc.assert(
    fc.property(anyEstate, fc.constantFrom(...FORMS), mode, (described, form, chosen) => {
      const scene = withAccounts(buildEstate(described));
      const given = { options: { mode: chosen } };
      const run = unlessRefused(() => runDialect(scene, { ...form, outside: 'addresses' }, given));
      // Istio selects by equality of labels, which not all selectors over existing labels are.
      if (run === undefined) {
        expect([form.dialect, chosen]).toEqual(['istio', 'selectors']);
        return;
      }
      expect(run.check.denied).toEqual([]);
      expect(differences(runDialect(scene, {}, given).verdicts(), run.verdicts(), form.dialect)).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 120_000);

function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof Failure && error.message.startsWith('not everything learned can be said')) return undefined;
    throw error;
  }
}
