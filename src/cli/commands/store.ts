import { Option } from 'commander';
import { migrateStore, storeStatus } from '../../app/store-status.ts';
import type { RegisterCommand } from '../context.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';

const EXAMPLES = `
Examples:
  microwall store status                                    rows and bytes of each table
  microwall store status -o json | jq .tables.flows.rows
  microwall store migrate --clickhouse http://default:@ch:8123/microwall

A migration creates what is missing and can be repeated. Tables that differ in any other way are left alone: the
difference is printed and the exit code is 2.`;

/** `microwall store status|migrate`. */
export const registerStore: RegisterCommand = (program, context) => {
  const store = program.command('store').description('Look at the tables of the store, or bring them up to date.');
  store.addHelpText('after', EXAMPLES);
  const status = store
    .command('status')
    .description('Rows and bytes of each table.')
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addStoreOptions(status).action(async (options: StoreOptions & { readonly output: 'table' | 'json' }) => {
    context.stdout.write(await storeStatus(options, options.output));
  });
  const migrate = store
    .command('migrate')
    .description('Create missing tables, columns and views.')
    .addHelpText('after', EXAMPLES);
  addStoreOptions(migrate).action(async (options: StoreOptions) => {
    context.stdout.write(await migrateStore(options));
  });
};
