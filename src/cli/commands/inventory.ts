import { InvalidArgumentError, Option } from 'commander';
import { findInputs } from '../../../ingest/files/files.ts';
import { type InventoryTaken, takeInventory } from '../../app/take-inventory.ts';
import { thousands } from '../../util/thousands.ts';
import type { RegisterCommand } from '../context.ts';
import { addStoreOptions, type StoreOptions } from '../options.ts';
import { hint } from '../output.ts';

interface InventoryOptions extends StoreOptions {
  readonly cluster: string;
  readonly at?: number;
  readonly partial: boolean;
  readonly output: 'table' | 'json';
}

const EXAMPLES = `
Run it again and again, an hour apart or whenever the cluster changes much. From each snapshot to the next it is known
which pod held which address; flows of sources without labels (cloud VPC logs, NetFlow, NetObserv, OBI) then get
workload, labels and Service by address and time, also flows that were read before. All files of one call are one
snapshot. What a later snapshot does not list any more has ended; the same snapshot again changes nothing, and the order
in which snapshots come does not matter.

Examples:
  kubectl get pods,namespaces,services,nodes,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs -A -o json \\
    | microwall inventory - --cluster prod
  microwall inventory snapshot-0800.json.gz --cluster prod --at 2026-11-03T08:00:00Z
  kubectl get pods -n shop -o json | microwall inventory - --partial      one namespace: nothing else has ended

Exit code 0: stored, or known already; 2: an input cannot be read or is no output of kubectl, and nothing was stored;
3: the store is out of reach.`;

/** `microwall inventory`: what existed in a cluster at a time → store. */
export const registerInventory: RegisterCommand = (program, context) => {
  const command = program
    .command('inventory')
    .summary('take snapshots of what exists in a cluster, so that addresses become workloads')
    .description(
      'Stores what `kubectl get … -o json` says exists: pods with addresses, labels and owners, Services, nodes.',
    )
    .argument('<files...>', 'files, or - for standard input; plain or compressed')
    .option('--cluster <name>', 'name of the cluster, the same as that of its flows', 'default')
    .option('--at <time>', 'when the snapshot was taken, e.g. 2026-11-03T08:00:00Z (default: now)', parseTime)
    .option('--partial', 'the files do not list everything there is; what is missing has not ended', false)
    .addOption(new Option('-o, --output <format>', 'form of the result').choices(['table', 'json']).default('table'))
    .addHelpText('after', EXAMPLES);
  addStoreOptions(command).action(async (paths: string[], options: InventoryOptions) => {
    const inputs = await findInputs(paths, { stdin: context.stdin, recursive: false });
    const { cluster, at, partial } = options;
    const taken = await takeInventory({ store: options, inputs, cluster, at, partial, now: context.now });
    context.stdout.write(options.output === 'json' ? `${JSON.stringify(takenJson(taken))}\n` : takenText(taken));
    for (const [kind, count] of taken.ignored)
      hint(context, options.quiet, `${thousands(count)} × ${kind} is of no use here and was passed over`);
  });
};

function parseTime(text: string): number {
  const time = /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) ? Date.parse(text) : Number.NaN;
  if (!(time > 0)) throw new InvalidArgumentError('Write a time like 2026-11-03T08:00:00Z.');
  return time;
}

function takenJson({ at, ignored, ...rest }: InventoryTaken): Record<string, unknown> {
  return { ...rest, at: new Date(at).toISOString(), ignored: Object.fromEntries(ignored) };
}

function takenText(taken: InventoryTaken): string {
  const counts = (['pods', 'services', 'nodes', 'workloads', 'namespaces'] as const).map(
    (kind) => `${thousands(taken[kind])} ${kind}`,
  );
  const what = `cluster ${taken.cluster} at ${new Date(taken.at).toISOString()}: ${counts.join(', ')}\n`;
  return taken.known ? `${what}this snapshot was stored before and changed nothing\n` : what;
}
