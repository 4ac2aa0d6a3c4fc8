import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { microwall } from './microwall.ts';

test('--version tells the version of the package', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  expect(await microwall(['--version'])).toMatchObject({ exit: 0, out: `${version}\n` });
});

/** Names of all commands, as `--help` lists them. */
async function commandNames(): Promise<string[]> {
  const { out } = await microwall(['--help']);
  const listed = [...out.slice(out.indexOf('Commands:')).matchAll(/^ {2}([a-z]+)/gm)].map(([, name]) => name ?? '');
  expect(listed.length).toBeGreaterThan(15);
  return listed.filter((name) => name !== 'help');
}

test('every command of the list explains itself with examples', async () => {
  for (const command of await commandNames()) {
    const help = await microwall([command, '--help']);
    const nested = /^Commands:/m.test(help.out);
    expect(nested || help.out.includes('Examples:'), `${command} has no examples`).toBe(true);
  }
});

test('every command has a row in the README', async () => {
  const readme = readFileSync('README.md', 'utf8');
  for (const command of await commandNames())
    expect(readme.includes(`\`microwall ${command}`) || readme.includes(`\\|${command} `), command).toBe(true);
});
