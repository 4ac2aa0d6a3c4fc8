import { Option } from 'commander';
import { diffPolicies } from '../../app/policies/diff-policies.ts';
import { EXIT, type RegisterCommand } from '../context.ts';
import { addEstateOptions, type EstateOptions, estateSource } from '../estate-options.ts';
import { terminalWidth } from '../output.ts';
import { printOutcome } from '../print-outcome.ts';
import { addTimeOptions, askedWindow, type TimeOptions } from '../time-options.ts';

interface DiffOptions extends Omit<EstateOptions, 'store'>, TimeOptions {
  readonly output: 'table' | 'json' | 'markdown';
  readonly store: boolean;
}

const EXAMPLES = `
Examples:
  microwall diff main/policies policies                   against what was observed, too
  microwall diff old.yaml new.yaml --inventory apps/ -o json --no-store
  microwall diff old/ new/ --since 7d -o markdown > comment.md        for a pull request

Exit code 0: nothing observed breaks; 1: something that passed would be denied from now on and was not before; 2: a policy
could not be read exactly. Without a store only the policies are compared. docs/diff-json.md has the JSON.`;

/** \`microwall diff\`: what a change of policies does. */
export const registerDiff: RegisterCommand = (program, context) => {
  const command = program
    .command('diff')
    .summary('what a change of policies opens, closes and breaks')
    .description(
      'Compares two versions of policies: connections that open and close, and observed traffic that is decided differently.',
    )
    .argument('<old>', 'file or folder of the version that is in force')
    .argument('<new>', 'file or folder of the version that shall be, or - for standard input')
    .option('--no-store', 'compare the policies alone, without observed traffic')
    .addOption(
      new Option('-o, --output <format>', 'form of the result').choices(['table', 'json', 'markdown']).default('table'),
    )
    .addHelpText('after', EXAMPLES);
  addEstateOptions(addTimeOptions(command)).action(async (old: string, fresh: string, options: DiffOptions) => {
    const source = (path: string) => {
      const estate = estateSource([path], options, context);
      return options.store ? estate : { ...estate, store: undefined };
    };
    const outcome = await diffPolicies({
      old: source(old),
      fresh: source(fresh),
      ...askedWindow(options),
      ipBlocks: options.ipBlocks,
      hostNetwork: options.hostNetwork,
      format: { name: options.output, width: terminalWidth(context.stdout) },
    });
    await printOutcome(context, options, outcome);
    if (outcome.breaks) context.setExitCode(EXIT.findings);
  });
};
