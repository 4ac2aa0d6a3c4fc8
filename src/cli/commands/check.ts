import { Option } from 'commander';
import { checkPolicies } from '../../app/policies/check-policies.ts';
import { EXIT, type RegisterCommand } from '../context.ts';
import { addStoreOptions, collect, type StoreOptions } from '../options.ts';
import { terminalWidth } from '../output.ts';
import { addPolicyOptions, type PolicyOptions, policySource } from '../policy-options.ts';
import { printOutcome } from '../print-outcome.ts';
import { addTimeOptions, askedWindow, type TimeOptions } from '../time-options.ts';

interface CheckOptions extends StoreOptions, TimeOptions, PolicyOptions {
  readonly namespace: readonly string[];
  readonly all: boolean;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  microwall check policies/                            everything stored against the policies of a folder
  microwall check policies/ --since 7d -n shop         the last week, edges that touch namespace shop
  kubectl get netpol -A -o yaml | microwall check -    the policies in force
  microwall check out/                                 what \`learn --out out\` wrote, with the labels it assigns
  microwall check out/calico-staged --staged enforce   what staged policies would deny once they are let go
  microwall check policies/ -o json --all | jq .summary

Exit code 0: nothing that passed would be denied; 1: something would; 2: a policy could not be read exactly.
The JSON is described in docs/check-json.md.`;

/** \`microwall check\`: replays policies over what really happened. */
export const registerCheck: RegisterCommand = (program, context) => {
  const command = program
    .command('check')
    .summary('report stored traffic that policies would deny')
    .description(
      'Replays policies over the stored traffic: what they would deny, at which end, by which policy, and why.',
    )
    .argument('<policies...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .option('-n, --namespace <name>', 'only edges with an end in this namespace (repeatable)', collect, [])
    .option('--all', 'also list what is permitted', false)
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addStoreOptions(addTimeOptions(addPolicyOptions(command)));
  command.action(async (paths: string[], options: CheckOptions) => {
    const outcome = await checkPolicies({
      policies: policySource(paths, options, context),
      store: options,
      ...askedWindow(options),
      namespaces: options.namespace,
      format: { name: options.output, all: options.all, width: terminalWidth(context.stdout) },
    });
    await printOutcome(context, options, outcome);
    if (outcome.breaks) context.setExitCode(EXIT.findings);
  });
};
