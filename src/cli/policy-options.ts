import type { Command } from 'commander';
import type { PolicySource } from '../app/load-policies.ts';
import type { CliContext } from './context.ts';
import { collect } from './options.ts';

/** Options of every command that judges traffic by policy files. */
export interface PolicyOptions {
  /** `false` by `--no-labels`. */
  readonly labels?: readonly string[] | false;
}

/** Adds `--labels` and `--no-labels`. */
export function addPolicyOptions(command: Command): Command {
  return command
    .option(
      '--labels <path>',
      'labels that workloads shall carry: a micropolicies.yaml, or a file or folder of label patches (repeatable; default: what `learn` wrote beside the policies)',
      (value: string, earlier?: readonly string[] | boolean) =>
        collect(value, Array.isArray(earlier) ? earlier : undefined),
    )
    .option('--no-labels', 'judge workloads by the labels they carry, even if `learn` proposed more');
}

/** Where the policies and their labels are, from arguments and options. */
export function policySource(
  paths: readonly string[],
  { labels }: PolicyOptions,
  { stdin }: Pick<CliContext, 'stdin'>,
): PolicySource {
  return { paths, stdin, labels: labels === false ? 'none' : Array.isArray(labels) ? labels : 'auto' };
}
