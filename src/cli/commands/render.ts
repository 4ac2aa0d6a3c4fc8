import { Option } from 'commander';
import { renderWorkload } from '../../app/policies/render-workload.ts';
import type { RegisterCommand } from '../context.ts';
import { parseEnd } from '../endpoint-option.ts';
import { addEstateOptions, type EstateOptions, estateSource } from '../estate-options.ts';
import { terminalWidth } from '../output.ts';
import { printOutcome } from '../print-outcome.ts';

interface RenderOptions extends EstateOptions {
  readonly policies: readonly string[];
  readonly changedSince?: string;
  readonly output: 'table' | 'json' | 'nftables';
}

const EXAMPLES = `
Examples:
  microwall render shop/cart --policies k8s/                      peers as workloads and addresses
  microwall render shop/cart --policies k8s/ -o nftables          as a ruleset for the pod's network namespace
  microwall render --policies new/ --inventory apps/ --changed-since old/      all workloads that the change touches
  microwall render shop/ --policies k8s/ -o json | jq '.[].ingress.rules'

Shown is what the workload's own side lets through; the other end may still deny it (microwall connectivity). Order, tiers,
passes and names of ports are resolved. Policies are compared by what they mean, not by how they are written.`;

/** \`microwall render\`: what policies come to for one workload. */
export const registerRender: RegisterCommand = (program, context) => {
  const command = program
    .command('render')
    .summary('the effective rules of workloads, as a table or as nftables')
    .description('Resolves all policies that select a workload into the peers and services that its side lets through.')
    .argument('[workload]', 'namespace/name, namespace/ or key=value; all workloads when absent', (text: string) => ({
      text,
      query: parseEnd(text),
    }))
    .requiredOption('--policies <path...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .option('--changed-since <path>', 'only workloads that the change from these policies touches')
    .addOption(
      new Option('-o, --output <format>', 'form of the result').choices(['table', 'json', 'nftables']).default('table'),
    )
    .addHelpText('after', EXAMPLES);
  type Asked = Parameters<typeof renderWorkload>[0]['workload'];
  addEstateOptions(command).action(async (workload: Asked, options: RenderOptions) => {
    const { changedSince } = options;
    const outcome = await renderWorkload({
      estate: estateSource(options.policies, options, context),
      changedSince: changedSince === undefined ? undefined : estateSource([changedSince], options, context),
      workload,
      ipBlocks: options.ipBlocks,
      hostNetwork: options.hostNetwork,
      format: { name: options.output, width: terminalWidth(context.stdout) },
    });
    await printOutcome(context, options, outcome);
  });
};
