import { InvalidArgumentError, Option } from 'commander';
import { reachEndpoints } from '../../app/query/reach-endpoints.ts';
import { ENDPOINT_FORMS, type EndpointQuery } from '../../model/endpoint-query.ts';
import type { RegisterCommand } from '../context.ts';
import { parseEnd } from '../endpoint-option.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';
import { hint, terminalWidth } from '../output.ts';
import { addTimeOptions, askedWindow, type TimeOptions } from '../time-options.ts';

interface ReachOptions extends StoreOptions, TimeOptions {
  readonly hops: number;
  readonly reverse: boolean;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  microwall reach shop/reviews                    whom it called, whom these called in turn …
  microwall reach shop/reviews --hops 1 --since 2h
  microwall reach data/postgres --reverse         who got there, directly and through others
  microwall reach app=web -o json | jq '[.[].endpoint] | unique'

An endpoint is ${ENDPOINT_FORMS}.
Only connections that passed count; a way that leaves the cluster ends there.`;

/** \`microwall reach\`: the blast radius of one endpoint in observed traffic. */
export const registerReach: RegisterCommand = (program, context) => {
  const command = program
    .command('reach')
    .summary('what observed connections lead to from here, hop by hop')
    .description(
      'What observed connections lead to from one endpoint, hop by hop: where somebody inside could have gone.',
    )
    .argument('<endpoint>', 'where to start', parseEnd)
    .option('--hops <n>', 'at most this many hops', parseHops, 3)
    .option('--reverse', 'who can reach the endpoint instead', false)
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addStoreOptions(addTimeOptions(command)).action(async (start: EndpointQuery, options: ReachOptions) => {
    const result = await reachEndpoints({
      store: options,
      start,
      towards: options.reverse ? 'clients' : 'servers',
      hops: options.hops,
      ...askedWindow(options),
      format: { name: options.output, width: terminalWidth(context.stdout) },
    });
    for (const piece of result.text) context.stdout.write(piece);
    if (result.shown === 0) hint(context, options.quiet, 'nothing stored leads anywhere from there');
  });
};

function parseHops(text: string): number {
  if (!/^[1-9]\d?$/.test(text)) throw new InvalidArgumentError('Write a whole number from 1 to 99.');
  return Number(text);
}
