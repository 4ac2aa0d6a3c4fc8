import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { DEMO_OLD_POLICIES } from '../../app/demo-policies.ts';
import { Failure } from '../../util/failure.ts';
import { type CliContext, EXIT, type RegisterCommand } from '../context.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';

interface DemoOptions extends StoreOptions {
  readonly dir: string;
  readonly seed: string;
}

const EXAMPLES = `
Examples:
  microwall demo                            a tour in under a minute; leaves ./microwall-demo to look at
  microwall demo --dir /tmp/tour --seed 7   somewhere else, with other traffic`;

/** Written into the folder, so that a later demo knows that it may replace it. */
const MARKER = '.microwall-demo';

/** \`microwall demo\`: the whole path on a simulated shop, told step by step. */
export const registerDemo: RegisterCommand = (program, context) => {
  const command = program
    .command('demo')
    .summary('take a tour on a simulated shop')
    .description(
      'Simulates a shop for a week, ingests its flows, learns policies, checks old ones, and tells what it found.',
    )
    .option('--dir <dir>', 'folder to leave behind', 'microwall-demo')
    .option('--seed <n>', 'start of the random numbers', '1');
  addStoreOptions(command)
    .addHelpText('after', EXAMPLES)
    .action(async (options: DemoOptions) => {
      const own = command.getOptionValueSource('data') === 'default';
      await tour({ ...options, data: own ? join(options.dir, '.microwall') : options.data }, context);
    });
};

/** Every step is a command that people can type themselves; the demo only adds a sentence before each. */
async function tour(options: DemoOptions, context: CliContext): Promise<void> {
  const { dir, seed } = options;
  const started = context.now();
  const flows = join(dir, 'flows.jsonl');
  const old = join(dir, 'old-policies');
  const learned = join(dir, 'learned');
  const store = ['--data', options.data, ...(options.clickhouse ? ['--clickhouse', options.clickhouse] : [])];
  const show = (text: string) => context.stdout.write(text);
  const step = (shown: Shown, args: readonly string[]) => runStep({ args, shown, extra: store }, context);

  await prepare(dir);
  await writeOldPolicies(old);
  show(`A shop of 15 workloads in 5 namespaces, one week of its traffic, everything under ${dir}/.\n`);

  show(
    '\n1. Flow logs, as Cilium Hubble exports them: both vantage points, replies, probes, DNS, rollouts, a port scan\n',
  );
  await step({ lines: 5 }, ['simulate', 'shop', '--seed', seed, '--out', flows]);

  show('\n2. Into ClickHouse, here the embedded engine; a file that is loaded twice changes nothing\n');
  await step({ lines: 12 }, ['ingest', flows, '--cluster', 'shop']);

  show('\n3. Learn functions from the traffic: who serves, who calls, by which labels\n');
  await step({ lines: 60 }, ['learn', '--out', learned]);
  show(`\n   One pair in full: the two halves of the log function, joined by the label it is named after\n`);
  show(await onePair(join(learned, 'kubernetes')));

  show('\n4. Does the learned set allow what happened? Replay it: only the port scan and one-off calls may remain\n');
  await step({ lines: 14, mayFind: true }, ['check', learned]);

  show('\n5. The policies this shop had before, written by hand from memory: what would they have denied?\n');
  await step({ lines: 45, mayFind: true }, ['check', old]);

  show('\n6. During an incident: who talked to postgres, and when?\n');
  await step({ lines: 14 }, ['query', 'edges', '--to', 'data/postgres', '--limit', '8']);

  show(`\nDone in ${Math.round((context.now() - started) / 1000)} s. To go on, from here:\n${nextSteps(dir)}`);
}

interface Shown {
  /** At most this many lines of the command's output. */
  readonly lines: number;
  /** Exit code 1, findings, is expected here. */
  readonly mayFind?: boolean;
}

async function runStep(
  {
    args,
    shown,
    extra,
  }: { readonly args: readonly string[]; readonly shown: Shown; readonly extra: readonly string[] },
  context: CliContext,
): Promise<void> {
  context.stdout.write(`\n   $ microwall ${args.join(' ')}\n`);
  const output = new Capture();
  const code = await context.runCommand([...args, ...extra], { stdout: output, stderr: output });
  context.stdout.write(indent(firstLines(output.text(), shown.lines)));
  if (code === EXIT.fine || (code === EXIT.findings && shown.mayFind)) return;
  throw new Failure('input', `the demo stopped: microwall ${args[0]} ended with ${code}`, 'The reason stands above.');
}

/** Collects what a command prints. */
class Capture extends Writable {
  readonly #parts: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#parts.push(chunk);
    done();
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}

function firstLines(text: string, most: number): string {
  const lines = text.trimEnd().split('\n');
  const rest = lines.length - most;
  return rest > 0 ? [...lines.slice(0, most), `… ${rest} more lines`].join('\n') : lines.join('\n');
}

function indent(text: string): string {
  return `${text.replace(/^(?=.)/gm, '   ')}\n`;
}

/** Empties the folder of an earlier demo; anything else that stands there is left alone. */
async function prepare(dir: string): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found) {
    const entries = found.isDirectory() ? await readdir(dir) : ['.'];
    if (entries.length > 0 && !entries.includes(MARKER))
      throw new Failure('input', `${dir} exists and is not the folder of a demo`, 'Name another one with --dir.');
    await rm(dir, { recursive: true });
  }
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, MARKER), 'Made by microwall demo, which may replace this folder.\n');
}

async function writeOldPolicies(folder: string): Promise<void> {
  await mkdir(folder);
  for (const [name, text] of Object.entries(DEMO_OLD_POLICIES)) await writeFile(join(folder, name), text);
}

/** Both halves of the log collector's function: its servers, and its clients in one namespace. */
async function onePair(folder: string): Promise<string> {
  const halves = ['observability.logs-service.yaml', 'shop.logs-client.yaml'];
  const texts = await Promise.all(halves.map((name) => readFile(join(folder, name), 'utf8')));
  return indent(texts.join('---\n'));
}

function nextSteps(dir: string): string {
  return [
    `  cd ${dir}`,
    '  microwall report old-policies -o markdown      the weekly report: least privilege, unused grants, new edges',
    '  microwall query flows --from shop/reviews --verdict deny   what the scan ran into',
    '  microwall learn --mode selectors --out selectors           the same pairs without new labels',
    '  less learned/REVIEW.md                         what was learned and held back, and what to look at first',
    '  microwall learn --out learned --dry-run        what another run would change: nothing, until traffic or people do',
    '  In a checkout, microwall is: npm run -s microwall --',
    '',
  ].join('\n');
}
