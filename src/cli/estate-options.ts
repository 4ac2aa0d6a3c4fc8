import { type Command, Option } from 'commander';
import type { EstateSource } from '../app/policies/load-estate.ts';
import type { CliContext } from './context.ts';
import { addStoreOptions, collect, type StoreOptions } from './options.ts';
import { addPolicyOptions, type PolicyOptions, policySource } from './policy-options.ts';

/** Options of every command that asks what policies mean for the workloads of a cluster. */
export interface EstateOptions extends StoreOptions, PolicyOptions {
  readonly inventory: readonly string[];
  readonly hostNetwork: 'pods' | 'nodes';
  readonly ipBlocks: 'pods' | 'external';
}

/** Adds `--inventory`, `--ip-blocks`, `--host-network`, and the options of policies and store. */
export function addEstateOptions(command: Command): Command {
  command
    .option(
      '--inventory <path>',
      'file or folder of workload manifests, e.g. of `kubectl get deploy,sts,ds,pod,ns -A -o yaml` (repeatable; default: those beside the policies, else what the store has seen)',
      collect,
      [],
    )
    .addOption(
      new Option(
        '--ip-blocks <what>',
        'whether address blocks match pods too, as the profile says, or only addresses outside',
      )
        .choices(['pods', 'external'])
        .default('pods'),
    )
    .addOption(
      new Option('--host-network <as>', 'pods in the network of their node count as pods or as nodes')
        .choices(['pods', 'nodes'])
        .default('pods'),
    );
  return addStoreOptions(addPolicyOptions(command));
}

/** Policies at `paths` and the workloads they are meant for. */
export function estateSource(paths: readonly string[], options: EstateOptions, context: CliContext): EstateSource {
  return { policies: policySource(paths, options, context), inventory: options.inventory, store: options };
}
