import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LEARN_DIALECTS } from '../../src/app/learn/plan.ts';
import { microwall } from '../cli/microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-dialects-'));
const data = join(scratch, 'data');

let reference: Checked;

/** The built-in shop over four days, through the real decoder and store. */
beforeAll(async () => {
  const flows = join(scratch, 'flows.jsonl');
  const simulated = ['simulate', 'shop', '--days', '4', '--flows', '20000', '--seed', '3', '--compact'];
  expect((await microwall([...simulated, '--out', flows, '-q'])).exit).toBe(0);
  expect((await microwall(['ingest', flows, '--data', data, '-q'])).exit).toBe(0);
  await learn('kubernetes');
  reference = await check('kubernetes');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const learn = (folder: string, ...args: string[]) =>
  microwall(['learn', '--data', data, '-q', '--out', join(scratch, folder), ...args]);

interface Checked {
  readonly summary: { readonly permitted: number; readonly uncertain: number };
  readonly edges: readonly (Record<'client' | 'server', { readonly workload?: string }> & {
    readonly class: string;
    readonly protocol: string;
    readonly port: number;
  })[];
}

async function check(folder: string, ...args: string[]): Promise<Checked> {
  const checked = await microwall(['check', join(scratch, folder), '--data', data, '-o', 'json', '-q', ...args]);
  expect(checked.exit, checked.err).toBeLessThan(2);
  return JSON.parse(checked.out);
}

const escaped = ({ edges }: Checked): string[] =>
  edges
    .filter((edge) => edge.class === 'escaped')
    .map((edge) => JSON.stringify([edge.client, edge.server, edge.protocol, edge.port]))
    .sort();

for (const dialect of LEARN_DIALECTS.filter((one) => one !== 'kubernetes'))
  test(`in dialect ${dialect} the same escapes as in NetworkPolicies`, async () => {
    expect((await learn(dialect, '--dialect', dialect)).exit).toBe(0);
    const found = await check(dialect);
    expect(readdirSync(join(scratch, dialect))).toEqual(
      ['REVIEW.md', dialect, 'kustomization.yaml', 'labels', 'micropolicies.yaml'].sort(),
    );
    expect(found.summary.uncertain).toBe(reference.summary.uncertain);
    if (dialect === 'calico-staged') {
      expect(escaped(found)).toEqual([]);
      expect(escaped(await check(dialect, '--staged', 'enforce'))).toEqual(escaped(reference));
    } else if (dialect === 'istio') expect(escaped(reference)).toEqual(expect.arrayContaining(escaped(found)));
    else expect(escaped(found)).toEqual(escaped(reference));
  });

test('a run that names no dialect keeps the form that stands', async () => {
  await learn('kept', '--dialect', 'calico', '--scope', 'global', '--tier', 'micro=500');
  const read = () => readFileSync(join(scratch, 'kept', 'micropolicies.yaml'), 'utf8');
  const before = read();
  expect((await learn('kept')).exit).toBe(0);
  expect(read()).toBe(before);
  expect((await learn('kept', '--dry-run')).exit).toBe(0);
  expect((await learn('kept', '--dialect', 'kubernetes', '--dry-run')).exit).toBe(1);
});

test('another dialect takes the place of the one before', async () => {
  await learn('moved', '--dialect', 'calico', '--scope', 'global', '--tier', 'micro=500');
  expect(readdirSync(join(scratch, 'moved', 'calico'))).toContain('0-tier.yaml');
  await learn('moved', '--dialect', 'cilium', '--scope', 'global');
  const files = readdirSync(join(scratch, 'moved'), { recursive: true, encoding: 'utf8' });
  expect(files.filter((path) => path.startsWith('calico'))).toEqual([]);
  const kustomization = readFileSync(join(scratch, 'moved', 'kustomization.yaml'), 'utf8');
  expect(kustomization).toContain('- cilium/default-deny.yaml');
  expect(kustomization).not.toContain('calico');
});

test('a canary is a part of the workloads, and the next run without it is the rest', async () => {
  await learn('canary', '--canary', 'shop/');
  expect(readdirSync(join(scratch, 'canary', 'kubernetes')).filter((name) => !name.startsWith('shop.'))).toEqual([]);
  await learn('canary');
  const read = (folder: string) => readFileSync(join(scratch, folder, 'micropolicies.yaml'), 'utf8');
  expect(read('canary')).toBe(read('kubernetes'));
});

test('what a dialect does not have is wrong usage', async () => {
  for (const args of [
    ['--dialect', 'cilium', '--tier', 'x'],
    ['--scope', 'global'],
    ['--canary', '0'],
    ['--dialect', 'nftables'],
  ]) {
    const refused = await learn('refused', ...args);
    expect(refused.exit).toBe(2);
    expect(refused.err).not.toBe('');
  }
});
