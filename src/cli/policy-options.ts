import { type Command, Option } from 'commander';
import type { PolicySource } from '../app/policies/load-policies.ts';
import type { CliContext } from './context.ts';
import { collect } from './options.ts';

/** Options of every command that judges traffic by policy files. */
export interface PolicyOptions extends Pick<PolicySource, 'profile' | 'mesh' | 'staged'> {
  /** `false` by `--no-labels`. */
  readonly labels?: readonly string[] | false;
}

/** Adds `--profile` and `--mesh`. */
export function addProfileOptions(command: Command): Command {
  const products = ['kubernetes', 'calico', 'cilium', 'antrea', 'istio'];
  const product = 'decide as this product does (default: guessed from the policies)';
  const mesh = 'what enforces Istio policies (default: ztunnel in namespaces labelled as ambient, else sidecars)';
  return command
    .addOption(new Option('--profile <product>', product).choices(products))
    .addOption(new Option('--mesh <data plane>', mesh).choices(['sidecar', 'ztunnel']));
}

/** Adds `--profile`, `--mesh`, `--staged`, `--labels` and `--no-labels`. */
export function addPolicyOptions(command: Command): Command {
  const staged = 'policies that are staged (Calico) or on dry run (Istio): leave them out, or judge as if in force';
  return addProfileOptions(command)
    .addOption(new Option('--staged <how>', staged).choices(['ignore', 'enforce']).default('ignore'))
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
  { labels, profile, mesh, staged }: PolicyOptions,
  { stdin }: Pick<CliContext, 'stdin'>,
): PolicySource {
  const from = labels === false ? 'none' : Array.isArray(labels) ? labels : 'auto';
  return { paths, stdin, labels: from, profile, mesh, staged };
}
