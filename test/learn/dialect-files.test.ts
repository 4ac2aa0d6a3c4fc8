import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { AskedOutput } from '../../src/app/learn/plan.ts';
import { buildEstate } from './estate.ts';
import { runDialect } from './run-dialect.ts';

const FOLDER = join(import.meta.dirname, '../scenarios/dialects-shop');
const { edges, inventory } = buildEstate(parse(readFileSync(join(FOLDER, 'estate.yaml'), 'utf8')));
const workloads = inventory.workloads.map((one) => ({ ...one, serviceAccount: one.name }));
const scene = { edges, inventory: { ...inventory, workloads } };

const FORMS: Readonly<Record<string, Partial<AskedOutput>>> = {
  'cluster-admin': { dialect: 'cluster', tier: 'Admin' },
  'calico-global': { dialect: 'calico', scope: 'global', tier: 'micro=500' },
  'calico-staged': { dialect: 'calico-staged' },
  cilium: { dialect: 'cilium' },
  'cilium-global': { dialect: 'cilium', scope: 'global' },
  antrea: { dialect: 'antrea' },
  'antrea-global': { dialect: 'antrea', scope: 'global', tier: 'micro' },
  istio: { dialect: 'istio' },
  canary: { canary: 'shop/web' },
  'canary-istio': { dialect: 'istio', canary: 'shop/web' },
};

for (const [name, asked] of Object.entries(FORMS))
  test(`dialects-shop: ${name}`, () => {
    const run = runDialect(scene, asked);
    expect(run.check).toMatchObject({ denied: [], uncertain: 0 });
    const manifests = [...run.files].filter(([path]) => path.includes('/') && !path.startsWith('labels/'));
    const found = new Map(manifests.map(([path, text]) => [path.replace(/^[^/]+\//, ''), text]));
    const expected = join(FOLDER, 'expected', name);
    if (process.env.UPDATE === '1') writeAll(expected, found);
    const files = readdirSync(expected).sort();
    expect(Object.fromEntries([...found].sort())).toEqual(
      Object.fromEntries(files.map((file) => [file, readFileSync(join(expected, file), 'utf8')])),
    );
  });

function writeAll(folder: string, files: ReadonlyMap<string, string>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}
