import { Option } from 'commander';
import { lintPolicies } from '../../app/policies/lint-policies.ts';
import { EXIT, type RegisterCommand } from '../context.ts';
import { addEstateOptions, type EstateOptions, estateSource } from '../estate-options.ts';
import { hint, printFindings } from '../output.ts';

interface LintOptions extends EstateOptions {
  readonly output: 'table' | 'json' | 'sarif';
}

const EXAMPLES = `
Examples:
  microwall lint policies/                                   workloads of manifests beside the policies, else of the store
  microwall lint policies/ --inventory apps/ -o sarif > lint.sarif
  kubectl get netpol,deploy,sts,ds,ns -A -o yaml | microwall lint -

Rules: selects-nothing, unknown-label, separate-peers, shadowed, redundant, missing-dns, missing-other-half, direction-open,
too-broad (docs/lint-rules.md). Exit code 0: nothing, or notes only; 1: warnings or errors; 2: a policy could not be read.`;

/** \`microwall lint\`: what is suspicious about policies. */
export const registerLint: RegisterCommand = (program, context) => {
  const command = program
    .command('lint')
    .summary('look for mistakes in policies')
    .description(
      'Looks for policies that do not mean what their author thought, each with a rule, a sentence and a remedy.',
    )
    .argument('<policies...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .addOption(
      new Option('-o, --output <format>', 'form of the result').choices(['table', 'json', 'sarif']).default('table'),
    )
    .addHelpText('after', EXAMPLES);
  addEstateOptions(command).action(async (paths: string[], options: LintOptions) => {
    const outcome = await lintPolicies({ estate: estateSource(paths, options, context), format: options.output });
    printFindings(context, outcome.unread);
    for (const note of outcome.notes) hint(context, options.quiet, note);
    context.stdout.write(outcome.text);
    if (outcome.broken) context.setExitCode(EXIT.input);
    else if (outcome.found) context.setExitCode(EXIT.findings);
  });
};
