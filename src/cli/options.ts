import { type Command, InvalidArgumentError, Option } from 'commander';

/** Where the store is: options that every command with data shares. */
export interface StoreOptions {
  readonly data: string;
  readonly clickhouse?: string;
  readonly quiet: boolean;
}

/** Adds `--data`, `--clickhouse` and `-q`. `CLICKHOUSE_URL` is the environment's form of `--clickhouse`. */
export function addStoreOptions(command: Command): Command {
  return command
    .option('--data <dir>', 'data folder of the embedded ClickHouse engine', '.microwall')
    .addOption(new Option('--clickhouse <url>', 'use this ClickHouse server instead of --data').env('CLICKHOUSE_URL'))
    .option('-q, --quiet', 'no progress and no hints on stderr', false);
}

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/** `90s`, `15m`, `24h`, `7d`, `2w` → milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([smhdw])$/.exec(text);
  const unit = match ? UNITS[match[2] ?? ''] : undefined;
  if (!match || unit === undefined)
    throw new InvalidArgumentError('Write a number and a unit, e.g. 90s, 15m, 24h, 7d.');
  return Number(match[1]) * unit;
}

/** Adds `--since`, a stretch of time back from the newest record in the store. */
export function addSinceOption(command: Command): Command {
  return command.option('--since <duration>', 'only the last 90s, 15m, 24h, 7d … of what is stored', parseDuration);
}

/** Collects a repeatable option into a list. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
