import { once } from 'node:events';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { queryEdges } from '../../app/query/edges.ts';
import { queryFlows } from '../../app/query/flows.ts';
import type { QueryResult } from '../../app/query/output.ts';
import { ENDPOINT_FORMS, type EndpointQuery } from '../../model/endpoint-query.ts';
import { FLOW_VERDICTS, type FlowVerdict } from '../../model/enums.ts';
import { PROTOCOL_NUMBERS } from '../../model/ports.ts';
import type { CliContext, RegisterCommand } from '../context.ts';
import { parseEnd } from '../endpoint-option.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';
import { hint, terminalWidth } from '../output.ts';
import { addPeriodOptions, askedPeriod, type PeriodOptions } from '../time-options.ts';

interface PortAndProtocol {
  readonly port?: number;
  readonly protocol?: number;
}

interface QueryOptions extends StoreOptions, PeriodOptions {
  readonly from?: EndpointQuery;
  readonly to?: EndpointQuery;
  readonly port?: PortAndProtocol;
  readonly limit: number;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Examples:
  microwall query edges --to shop/cart                     who talks to the cart
  microwall query edges --from app=web,tier!=db --since 1d
  microwall query edges --to world --port 443/tcp -o json --limit 0
  microwall query flows --from 10.0.0.0/8 --port 5432 --verdict deny --since 15m
  microwall query flows --to data/postgres --after 2026-11-01T02:00:00Z --before 2026-11-01T02:15:00Z

An endpoint is ${ENDPOINT_FORMS}.
--from and --to are endpoints here; times are --after and --before. Edges are kept by the hour, so their window is widened
to full hours.`;

/** \`microwall query edges|flows\`: the incident query. */
export const registerQuery: RegisterCommand = (program, context) => {
  const query = program.command('query').description('Who talked to whom: stored edges, or single flow records.');
  query.addHelpText('after', EXAMPLES);
  const edges = addQueryOptions(
    query.command('edges').description('Client, server and port with counts over the window.'),
  ).addOption(new Option('--verdict <outcome>', 'edges with this outcome').choices(['allow', 'deny', 'unclear']));
  edges.action(async (options: QueryOptions & { readonly verdict?: 'allow' | 'deny' | 'unclear' }) => {
    await print(context, options, await queryEdges({ ...question(options, context), outcome: options.verdict }));
  });
  const flows = addQueryOptions(query.command('flows').description('Single flow records, newest first.')).addOption(
    new Option('--verdict <verdict>', 'flows with this verdict').choices(Object.keys(FLOW_VERDICTS)),
  );
  flows.action(async (options: QueryOptions & { readonly verdict?: FlowVerdict }) => {
    await print(context, options, await queryFlows({ ...question(options, context), verdict: options.verdict }));
  });
};

function addQueryOptions(command: Command): Command {
  command
    .option('--from <endpoint>', 'the client', parseEnd)
    .option('--to <endpoint>', 'the server', parseEnd)
    .option('--port <port>', 'server port, e.g. 443, 53/udp or icmp', parsePort)
    .option('--limit <count>', 'at most this many; 0 = all', parseLimit, 100)
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  return addStoreOptions(addPeriodOptions(command));
}

function question(options: QueryOptions, context: CliContext) {
  return {
    store: options,
    client: options.from,
    server: options.to,
    ...options.port,
    ...askedPeriod(options),
    limit: options.limit,
    format: { name: options.output, width: terminalWidth(context.stdout) },
  };
}

function parsePort(text: string): PortAndProtocol {
  const [, digits, name] = /^(?:(\d{1,5})(?:\/|$))?([A-Za-z0-9]*)$/.exec(text) ?? [];
  const protocol = Object.entries(PROTOCOL_NUMBERS).find(([known]) => known.toLowerCase() === name?.toLowerCase())?.[1];
  const port = digits === undefined ? undefined : Number(digits);
  if ((port === undefined && protocol === undefined) || (name !== '' && protocol === undefined) || (port ?? 0) > 65_535)
    throw new InvalidArgumentError('Write a port such as 443 or 53/udp, or a protocol such as icmp.');
  return { ...(port === undefined ? {} : { port }), ...(protocol === undefined ? {} : { protocol }) };
}

function parseLimit(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Write a whole number; 0 means all.');
  return Number(text);
}

async function print(context: CliContext, options: QueryOptions, result: QueryResult): Promise<void> {
  for (const piece of result.text) {
    if (!context.stdout.write(piece)) await once(context.stdout, 'drain');
  }
  if (result.shown === 0) hint(context, options.quiet, 'nothing stored matches');
  else if (result.shown < result.found)
    hint(context, options.quiet, `the first ${result.shown} only; --limit 0 shows all`);
}
