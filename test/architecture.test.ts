import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'microwall-architecture-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** Runs the project's own rules over `folders` of `cwd`. */
async function cruise(cwd: string, folders: readonly string[]): Promise<Cruise> {
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', ...folders];
  const run = promisify(execFile)(join(root, 'node_modules/.bin/depcruise'), args, { cwd, maxBuffer: 1 << 28 });
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return JSON.parse(stdout) as Cruise;
}

function violationsOf(result: Cruise): string[] {
  return result.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
}

/** A little tree with the project's configuration in which every file breaks one rule. */
function brokenTree(files: Readonly<Record<string, string>>): string {
  const tree = mkdtempSync(join(scratch, 'tree-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(tree, path, '..'), { recursive: true });
    writeFileSync(join(tree, path), text);
  }
  for (const shared of ['node_modules', '.dependency-cruiser.mjs', 'tsconfig.json', 'package.json']) {
    symlinkSync(join(root, shared), join(tree, shared));
  }
  return tree;
}

describe('architecture', () => {
  it('has no violation, and the check really looked at the source', async () => {
    const result = await cruise(root, ['src', 'ingest', 'test']);
    expect(violationsOf(result)).toEqual([]);
    const ours = result.modules.filter(({ source }) => /^(src|ingest)\//.test(source));
    expect(ours.length).toBeGreaterThan(60);
  }, 60_000);

  it('is a check that can fail: each kind of forbidden import is found', async () => {
    const tree = brokenTree({
      'src/util/up.ts': "import type { B } from '../model/b.ts';\nexport type A = B;\n",
      'src/model/b.ts': 'export type B = string;\n',
      'src/model/reads.ts': "import { readFileSync } from 'node:fs';\nexport const text = () => readFileSync('x');\n",
      'src/app/direct.ts': "import { createClient } from '@clickhouse/client';\nexport const client = createClient;\n",
      'src/app/one.ts': "import { two } from './two.ts';\nexport const one = () => two;\n",
      'src/app/two.ts': "import { one } from './one.ts';\nexport const two = () => one;\n",
      'src/app/tool.ts': "import { test } from 'vitest';\nexport const t = test;\n",
      'ingest/lost.ts': "import { gone } from './gone.ts';\nexport const lost = gone;\n",
    });
    const found = violationsOf(await cruise(tree, ['src', 'ingest'])).sort();
    expect(found).toEqual(
      expect.arrayContaining([
        'arrows-of-src-util: src/util/up.ts',
        'declared-dependencies: src/app/tool.ts',
        'no-cycles: src/app/one.ts',
        'one-clickhouse: src/app/direct.ts',
        'pure-is-pure: src/model/reads.ts',
        'resolvable: ingest/lost.ts',
      ]),
    );
  }, 60_000);
});
