import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { expectGolden } from '../helpers/golden.ts';
import { microwall } from './microwall.ts';

const FOLDER = 'test/scenarios';
const PREFIXES = ['connectivity-', 'diff-', 'explain-', 'lint-', 'render-'];

/** Lines of `commands.txt`: the golden file, then the command line; `./` stands for the scenario's folder. */
function commandsOf(name: string): (readonly [golden: string, args: readonly string[]])[] {
  const lines = readFileSync(join(FOLDER, name, 'commands.txt'), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const [golden = '', ...args] = line.split(/\s+/);
    return [golden, args.map((arg) => arg.replace(/^\.\//, `${FOLDER}/${name}/`))] as const;
  });
}

const scenarios = readdirSync(FOLDER).filter((name) => PREFIXES.some((prefix) => name.startsWith(prefix)));

describe.each(scenarios)('%s', (name) => {
  it.each(commandsOf(name))('gives the expected %s, exit code and hints', async (golden, args) => {
    const { exit, out, err } = await microwall([...args, '--data', join(FOLDER, name, 'no-store')]);
    const where = join(FOLDER, name, 'expected', golden);
    expectGolden(out, where);
    expectGolden(`exit ${exit}\n${err}`, `${where}.stderr`);
  });
});
