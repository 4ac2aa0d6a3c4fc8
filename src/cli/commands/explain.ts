import { InvalidArgumentError, Option } from 'commander';
import { type AskedEnd, type AskedService, explainTraffic, parseService } from '../../app/policies/explain-traffic.ts';
import { ENDPOINT_FORMS } from '../../model/endpoint-query.ts';
import type { RegisterCommand } from '../context.ts';
import { parseEnd } from '../endpoint-option.ts';
import { addEstateOptions, type EstateOptions, estateSource } from '../estate-options.ts';
import { printOutcome } from '../print-outcome.ts';

interface ExplainOptions extends EstateOptions {
  readonly policies: readonly string[];
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  microwall explain shop/web shop/cart 8080 --policies k8s/
  microwall explain shop/cart kube-system/coredns 53/UDP --policies policies/ --inventory apps/
  microwall explain 203.0.113.7 shop/web http --policies k8s/          a container port by its name
  microwall explain app=web world 443 --policies k8s/ -o json | jq .egress.because

An end is ${ENDPOINT_FORMS}. Workloads are looked up in --inventory, else beside the policies, else in the store.
Every proposed change was tried out. docs/explain-json.md has the JSON.`;

/** \`microwall explain\`: one verdict with its whole trail. */
export const registerExplain: RegisterCommand = (program, context) => {
  const command = program
    .command('explain')
    .summary('why one connection is allowed or denied, and what would turn it')
    .description(
      'Decides one connection, shows every policy that took part on both sides, and what would turn the verdict.',
    )
    .argument('<from>', 'who opens the connection', asked)
    .argument('<to>', 'to whom', asked)
    .argument('<port>', 'PORT[/PROTOCOL], the name of a container port, or ICMP', readService)
    .requiredOption('--policies <path...>', 'files, folders (*.yaml, *.yml, *.json), or - for standard input')
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addEstateOptions(command).action(
    async (from: AskedEnd, to: AskedEnd, service: AskedService, options: ExplainOptions) => {
      const outcome = await explainTraffic({
        estate: estateSource(options.policies, options, context),
        from,
        to,
        service,
        ipBlocks: options.ipBlocks,
        hostNetwork: options.hostNetwork,
        format: options.output,
      });
      await printOutcome(context, options, outcome);
    },
  );
};

function asked(text: string): AskedEnd {
  return { text, query: parseEnd(text) };
}

function readService(text: string): AskedService {
  const service = parseService(text);
  if (service === undefined) throw new InvalidArgumentError('Write a port such as 8080, 53/UDP, http or ICMP.');
  return service;
}
