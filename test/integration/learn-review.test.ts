import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { microwall } from '../cli/microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-review-'));
const data = join(scratch, 'data');
const learned = join(scratch, 'learned');

/** The built-in shop over four days, learned once; every test works on a copy of that folder. */
beforeAll(async () => {
  const flows = join(scratch, 'flows.jsonl');
  const simulated = ['simulate', 'shop', '--days', '4', '--flows', '20000', '--seed', '3', '--compact'];
  expect((await microwall([...simulated, '--out', flows, '-q'])).exit).toBe(0);
  expect((await microwall(['ingest', flows, '--data', data, '-q'])).exit).toBe(0);
  expect((await learn('--out', learned)).exit).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const learn = (...args: string[]) => microwall(['learn', '--data', data, '-q', ...args]);

function copy(name: string): string {
  const folder = join(scratch, name);
  cpSync(learned, folder, { recursive: true });
  return folder;
}

function everything(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [path, readFileSync(path, 'utf8')]));
}

interface Document {
  readonly pairs: readonly { readonly id: string; readonly function: string; readonly decision?: string }[];
  readonly leftOut: {
    readonly heldBack: readonly { readonly rule: string; readonly links: readonly { id: string }[] }[];
  };
}

const documentOf = (folder: string): Document => parse(readFileSync(join(folder, 'micropolicies.yaml'), 'utf8'));

test('a dry run exits with 1 when something would change, with 0 when not, and writes nothing', async () => {
  const fresh = join(scratch, 'fresh');
  expect(await learn('--out', fresh, '--dry-run')).toMatchObject({ exit: 1 });
  expect(existsSync(fresh)).toBe(false);
  const folder = copy('dry');
  expect(await learn('--out', folder, '--dry-run')).toMatchObject({ exit: 0 });
  const before = everything(folder);
  const { exit, out } = await learn('--out', folder, '--dry-run', '--namespace', 'shop', '-o', 'json');
  expect(exit).toBe(1);
  const { changes } = JSON.parse(out) as { changes: { files: { removed: string[] }; pairs: object[] } };
  expect(changes.files.removed.length).toBeGreaterThan(0);
  expect(everything(folder)).toEqual(before);
  expect(await learn('--dry-run')).toMatchObject({ exit: 2 });
});

