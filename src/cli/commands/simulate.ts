import { InvalidArgumentError } from 'commander';
import { type SimulateRequest, simulateFlows } from '../../app/simulate-flows.ts';
import { readSimulationGraph } from '../../app/simulate-input.ts';
import { thousands } from '../../util/thousands.ts';
import type { CliContext, RegisterCommand } from '../context.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';
import { hint } from '../output.ts';

interface SimulateOptions extends StoreOptions {
  readonly days?: number;
  readonly seed?: number;
  readonly start?: number;
  readonly flows?: number;
  readonly replicas?: number;
  readonly nodes?: number;
  readonly fromTruth: boolean;
  readonly mix?: [number, number, number];
  readonly environments?: string[];
  readonly out: string;
  readonly gzip?: boolean;
  readonly compact: boolean;
  readonly groundTruth?: string;
  readonly printGraph: boolean;
}

const EXAMPLES = `
The same graph and seed always give the same bytes. The format: docs/graph-format.md.

Examples:
  microwall simulate shop --out shop.jsonl.gz           the application of the demo, one week
  microwall simulate my-app.json | microwall ingest -   straight into the store
  microwall simulate my-app.json --days 14 --seed 7 --flows 1000000 --ground-truth truth.json --out flows.jsonl
  microwall simulate online-boutique.json --from-truth --replicas 3 --mix 70,15,15 --out flows.jsonl
  microwall simulate online-boutique.json --from-truth --print-graph > my-app.json`;

/** `microwall simulate`: a described application → Hubble flows over days. */
export const registerSimulate: RegisterCommand = (program, context) => {
  const command = program
    .command('simulate')
    .description('Turn a described application into Hubble flow logs, with everything real logs have.')
    .argument('<graph>', 'graph or ground-truth file, - for standard input, or "shop"')
    .option('--days <n>', 'how many days', parseCount)
    .option('--seed <n>', 'start of the random numbers', parseSeed)
    .option('--start <time>', 'when it begins (ISO 8601)', parseTime)
    .option('--flows <n>', 'change the rates so that about this many records come out, rather more', parseCount)
    .option('--replicas <n>', 'pods of every Deployment, ReplicaSet and StatefulSet', parseCount)
    .option('--nodes <n>', 'machines of the cluster', parseCount)
    .option('--from-truth', 'the file is a ground-truth file (found out by itself when left out)', false)
    .option('--mix <b,f,w>', 'from truth: percentages of calls that are busy, made a few times a day, weekly', parseMix)
    .option('--environments <list>', 'from truth: one copy of the application per name, e.g. prod,stage', parseList)
    .option('--out <file>', 'file to write, compressed when it ends in .gz; - for standard output', '-')
    .option('--gzip', 'compress whatever the name')
    .option('--compact', 'records without addresses of hardware, interfaces, node labels and summaries', false)
    .option('--ground-truth <file>', 'also write which tuples are needed, noise or attack')
    .option('--print-graph', 'print the complete graph instead of simulating it', false);
  addStoreOptions(command)
    .addHelpText('after', EXAMPLES)
    .action((input: string, options: SimulateOptions) => runSimulate(input, options, context));
};

async function runSimulate(input: string, options: SimulateOptions, context: CliContext): Promise<void> {
  const { graph, converted } = await readSimulationGraph({ ...options, input }, context.stdin);
  if (converted && !options.fromTruth)
    hint(context, options.quiet, `${input} is a ground-truth file: converted to a graph`);
  if (options.printGraph) {
    context.stdout.write(`${JSON.stringify(graph, null, 2)}\n`);
    return;
  }
  const { flows, gzip, groundTruth, compact, out } = options;
  const request: SimulateRequest = {
    graph,
    compact,
    out,
    ...(flows === undefined ? {} : { flows }),
    ...(gzip === undefined ? {} : { gzip }),
    ...(groundTruth === undefined ? {} : { groundTruth }),
  };
  const started = context.now();
  const summary = await simulateFlows(request, { stdout: context.stdout, onProgress: progress(options, context) });
  const seconds = (context.now() - started) / 1000;
  const rate = thousands(Math.round(summary.records / Math.max(seconds, 0.001)));
  hint(
    context,
    options.quiet,
    `${thousands(summary.records)} records, ${(summary.bytes / 1e6).toFixed(1)} MB, ${graph.days} days of ${graph.name} in ${seconds.toFixed(1)} s (${rate} records/s)`,
  );
  if (flows !== undefined && summary.records > flows * 1.1) {
    hint(
      context,
      options.quiet,
      `more than ${thousands(flows)}: busy calls happen every hour, and jobs, rare calls and attacks keep their number`,
    );
  }
}

/** One line a second on stderr. */
function progress({ quiet, flows }: SimulateOptions, context: CliContext): (records: number) => void {
  let last = context.now();
  return (records) => {
    if (quiet || context.now() - last < 1000) return;
    last = context.now();
    context.stderr.write(
      `${thousands(records)}${flows === undefined ? '' : ` of about ${thousands(flows)}`} records\n`,
    );
  };
}

function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number from 1.');
  return value;
}

function parseSeed(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new InvalidArgumentError('Write a whole number from 0 to 4294967295.');
  return value;
}

function parseTime(text: string): number {
  const value = Date.parse(text);
  if (Number.isNaN(value)) throw new InvalidArgumentError('Write a time such as 2026-03-02T00:00:00Z.');
  return value;
}

function parseMix(text: string): number[] {
  const parts = text.split(',').map(Number);
  const valid = parts.length === 3 && parts.every((part) => part >= 0) && parts.some((part) => part > 0);
  if (!valid) throw new InvalidArgumentError('Write three percentages, e.g. 70,15,15.');
  return parts;
}

function parseList(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}
