import { Option } from 'commander';
import { type ConvertRequest, convertPolicies } from '../../app/policies/convert-policies.ts';
import { formatLocation } from '../../model/finding.ts';
import { type PolicyRef, policyName } from '../../model/policy.ts';
import { EXIT, type RegisterCommand } from '../context.ts';
import { hint, printFindings } from '../output.ts';
import { addProfileOptions } from '../policy-options.ts';

type ConvertOptions = Pick<ConvertRequest, 'to' | 'profile' | 'mesh' | 'out'> & { readonly quiet: boolean };

const DIALECTS = ['kubernetes', 'cluster', 'admin', 'calico', 'cilium', 'antrea', 'istio'];

const EXAMPLES = `
Examples:
  microwall convert --to calico policies/ > calico.yaml
  microwall convert --to cilium policies/ --out cilium/
  kubectl get networkpolicies.crd.antrea.io -A -o yaml | microwall convert --to kubernetes -

A policy that the dialect cannot say exactly is refused with the reason and not written. Exit code 0: everything is written;
1: something was refused; 2: a policy could not be read exactly, so nothing is written.`;

/** \`microwall convert\`: policies in the words of another dialect. */
export const registerConvert: RegisterCommand = (program, context) => {
  const command = program
    .command('convert')
    .summary('write policies in another dialect')
    .description('Writes policies of any dialect in another one; what that cannot say is refused with the reason.')
    .argument('<policies...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .addOption(new Option('--to <dialect>', 'dialect to write').choices(DIALECTS).makeOptionMandatory())
    .option('--out <dir>', 'write one file per policy below this folder instead of all to standard output')
    .option('-q, --quiet', 'no hints on stderr', false)
    .addHelpText('after', EXAMPLES);
  addProfileOptions(command).action(async (paths: string[], options: ConvertOptions) => {
    const { to, profile, mesh, out } = options;
    const outcome = await convertPolicies({ paths, stdin: context.stdin, to, profile, mesh, out });
    printFindings(context, outcome.findings);
    if (outcome.text === undefined) return context.setExitCode(EXIT.input);
    for (const { policy, reason } of outcome.refusals) context.stderr.write(refusalText(policy, reason));
    for (const note of outcome.notes) hint(context, options.quiet, note);
    context.stdout.write(outcome.text);
    if (outcome.refusals.length > 0) context.setExitCode(EXIT.findings);
  });
};

function refusalText(policy: PolicyRef, reason: string): string {
  return `refused: ${formatLocation(policy.location)}: ${policy.kind} ${policyName(policy)}: ${reason}\n`;
}