test('names, comments and decisions survive, and the run after them changes no byte', async () => {
  const folder = copy('edited');
  const file = join(folder, 'micropolicies.yaml');
  const { pairs, leftOut } = documentOf(folder);
  const [first, second, third] = pairs.filter(({ function: name }) => name !== 'dns');
  const link = leftOut.heldBack.find(({ rule }) => rule !== 'never-passed')?.links[0]?.id ?? '';
  const renamed = `function: our-own-name # ${first?.function}, formerly`;
  writeFileSync(
    file,
    `${readFileSync(file, 'utf8').replace(`function: ${first?.function}\n`, `${renamed}\n`)}# Bye.\n`,
  );
  const decide = (verb: string, ...names: string[]) =>
    microwall([verb, ...names, '--out', folder, '--reason', 'we know', '--by', 'ann', '-q']);
  expect(await decide('approve', second?.id ?? '')).toMatchObject({
    exit: 0,
    out: `${second?.function} 1.0.0 is approved\n`,
  });
  expect((await decide('reject', third?.function ?? '', link)).exit).toBe(0);
  expect((await learn('--out', folder)).exit).toBe(0);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(`${renamed}\n`);
  expect(text).toMatch(/\n# Bye\.\n$/);
  const now = documentOf(folder);
  expect(now.pairs.find(({ id }) => id === second?.id)).toMatchObject({
    decision: 'approved',
    reason: 'we know',
    by: 'ann',
  });
  expect(now.pairs.some(({ id }) => id === third?.id)).toBe(false);
  expect(now.leftOut.heldBack.find(({ rule }) => rule === 'rejected')?.links.map(({ id }) => id)).toContain(link);
  const before = everything(folder);
  expect((await learn('--out', folder)).exit).toBe(0);
  expect(everything(folder)).toEqual(before);
});

test('what a person writes wrongly is one line with file and line, and nothing is written', async () => {
  const folder = copy('slip');
  const file = join(folder, 'micropolicies.yaml');
  const lines = readFileSync(file, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith('  function:'));
  lines[at] = '  function: Not A Name';
  writeFileSync(file, lines.join('\n'));
  const before = everything(folder);
  for (const args of [
    ['learn', '--data', data],
    ['approve', 'dns'],
    ['reject', 'dns'],
  ]) {
    const { exit, err } = await microwall([...args, '--out', folder, '-q']);
    expect(exit).toBe(2);
    expect(err).toContain(`${file}:${at + 1}: pairs[0].function: must be lower case letters`);
  }
  expect(everything(folder)).toEqual(before);
  expect(await microwall(['approve', 'dnss', '--out', learned])).toMatchObject({ exit: 2 });
  expect((await microwall(['approve', 'dnss', '--out', learned])).err).toContain('Did you mean dns?');
  expect(await microwall(['approve', 'dns', '--out', join(scratch, 'nowhere')])).toMatchObject({ exit: 2 });
});

test('a run that would decide too much otherwise writes nothing and says what', async () => {
  const folder = copy('radius');
  expect(await learn('--out', folder, '--max-blast-radius', '0')).toMatchObject({ exit: 0 });
  expect((await microwall(['reject', 'dns', '--out', folder, '-q'])).err).toContain('dns cannot be rejected');
  await microwall(['reject', 'logs', '--out', folder, '-q']);
  const before = everything(folder);
  const { exit, err } = await learn('--out', folder, '--max-blast-radius', '3');
  expect(exit).toBe(1);
  expect(err).toMatch(
    /^refused: \d+ edges, \d+ workloads of the observed traffic .*--max-blast-radius allows 3\. Nothing/,
  );
  expect(err).toMatch(/ → observability\/logs TCP\/24224: allow → deny \(passed in/);
  expect(everything(folder)).toEqual(before);
  expect(await learn('--out', folder, '--max-blast-radius', '9999')).toMatchObject({ exit: 0 });
});

test('manifests stand in a folder for each team, and go back when teams are no longer named', async (context) => {
  const folder = copy('teams');
  const teams = join(scratch, 'teams.yaml');
  writeFileSync(
    teams,
    'teams:\n  store:\n    owners: ["@acme/store"]\n    namespaces: [data]\ndefault:\n  folder: rest\n',
  );
  expect((await learn('--out', folder, '--teams', teams)).exit).toBe(0);
  expect(readdirSync(join(folder, 'kubernetes')).sort()).toEqual(['rest', 'store']);
  for (const name of readdirSync(join(folder, 'kubernetes/store'))) expect(name).toMatch(/^data\./);
  expect(readFileSync(join(folder, 'CODEOWNERS'), 'utf8')).toContain('/kubernetes/store/ @acme/store\n');
  expect(await learn('--out', folder, '--teams', teams, '--dry-run')).toMatchObject({ exit: 0 });
  const checked = await microwall(['check', folder, '--data', data, '-o', 'json', '-q']);
  const flat = await microwall(['check', learned, '--data', data, '-o', 'json', '-q']);
  expect(JSON.parse(checked.out).summary).toEqual(JSON.parse(flat.out).summary);
  if (hasKubectl()) execFileSync('kubectl', ['kustomize', folder]);
  expect((await learn('--out', folder)).exit).toBe(0);
  expect(existsSync(join(folder, 'CODEOWNERS'))).toBe(false);
  expect(readdirSync(join(folder, 'kubernetes'))).toEqual(readdirSync(join(learned, 'kubernetes')));
  writeFileSync(teams, 'teams:\n  store:\n    owner: "@acme/store"\n');
  expect((await learn('--out', folder, '--teams', teams)).err).toContain(`${teams}:3: teams.store has no field owner`);
  if (!hasKubectl()) context.skip('kubectl is not installed');
});

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
