import { Option } from 'commander';
import { reportWeek } from '../../app/policies/report-week.ts';
import type { RegisterCommand } from '../context.ts';
import { addStoreOptions, collect, type StoreOptions } from '../options.ts';
import { terminalWidth } from '../output.ts';
import { addPolicyOptions, type PolicyOptions, policySource } from '../policy-options.ts';
import { printOutcome } from '../print-outcome.ts';
import { addTimeOptions, askedWindow, type TimeOptions } from '../time-options.ts';

interface ReportOptions extends StoreOptions, TimeOptions, PolicyOptions {
  readonly namespace: readonly string[];
  readonly output: 'table' | 'json' | 'markdown';
}

const WEEK = 7 * 86_400_000;

const EXAMPLES = `
Examples:
  microwall report policies/                             the last 7 days, on the terminal
  microwall report policies/ -o markdown > week.md       for a ticket, a wiki or a mail
  microwall report policies/ --since 30d -n payments     a month of one namespace
  microwall report policies/ --from 2026-10-01 --to 2026-11-01   October, in UTC
  microwall report policies/ --staged enforce            as if staged policies and dry runs were in force
  kubectl get netpol -A -o json | microwall report - -o json | jq .headline.leastPrivilege.score

The window is compared with the equally long one before it. The exit code does not depend on what is found: \`check\` is
the gate. The JSON is described in docs/report-json.md.`;

/** \`microwall report\`: the weekly least-privilege report. */
export const registerReport: RegisterCommand = (program, context) => {
  const command = program
    .command('report')
    .summary('weekly least-privilege report')
    .description(
      'How far active policies are from least privilege: what they would deny, what nobody uses, what is new.',
    )
    .argument('<policies...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .option('-n, --namespace <name>', 'only edges with an end in this namespace (repeatable)', collect, [])
    .addOption(
      new Option('-o, --output <format>', 'form of the result').choices(['table', 'json', 'markdown']).default('table'),
    )
    .addHelpText('after', EXAMPLES);
  addStoreOptions(addTimeOptions(addPolicyOptions(command), { milliseconds: WEEK, text: '7d' }));
  command.action(async (paths: string[], options: ReportOptions) => {
    const outcome = await reportWeek({
      policies: policySource(paths, options, context),
      store: options,
      ...askedWindow(options),
      namespaces: options.namespace,
      format: { name: options.output, width: terminalWidth(context.stdout) },
    });
    await printOutcome(context, options, outcome);
  });
};
