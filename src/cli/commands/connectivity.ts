import { Option } from 'commander';
import { connectivity } from '../../app/policies/connectivity.ts';
import type { RegisterCommand } from '../context.ts';
import { addEstateOptions, type EstateOptions, estateSource } from '../estate-options.ts';
import { hint, terminalWidth } from '../output.ts';
import { printOutcome } from '../print-outcome.ts';

interface ConnectivityOptions extends EstateOptions {
  readonly policies: readonly string[];
  readonly output: 'table' | 'json' | 'dot' | 'svg';
}

const EXAMPLES = `
Examples:
  microwall connectivity --policies k8s/                            policies and workloads of one folder
  microwall connectivity --policies policies/ --inventory apps/ -o json | jq length
  kubectl get deploy,sts,ds,ns,netpol -A -o yaml | microwall connectivity --policies - -o table
  microwall connectivity --policies k8s/ -o svg > matrix.svg        a picture; -o dot | dot -Tsvg for arrows

What is allowed whether or not it was ever used. Pods count under their owner; addresses outside are cut where some policy
cuts them. Connections of a workload with itself and between addresses are left out. With -o json only what is surely
allowed counts; -o table also shows what hinges on facts that manifests do not tell. docs/connectivity-json.md has the JSON.`;

/** \`microwall connectivity\`: what policies allow, without any traffic. */
export const registerConnectivity: RegisterCommand = (program, context) => {
  const command = program
    .command('connectivity')
    .summary('all connections that policies allow, without any traffic')
    .description(
      'Lists what policies allow between all workloads and address ranges of manifests; no flows are needed.',
    )
    .requiredOption('--policies <path...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .addOption(
      new Option('-o, --output <format>', 'form of the result')
        .choices(['table', 'json', 'dot', 'svg'])
        .default('table'),
    )
    .addHelpText('after', EXAMPLES);
  addEstateOptions(command).action(async (options: ConnectivityOptions) => {
    const outcome = await connectivity({
      estate: estateSource(options.policies, options, context),
      ipBlocks: options.ipBlocks,
      hostNetwork: options.hostNetwork,
      format: { name: options.output, width: terminalWidth(context.stdout) },
    });
    await printOutcome(context, options, outcome);
    for (const note of outcome.notesAfterwards?.() ?? []) hint(context, options.quiet, note);
  });
};
