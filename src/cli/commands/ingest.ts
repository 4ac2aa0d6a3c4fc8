import { once } from 'node:events';
import { InvalidArgumentError, Option } from 'commander';
import type { IngestCounts } from '../../../ingest/batch/builder-counts.ts';
import { FORMAT_NAMES, FORMAT_OPTIONS } from '../../../ingest/batch/interpreter.ts';
import { type ExplainedRow, explainInput } from '../../../ingest/files/explain.ts';
import { findInputs } from '../../../ingest/files/files.ts';
import type { IngestSummary } from '../../../ingest/files/ingest-files.ts';
import { progressReporter } from '../../../ingest/files/progress.ts';
import { runIngest } from '../../../ingest/files/run-ingest.ts';
import { LabelInterner } from '../../model/labels.ts';
import { thousands } from '../../util/thousands.ts';
import { type CliContext, EXIT, type RegisterCommand } from '../context.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';
import { hint } from '../output.ts';

interface IngestOptions extends StoreOptions {
  readonly format: string;
  readonly cluster: string;
  readonly recursive: boolean;
  readonly explain: boolean;
  readonly option?: Readonly<Record<string, string>>;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Files may hold one JSON object a line, several, pretty-printed ones or arrays, with or without the prefix of container
logs, plain or compressed (gzip, zstd; found by content). Reading a file again changes nothing; of a file that has
grown only what is new is added. Records that cannot be read are kept in the table \`rejects\` with file, line and reason.

Examples:
  microwall ingest flows.jsonl.gz                                 a file of the Hubble exporter
  hubble observe --last 100000 -o json | microwall ingest -       straight from the cluster
  microwall ingest --recursive /var/run/cilium/hubble --cluster prod
  microwall ingest vpc.log --option 'aws-format=\${version} \${srcaddr} \${dstaddr} …'    columns of your AWS flow logs
  microwall ingest -o json flows.jsonl | jq .rejects
  microwall ingest --explain flows.jsonl | head -1 | jq           what would be stored, and nothing stored

--explain prints rows as NDJSON with the column names of the table \`flows\` (src_ = client, dst_ = server, after
orientation); src_labels and dst_labels are objects, null when the source does not tell them. What was recognised goes
to stderr.

Exit code 0: read, also when some records were rejected (they are counted); 2: a file cannot be read, or nothing in it
was recognised; 3: the store is out of reach.`;

const FORMAT_OPTION_HELP = `what a format has to be told: ${Object.keys(FORMAT_OPTIONS).join(', ')}`;

/** `microwall ingest`: flow logs → store. */
export const registerIngest: RegisterCommand = (program, context) => {
  const command = program
    .command('ingest')
    .summary('read flow logs from files or standard input into the store')
    .description('Reads flow logs into the store: normalised, each record exactly once, rejects kept with their place.')
    .argument('<files...>', 'files, or - for standard input')
    .addOption(new Option('--format <name>', 'format of the records').choices(FORMAT_NAMES).default('auto'))
    .option('--cluster <name>', 'cluster of records that name none', 'default')
    .option('--option <key=value>', `${FORMAT_OPTION_HELP} (repeatable)`, parseOption)
    .option('-r, --recursive', 'take folders for the files in them', false)
    .option('--explain', 'print the normalised rows and store nothing', false)
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addStoreOptions(command).action((paths: string[], options: IngestOptions) =>
    options.explain ? explain(paths, options, context) : ingest(paths, options, context),
  );
};

function parseOption(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=');
  const key = text.slice(0, equals);
  if (equals > 0 && Object.hasOwn(FORMAT_OPTIONS, key)) return { ...earlier, [key]: text.slice(equals + 1) };
  const known = Object.entries(FORMAT_OPTIONS).map(([name, meaning]) => `${name} (${meaning})`);
  throw new InvalidArgumentError(`Write KEY=VALUE; keys are ${known.join(', ')}.`);
}

/** Options for formats, if there are any. */
function formatOptions({ option }: IngestOptions): { readonly options?: Readonly<Record<string, string>> } {
  return option === undefined ? {} : { options: option };
}

async function ingest(paths: readonly string[], options: IngestOptions, context: CliContext): Promise<void> {
  const { stderr, stdin, now } = context;
  const isTerminal = (stderr as Partial<NodeJS.WriteStream>).isTTY === true;
  const progress = progressReporter({ now, isTerminal, write: (text) => stderr.write(text) });
  const started = now();
  const summary = await runIngest({
    ...options,
    ...formatOptions(options),
    store: options,
    paths,
    stdin,
    now,
    ...(options.quiet ? {} : { onProgress: progress.report }),
  }).finally(progress.clear);
  const seconds = (now() - started) / 1000;
  if (options.output === 'json') context.stdout.write(`${JSON.stringify(summaryJson(summary, seconds))}\n`);
  else context.stdout.write(`${summaryText(summary, seconds)}\n`);
  tellRejects(summary.counts, options, context);
  tellInputs(summary, options, context);
}

function summaryJson({ counts, duplicates }: IngestSummary, seconds: number): Record<string, unknown> {
  const { records, rows, rejects, lost } = counts;
  return { records, rows, rejects, duplicates, seconds, skipped: sum(counts.skipped), lost };
}

function summaryText({ counts, duplicates }: IngestSummary, seconds: number): string {
  const { records, rows, rejects, lost } = counts;
  // A rate over less than a second would be that of the start of the engine.
  const rate = seconds >= 1 ? ` (${thousands(Math.round(records / seconds))} records/s)` : '';
  const skipped = [...counts.skipped].map(([reason, count]) => `${thousands(count)} ${reason}`).join(', ');
  return [
    `${thousands(records)} records in ${seconds.toFixed(1)} s${rate}: ${thousands(rows)} rows stored`,
    ...(duplicates > 0 ? [`${thousands(duplicates)} records were stored before and changed nothing`] : []),
    ...(skipped !== '' ? [`${thousands(sum(counts.skipped))} records are no traffic (${skipped})`] : []),
    ...(lost > 0 ? [`${thousands(lost)} events were lost by the source before it could report them`] : []),
    ...(rejects > 0 ? [`${thousands(rejects)} rejected`] : []),
  ].join('\n');
}

/** By reason, the most frequent first, each with the place of the first. */
function tellRejects({ rejected }: IngestCounts, { quiet }: IngestOptions, context: CliContext): void {
  const sorted = [...rejected].sort(([, a], [, b]) => b.count - a.count);
  for (const [reason, { count, detail, first }] of sorted)
    hint(context, quiet, `rejected: ${thousands(count)} × ${reason}, first at ${first}: ${detail}`);
}

function tellInputs({ empty, unrecognised }: IngestSummary, { quiet }: IngestOptions, context: CliContext): void {
  for (const name of empty) hint(context, quiet, `${name} is empty: there is no record in it`);
  for (const name of unrecognised) {
    const formats = FORMAT_NAMES.join(', ');
    context.stderr.write(`error: nothing in ${name} was recognised\n  → Name its format with --format: ${formats}.\n`);
    context.setExitCode(EXIT.input);
  }
}

async function explain(paths: readonly string[], options: IngestOptions, context: CliContext): Promise<void> {
  const inputs = await findInputs(paths, { stdin: context.stdin, recursive: options.recursive });
  const request = { ...options, ...formatOptions(options), now: context.now, interner: new LabelInterner() };
  for (const input of inputs) {
    const counts = await explainInput(input, request, (rows) => printRows(rows, context.stdout));
    const { records, rows, rejects, lost, formats, skipped } = counts;
    const recognised = [...formats].map(([format, count]) => `${thousands(count)} ${format}`).join(', ') || 'nothing';
    hint(
      context,
      options.quiet,
      `${input.name}: ${thousands(records)} records; rows: ${recognised}; ${sum(skipped)} skipped, ${rejects} rejected, ${lost} lost`,
    );
    tellRejects(counts, options, context);
    const unrecognised = rejects > 0 && rows + lost + skipped.size === 0;
    tellInputs(
      {
        empty: records === 0 ? [input.name] : [],
        unrecognised: unrecognised ? [input.name] : [],
        counts,
        duplicates: 0,
      },
      options,
      context,
    );
  }
}

async function printRows(rows: readonly ExplainedRow[], stdout: NodeJS.WritableStream): Promise<void> {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (text !== '' && !stdout.write(text)) await once(stdout, 'drain');
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}
