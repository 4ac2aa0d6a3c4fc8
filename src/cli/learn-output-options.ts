import { type Command, Option } from 'commander';
import { type AskedOutput, LEARN_DIALECTS } from '../app/learn/plan.ts';

/** How the policies of `learn` are written, as the command line gives it. */
export interface LearnOutputOptions extends Omit<AskedOutput, 'outside'> {
  readonly outsidePeers: AskedOutput['outside'];
}

export const OUTPUT_EXAMPLES = `
  microwall learn --out policies --dialect cilium                 in another dialect, in policies/cilium/
  microwall learn --out policies --dialect calico --scope global --tier micro=500
  microwall learn --out policies --dialect istio --staged         as a dry run, to try before it counts
  microwall learn --out policies --canary 10%                     for a part of the workloads first`;

/** `--dialect`, `--scope`, `--tier`, `--staged`, `--canary` and `--outside-peers`. */
export function addLearnOutputOptions(command: Command): Command {
  const dialect = new Option(
    '--dialect <dialect>',
    'dialect of the policies, in a subfolder of its name (default: as it stands, else kubernetes)',
  );
  const scope = new Option('--scope <scope>', 'a policy for each namespace, or one for all (calico, cilium, antrea)');
  const outside = new Option(
    '--outside-peers <form>',
    'servers outside the cluster by DNS name (cilium, antrea) or address',
  );
  return command
    .addOption(dialect.choices(LEARN_DIALECTS))
    .addOption(scope.choices(['namespace', 'global']))
    .option('--tier <name>', 'tier of calico or antrea, NAME=NUMBER for a new one; Admin or Baseline of cluster')
    .option('--staged', 'policies that are evaluated and not enforced (kubernetes and calico by Calico, istio)', false)
    .option('--canary <share>', 'let a share (10%) or a selection of the workloads meet what could break them first')
    .addOption(outside.choices(['names', 'addresses']).default('names'));
}

/** What the options ask for. */
export function askedOutput({ outsidePeers, ...options }: LearnOutputOptions): AskedOutput {
  const { dialect, scope, tier, staged, canary } = options;
  return { dialect, scope, tier, staged, canary, outside: outsidePeers };
}
