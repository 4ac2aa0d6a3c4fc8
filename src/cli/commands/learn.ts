import { InvalidArgumentError, Option } from 'commander';
import { LEARN_DEFAULTS, learnJson, learnPolicies, learnText } from '../../app/learn-policies.ts';
import type { CliContext, RegisterCommand } from '../context.ts';
import { addSinceOption, addStoreOptions, collect, type StoreOptions } from '../options.ts';
import { hint, terminalWidth } from '../output.ts';

interface LearnCommandOptions extends StoreOptions {
  readonly out?: string;
  readonly since?: number;
  readonly cluster?: string;
  readonly mode: 'labels' | 'selectors';
  readonly namespace: readonly string[];
  readonly excludeNamespace: readonly string[];
  readonly labelPrefix: string;
  readonly minDays: number;
  readonly minClients: number;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  microwall learn                                  what would be learned from everything stored
  microwall learn --since 7d --out policies        the last week, written as files for Git
  microwall learn --out policies --mode selectors  without new labels: existing labels only
  microwall learn -n shop -n pay --out policies    isolate the workloads of two namespaces only
  microwall learn -o json | jq .leftOut.heldBack   what was seen and not granted, by rule

A link is trusted when several replicas of the client made it on several days; a scan stays held back. System namespaces
(${LEARN_DEFAULTS.excludedNamespaces.join(', ')}) are granted to and from, but only isolated when named with -n.
--out writes micropolicies.yaml, kubernetes/, labels/ and kustomization.yaml, and touches nothing it did not make.`;

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
    .option('--min-days <n>', 'trust what was seen on this many days', parseCount, LEARN_DEFAULTS.minDays)
    .option(
      '--min-clients <n>',
      '… and from this many client pods, or from all there are',
      parseCount,
      LEARN_DEFAULTS.minClients,
    )
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addStoreOptions(addSinceOption(command)).action((options: LearnCommandOptions) => runLearn(options, context));
};

async function runLearn(options: LearnCommandOptions, context: CliContext): Promise<void> {
  const { namespace, excludeNamespace, out } = options;
  const outcome = await learnPolicies({
    store: options,
    since: options.since,
    cluster: options.cluster,
    out,
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
    },
  });
  const { changes } = outcome;
  if (changes)
    hint(
      context,
      options.quiet,
      `${out}: ${changes.written.length} files written, ${changes.unchanged} unchanged, ${changes.removed.length} removed`,
    );
  const width = terminalWidth(context.stdout);
  context.stdout.write(options.output === 'json' ? learnJson(outcome) : learnText(outcome, { out, width }));
}

function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1.');
  return Number(text);
}

/** The part of a label key before the name is a DNS name and ends in a slash. */
function parsePrefix(text: string): string {
  const domain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\/$/;
  if (text === '' || (domain.test(text) && text.length <= 254)) return text;
  throw new InvalidArgumentError('Write a DNS name and a slash, e.g. net.example.com/.');
}
