import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { microwall } from './microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-check-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A folder of its own with these files. */
function folder(files: Readonly<Record<string, string | Buffer>>): string {
  const path = mkdtempSync(join(scratch, 'policies-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

const POLICY = (name: string) =>
  `apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: ${name}, namespace: shop }\nspec: { podSelector: {} }\n`;

describe.each(['check', 'report'])('microwall %s with policies that cannot be read exactly', (command) => {
  it('lists every fault with file, document and line, decides nothing and exits with 2', async () => {
    const path = folder({
      'a.yaml': `${POLICY('a')}---\n${POLICY('b').replace('podSelector', 'podSelecter')}`,
      'b.yaml': POLICY('c').replace('NetworkPolicy', 'NetworkPolice'),
      'deep/c.yml': 'kind: [unclosed\n',
      'd.json': '{"kind": ',
    });
    const { exit, out, err } = await microwall([command, path, '--data', join(scratch, 'none')]);
    expect(exit).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(`error: ${path}/a.yaml:9 (document 2): `);
    expect(err).toContain('podSelecter');
    expect(err).toContain(`error: ${path}/b.yaml:2: `);
    expect(err).toContain(`error: ${path}/deep/c.yml:`);
    expect(err).toContain(`error: ${path}/d.json:`);
    expect(err.match(/^ {2}→ /gm)?.length).toBeGreaterThanOrEqual(4);
  });

  it('names files and folders that are not there, are empty, or are not text', async () => {
    const missing = join(scratch, 'missing.yaml');
    const empty = folder({ 'README.md': '# no policies' });
    const binary = join(folder({ 'x.yaml': Buffer.from([0xff, 0xfe, 0x00, 0x41]) }), 'x.yaml');
    const { exit, err } = await microwall([command, missing, empty, binary]);
    expect(exit).toBe(2);
    expect(err).toContain(`${missing}: there is no such file or folder`);
    expect(err).toContain(`${empty}: the folder holds no *.yaml, *.yml or *.json file`);
    expect(err).toContain(`${binary}: the file is not UTF-8 text`);
  });

  it('reports a fault in standard input as such', async () => {
    const { exit, err } = await microwall([command, '-'], POLICY('a').replace('spec', 'sepc'));
    expect(exit).toBe(2);
    expect(err).toContain('error: <stdin>:');
  });

  it.skipIf(process.getuid?.() === 0)('says when a file may not be read', async () => {
    const path = join(folder({ 'x.yaml': POLICY('x') }), 'x.yaml');
    chmodSync(path, 0);
    expect((await microwall([command, path])).err).toContain(`${path}: no permission to read it`);
  });

  it('ends although a folder links to itself', async () => {
    const path = folder({ 'x.yaml': 'kind: {' });
    symlinkSync(path, join(path, 'again'));
    expect((await microwall([command, path])).exit).toBe(2);
  });

  it('wants policies, and shows examples', async () => {
    expect((await microwall([command])).exit).toBe(2);
    const help = await microwall([command, '--help']);
    expect(help.exit).toBe(0);
    expect(help.out).toContain('Examples:');
  });
});
