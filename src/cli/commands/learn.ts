import { InvalidArgumentError, Option } from 'commander';
import { changesText, hasChanges, refusalText, unreadText } from '../../app/learn/changes-text.ts';
import {
  LEARN_DEFAULTS,
  type LearnOutcome,
  learnJson,
  learnPolicies,
  learnText,
} from '../../app/learn/learn-policies.ts';
import { Failure } from '../../util/failure.ts';
import { type CliContext, EXIT, type RegisterCommand } from '../context.ts';
import {
  addLearnOutputOptions,
  askedOutput,
  type LearnOutputOptions,
  OUTPUT_EXAMPLES,
} from '../learn-output-options.ts';
import { addStoreOptions, collect, type StoreOptions } from '../options.ts';
import { hint, terminalWidth } from '../output.ts';
import { addTimeOptions, askedWindow, type TimeOptions } from '../time-options.ts';

interface LearnCommandOptions extends StoreOptions, TimeOptions, LearnOutputOptions {
  readonly out?: string;
  readonly cluster?: string;
  readonly mode: 'labels' | 'selectors';
  readonly namespace: readonly string[];
  readonly excludeNamespace: readonly string[];
  readonly labelPrefix: string;
  readonly minDays: number;
  readonly minClients: number;
  readonly maxOverGrant: number;
  readonly teams?: string;
  readonly dryRun: boolean;
  readonly maxBlastRadius?: number;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  microwall learn                                  what would be learned from everything stored
  microwall learn --since 7d --out policies        the last week, written as files for Git
  microwall learn --out policies --mode selectors  without new labels: existing labels only
  microwall learn -n shop -n pay --out policies    isolate the workloads of two namespaces only
  microwall learn --out policies --dry-run         what would change in what stands there
  microwall learn --out policies --max-blast-radius 20   unless more than 20 observed edges are decided otherwise${OUTPUT_EXAMPLES}
  microwall learn -o json | jq .leftOut.heldBack   what was seen and not granted, by rule

A link is trusted when --min-clients pods of the client made it AND it was seen on --min-days days (at least 12 hours
apart) or in 6 different hours. A client that never had more than one pod has nobody to vouch for it: 3 days instead. A
scan stays held back whatever its counts. System namespaces (${LEARN_DEFAULTS.excludedNamespaces.join(', ')})
are granted to and from, but only isolated when named with -n.
--out writes micropolicies.yaml, kubernetes/, labels/, kustomization.yaml and REVIEW.md, and touches nothing it did not
make; names, decisions and comments in micropolicies.yaml survive (docs/learning.md).
Exit code 0: done, or with --dry-run nothing would change; 1: with --dry-run something would change, or too much would
change for --max-blast-radius and nothing was written; 2: wrong usage or input.`;

/** \`microwall learn\`: edges → functions → paired micropolicies. */
export const registerLearn: RegisterCommand = (program, context) => {
  const modes = new Option('--mode <mode>', 'select pods by new function labels, or by existing labels');
  const command = program
    .command('learn')
    .summary('learn paired micropolicies from stored traffic')
    .description('Learns functions, their servers and clients from stored traffic, and writes both halves as policies.')
    .option('--out <dir>', 'folder for the result; without it nothing is written')
    .addOption(modes.choices(['labels', 'selectors']).default('labels'))
    .option('-n, --namespace <name>', 'label and isolate workloads of this namespace only (repeatable)', collect, [])
    .option('--exclude-namespace <name>', 'neither label nor isolate here (repeatable)', collect, [])
    .option('--cluster <name>', 'cluster to learn for, when the store holds several')
    .option(
      '--label-prefix <prefix>',
      'put before function names in label keys, e.g. net.example.com/',
      parsePrefix,
      '',
    )
    .option(
      '--min-days <n>',
      'trust a link that was seen on this many days, or in 6 different hours …',
      parseCount,
      LEARN_DEFAULTS.minDays,
    )
    .option(
      '--min-clients <n>',
      '… and from this many pods of the client; a client with one pod: on 3 days',
      parseCount,
      LEARN_DEFAULTS.minClients,
    )
    .option(
      '--max-over-grant <share>',
      'with --mode selectors: how much of a grant may go to clients that carry the labels of all others and were not seen; 0 = nobody',
      parseShare,
      LEARN_DEFAULTS.maxOverGrant,
    )
    .option('--teams <file>', 'who owns which workloads: a folder of manifests for each team, and CODEOWNERS')
    .option('--dry-run', 'only show what would change in the folder of --out', false)
    .option(
      '--max-blast-radius <n>',
      'write nothing when more observed edges or workloads would be decided otherwise',
      parseLimit,
    )
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addLearnOutputOptions(command);
  addStoreOptions(addTimeOptions(command)).action((options: LearnCommandOptions) => runLearn(options, context));
};

async function runLearn(options: LearnCommandOptions, context: CliContext): Promise<void> {
  const { namespace, excludeNamespace, out } = options;
  if (out === undefined && (options.dryRun || options.maxBlastRadius !== undefined))
    throw new Failure('input', 'there is no folder to compare with', 'Name it with --out DIR.');
  const outcome = await learnPolicies({
    store: options,
    ...askedWindow(options),
    cluster: options.cluster,
    out,
    form: askedOutput(options),
    teams: options.teams,
    dryRun: options.dryRun,
    maxBlastRadius: options.maxBlastRadius,
    options: {
      ...LEARN_DEFAULTS,
      mode: options.mode,
      namespaces: namespace,
      excludedNamespaces: [
        ...excludeNamespace,
        ...LEARN_DEFAULTS.excludedNamespaces.filter((system) => !namespace.includes(system)),
      ],
      labelPrefix: options.labelPrefix,
      minDays: options.minDays,
      minClients: options.minClients,
      maxOverGrant: options.maxOverGrant,
    },
  });
  tell(outcome, options, context);
}

/** What became of the folder on stderr, the result on stdout, and the exit code. */
function tell(outcome: LearnOutcome, options: LearnCommandOptions, context: CliContext): void {
  const { out, dryRun, maxBlastRadius } = options;
  const { changes, refused } = outcome;
  const width = terminalWidth(context.stdout);
  if (options.output === 'json') context.stdout.write(learnJson(outcome));
  else if (changes && out !== undefined && dryRun) context.stdout.write(changesText(changes, out));
  else if (!refused) context.stdout.write(learnText(outcome, { out, width }));
  if (refused && changes?.traffic) {
    context.stderr.write(refusalText(changes.traffic, { folder: out ?? '', limit: maxBlastRadius ?? 0 }));
    context.setExitCode(EXIT.findings);
  } else if (changes && dryRun) {
    if (hasChanges(changes)) context.setExitCode(EXIT.findings);
  } else if (changes) {
    if (changes.unread !== undefined) hint(context, options.quiet, unreadText(changes.unread));
    const { added, changed, unchanged, removed } = changes.files;
    const written = added.length + changed.length;
    hint(context, options.quiet, `${out}: ${written} files written, ${unchanged} unchanged, ${removed.length} removed`);
  }
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

/** More than half would no longer be an exception. */
function parseShare(text: string): number {
  const share = Number(text);
  if (/^\d*\.?\d+$/.test(text) && share <= 0.5) return share;
  throw new InvalidArgumentError('Write a share from 0 to 0.5, e.g. 0.05.');
}

function parseLimit(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number.');
  return Number(text);
}

/** The part of a label key before the name is a DNS name and ends in a slash. */
function parsePrefix(text: string): string {
  const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/$/;
  if (text === '' || (domain.test(text) && text.length <= 254)) return text;
  throw new InvalidArgumentError('Write a DNS name and a slash, e.g. net.example.com/.');
}
