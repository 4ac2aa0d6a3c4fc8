import { InvalidArgumentError, Option } from 'commander';
import {
  type ConsumeSettings,
  consumeInput,
  environmentOverrides,
  parseTopic,
  splitList,
} from '../../../ingest/consume/config.ts';
import { clickhouseUrl, kafkaConnection } from '../../../ingest/consume/connection.ts';
import { loadSettings, type Override } from '../../config/load-settings.ts';
import { createLog } from '../../telemetry/log.ts';
import type { CliContext, RegisterCommand } from '../context.ts';
import { collect } from '../options.ts';

interface ConsumeOptions {
  readonly config?: string;
  readonly topic?: readonly string[];
  readonly untilIdle?: number;
  readonly fromBeginning?: boolean;
  readonly metricsPort?: number;
  readonly checkConfig?: boolean;
  readonly quiet?: boolean;
  readonly [flag: string]: unknown;
}

/** Flags that are one setting each. */
const FLAGS: readonly { readonly flag: string; readonly name: string; readonly path: string; readonly help: string }[] =
  [
    {
      flag: '--brokers <list>',
      name: 'brokers',
      path: 'kafka.brokers',
      help: 'host:port of one or more brokers, separated by commas',
    },
    { flag: '--group <name>', name: 'group', path: 'kafka.group', help: 'consumer group (default: microwall)' },
    {
      flag: '--cluster <name>',
      name: 'cluster',
      path: 'cluster',
      help: 'Kubernetes cluster of every topic that names none',
    },
    {
      flag: '--data <dir>',
      name: 'data',
      path: 'store.data',
      help: 'data folder of the embedded engine (default: .microwall)',
    },
    {
      flag: '--clickhouse <url>',
      name: 'clickhouse',
      path: 'store.clickhouse',
      help: 'use this ClickHouse server instead of --data',
    },
    {
      flag: '--batch-rows <n>',
      name: 'batchRows',
      path: 'batch.rows',
      help: 'rows of a batch at most (default: 200000)',
    },
    {
      flag: '--batch-age <duration>',
      name: 'batchAge',
      path: 'batch.age',
      help: 'longest wait before a row is written (default: 5s)',
    },
    {
      flag: '--memory <size>',
      name: 'memory',
      path: 'memory',
      help: 'messages and rows held at most, in bytes (default: 256MiB)',
    },
    {
      flag: '--threads <n>',
      name: 'threads',
      path: 'decodeThreads',
      help: 'threads that decode, 0 = none besides the main one (default: cores - 1, at most 4)',
    },
    {
      flag: '--dead-letter-topic <name>',
      name: 'deadLetterTopic',
      path: 'kafka.deadLetterTopic',
      help: 'also send messages that cannot be decoded there',
    },
    {
      flag: '--connect-timeout <duration>',
      name: 'connectTimeout',
      path: 'kafka.connectTimeout',
      help: 'how long the first contact with Kafka may take (default: 30s)',
    },
    {
      flag: '--listen <host:port>',
      name: 'listen',
      path: 'listen',
      help: 'serve /metrics, /healthz and /readyz there',
    },
    {
      flag: '--log-level <level>',
      name: 'logLevel',
      path: 'log.level',
      help: 'debug, info, warn or error (default: info)',
    },
  ];

const EXAMPLES = `
Settings come from --config (YAML or JSON), then MICROWALL_… variables, then flags; later ones win. Passwords and tokens
come from files or the environment only. A topic is NAME, NAME=FORMAT or NAME=FORMAT@CLUSTER.

Examples:
  $ microwall consume --brokers 127.0.0.1:9092 --topic flows=hubble --topic vpc=auto --cluster prod --data ./store
  $ microwall consume --config consume.yaml --listen 0.0.0.0:9464
  $ microwall consume --config consume.yaml --check-config
  $ microwall consume --brokers kafka:9092 --topic flows --cluster prod --until-idle 10   # load what is there, then end`;

/** Adds `consume`: Kafka topics into the store, exactly once, until SIGTERM. */
export const registerConsume: RegisterCommand = (program, context) => {
  const command = program
    .command('consume')
    .description('store the flows of Kafka topics, exactly once, until stopped');
  command.option('--config <file>', 'settings as YAML or JSON');
  command.option('--topic <name[=format[@cluster]]>', 'topic to read; repeatable (default format: auto)', collect);
  for (const { flag, help } of FLAGS) command.option(flag, help);
  command
    .addOption(new Option('--start <where>', 'where a new group begins').choices(['earliest', 'latest']))
    .option('--from-beginning', 'the same as --start earliest, which is the default')
    .option('--metrics-port <port>', 'the same as --listen 127.0.0.1:PORT', wholeNumber)
    .option('--until-idle <seconds>', 'end when nothing has arrived for so long', seconds)
    .option('--check-config', 'validate the settings, print what is wrong or nothing, and end')
    .option('-q, --quiet', 'log warnings and errors only')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ConsumeOptions) => {
      const settings = readSettings(options, context);
      if (options.checkConfig) {
        // Files with keys and secrets are part of the settings.
        kafkaConnection(settings);
        clickhouseUrl(settings);
        context.stdout.write('settings are fine\n');
        return;
      }
      await runUntilSignal(settings, options.untilIdle, context);
    });
};

function readSettings(options: ConsumeOptions, { env }: CliContext): ConsumeSettings {
  const flags: Override[] = FLAGS.flatMap(({ flag, name, path }) => {
    const value = options[name];
    if (typeof value !== 'string') return [];
    return [{ path, value: name === 'brokers' ? splitList(value) : value, origin: flag.split(' ')[0] ?? flag }];
  });
  if (options.topic) flags.push({ path: 'topics', value: options.topic.map(parseTopic), origin: '--topic' });
  if (options.start) flags.push({ path: 'kafka.start', value: options.start, origin: '--start' });
  if (options.fromBeginning) flags.push({ path: 'kafka.start', value: 'earliest', origin: '--from-beginning' });
  if (options.metricsPort !== undefined)
    flags.push({ path: 'listen', value: `127.0.0.1:${options.metricsPort}`, origin: '--metrics-port' });
  if (options.quiet) flags.push({ path: 'log.level', value: 'warn', origin: '--quiet' });
  return loadSettings(consumeInput, { file: options.config, overrides: [...environmentOverrides(env), ...flags] });
}

const LINGER_MS = 5_000;

/** The first signal drains and ends with 0; a second one ends at once. */
async function runUntilSignal(
  settings: ConsumeSettings,
  untilIdle: number | undefined,
  context: CliContext,
): Promise<void> {
  const log = createLog({
    write: (line) => context.stderr.write(line),
    now: context.now,
    level: settings.log.level,
  });
  const stop = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (stop.signal.aborted) process.exit(1);
    log.info('draining', { signal });
    stop.abort();
  };
  process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  try {
    // Loaded here: the Kafka client would cost every other command its start.
    const { consume } = await import('../../../ingest/consume/consume.ts');
    await consume({ settings, log, signal: stop.signal, untilIdle });
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    // All is written and committed: a connection that does not close must not keep the process.
    if (stop.signal.aborted) setTimeout(() => process.exit(), LINGER_MS).unref();
  }
}

function seconds(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('Write a number of seconds.');
  return value * 1000;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('Write a port number.');
  return Number(text);
}
