import { type Command, Option } from 'commander';

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

/** Collects a repeatable option into a list. */
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
