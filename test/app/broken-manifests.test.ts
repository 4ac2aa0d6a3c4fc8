import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { changesText } from '../../src/app/learn/changes-text.ts';
import { LEARN_DEFAULTS, learnFrom } from '../../src/app/learn/learn-policies.ts';
import { buildEstate } from '../learn/estate.ts';

const SCENE = buildEstate({
  workloads: { 'shop/Deployment/web': { labels: { app: 'web' } }, 'shop/Deployment/cart': { labels: { app: 'cart' } } },
  traffic: ['shop/Deployment/web > shop/Deployment/cart TCP/8080'],
});

test('generated files that a merge broke are written anew, unless what changes has to be known', async () => {
  const out = mkdtempSync(join(tmpdir(), 'microwall-broken-'));
  onTestFinished(() => rmSync(out, { recursive: true }));
  const run = (more: { dryRun?: boolean; maxBlastRadius?: number } = {}) =>
    learnFrom(() => Promise.resolve(SCENE), { cluster: 'test', options: LEARN_DEFAULTS, out, ...more });
  await run();
  const file = join(out, 'kubernetes/shop.cart-service.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('spec:\n', '<<<<<<< HEAD\nspec:\n=======\nspecs:\n>>>>>>> theirs\n'));
  await expect(run({ maxBlastRadius: 5 })).rejects.toThrow(`${file}:13: a merge was not finished here`);
  const { changes } = await run({ dryRun: true });
  expect(changes && changesText(changes, out)).toContain(`is written anew: ${file}:13: a merge was not finished here`);
  await run();
  expect(readFileSync(file, 'utf8')).toBe(text);
  expect(readFileSync(join(out, 'REVIEW.md'), 'utf8')).toContain('Observed traffic is not compared');
});
