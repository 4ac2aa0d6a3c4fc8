/**
 * How good is what is learned? Simulates applications whose needs are known, with attacks and drifts, brings them through
 * the real store, learns from the first half of the time and scores on the second and on the truth. `docs/evaluation.md`
 * says what is measured and how. Exit code 1 when a gate fails; not running for lack of applications is no failure.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure } from '../../src/util/failure.ts';
import { judgeGates } from './eval/gates.ts';
import { applicationOfManyClients } from './eval/many-clients.ts';
import { printSummary } from './eval/print.ts';
import { makeProtocol, type ProtocolOptions } from './eval/protocol.ts';
import { type Run, runOnce } from './eval/run.ts';
import { runJson } from './eval/run-json.ts';
import { summarise } from './eval/summary.ts';

const USAGE = `usage: npm run -s eval:learning -- [--truth FILE…] [--seeds N] [--first-seed N] [--days 14]
                                  [--environments N] [--replicas N] [--json]`;
/** A lateral attack of three days has to fit into the first half, after its first day. */
const FEWEST_DAYS = 10;

interface Request {
  readonly files: readonly string[];
  readonly seeds: number;
  readonly firstSeed: number;
  readonly days: number;
  readonly environments: number | undefined;
  readonly replicas: number | undefined;
  readonly json: boolean;
}

function readRequest(args: readonly string[]): Request {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      truth: { type: 'string', multiple: true },
      ...{ seeds: text, 'first-seed': text, days: text, environments: text, replicas: text },
      json: { type: 'boolean', default: false },
    },
  });
  const days = whole('days', values.days ?? '14', FEWEST_DAYS);
  const named = [...(values.truth ?? []), ...positionals];
  return {
    files: named.length > 0 ? named.map((file) => resolve(process.env.INIT_CWD ?? '.', file)) : sharedTruths(),
    seeds: whole('seeds', values.seeds ?? '3', 1),
    firstSeed: whole('first-seed', values['first-seed'] ?? '1', 0),
    days,
    environments: values.environments === undefined ? undefined : whole('environments', values.environments, 1),
    replicas: values.replicas === undefined ? undefined : whole('replicas', values.replicas, 1),
    json: values.json,
  };
}

function whole(name: string, value: string, least: number): number {
  const number = Number(value);
  if (Number.isInteger(number) && number >= least) return number;
  throw new Failure('input', `--${name} ${value} is no whole number from ${least} up`, USAGE);
}

/** Truth files with a service graph beside the project; none when the folder is not there. */
function sharedTruths(): string[] {
  const folder = join(process.env.MICROWALL_SHARED ?? '../shared', 'data', 'truth');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name))
    .filter((file) => Array.isArray((readTruth(file) as { serviceGraph?: unknown }).serviceGraph));
}

function readTruth(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('input', `cannot read ${file}: ${reason}`, 'Name a ground-truth file: JSON with a serviceGraph.');
  }
}

interface Application {
  readonly name: string;
  readonly truth: unknown;
  readonly options: Partial<ProtocolOptions>;
}

async function evaluate(request: Request): Promise<{ readonly runs: Run[]; readonly manyClients: Run[] }> {
  const applications = request.files.map(
    (file): Application => ({ name: basename(file), truth: readTruth(file), options: {} }),
  );
  // A file that is no ground truth shall not be found out after minutes.
  for (const { truth } of applications) makeProtocol(truth, { ...request, seed: request.firstSeed });
  // Whoever calls now and then, or does not carry what the others carry, keeps labels from standing for all of them.
  const options = { mix: [100, 0, 0], isQuiet: true, replicas: 2 } as const;
  const own: Application = { name: 'many-clients', truth: applicationOfManyClients(), options };
  const manyClients = await runAll([own], { ...request, seeds: 1 });
  return { runs: await runAll(applications, request), manyClients };
}

async function runAll(applications: readonly Application[], request: Request): Promise<Run[]> {
  const { seeds, firstSeed, days, environments, replicas } = request;
  const runs: Run[] = [];
  const started = performance.now();
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++)
    for (const { name, truth, options } of applications) {
      const run = await runOnce(truth, { seed, days, environments, replicas, ...options });
      runs.push(run);
      const seconds = Math.round((performance.now() - started) / 1000);
      const done = `${runs.length}/${applications.length * seeds}`;
      process.stderr.write(`${done} ${name} seed ${seed}: ${run.records} records, ${seconds} s so far\n`);
    }
  return runs;
}

async function main(): Promise<number> {
  const request = readRequest(process.argv.slice(2));
  if (request.files.length === 0) {
    const why = 'not run: no ground truth in ../shared/data/truth (MICROWALL_SHARED), and no --truth FILE given';
    process.stdout.write(request.json ? `${JSON.stringify({ ran: false, why })}\n` : `${why}\n`);
    return 0;
  }
  const { runs, manyClients } = await evaluate(request);
  const summary = summarise(runs, manyClients);
  const gates = judgeGates(summary);
  const json = () =>
    JSON.stringify({ ran: true, ...summary, gates, runs: [...runs, ...manyClients].map(runJson) }, null, 2);
  process.stdout.write(request.json ? `${json()}\n` : printSummary(summary, gates));
  return gates.every(({ passed }) => passed) ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  const known = error instanceof Failure || (error instanceof TypeError && 'code' in error);
  if (!known) throw error;
  process.stderr.write(`${error.message}\n${error instanceof Failure ? error.remedy : USAGE}\n`);
  process.exitCode = 2;
}
