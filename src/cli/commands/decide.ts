import type { Command } from 'commander';
import { decidePairs } from '../../app/learn/decide-pairs.ts';
import type { CliContext, RegisterCommand } from '../context.ts';
import { hint } from '../output.ts';

interface DecideOptions {
  readonly out: string;
  readonly reason?: string;
  readonly by?: string;
  readonly quiet: boolean;
}

const APPROVE_EXAMPLES = `
Examples:
  microwall approve cart redis --out policies            record that two functions were looked at and are right
  microwall approve 41b2c73de5f0 --out policies --by ann by id, with a name
  microwall approve link-3f9a0c12 --out policies         grant a link that was held back
  microwall approve removal-77d0a1be --out policies      let a grant go that is not used any more

Ids stand in micropolicies.yaml, where decisions are recorded; the next \`microwall learn --out DIR\` acts on them.`;

const REJECT_EXAMPLES = `
Examples:
  microwall reject debug-shell --out policies --reason "nobody should open shells"   grant nothing of it
  microwall reject link-3f9a0c12 --out policies          never grant this link, and do not propose it again
  microwall reject removal-77d0a1be --out policies       keep a grant although it is not used

Ids stand in micropolicies.yaml, where decisions are recorded; the next \`microwall learn --out DIR\` acts on them.`;

/** \`microwall approve\`: records that a person wants what was proposed. */
export const registerApprove: RegisterCommand = (program, context) => {
  const command = program
    .command('approve')
    .summary('record that a pair, link or removal is right')
    .description('Records approvals in the micropolicies.yaml of a folder that `learn` wrote.');
  addDecision(command, APPROVE_EXAMPLES, { decision: 'approved', context });
};

/** \`microwall reject\`: records that a person does not. */
export const registerReject: RegisterCommand = (program, context) => {
  const command = program
    .command('reject')
    .summary('record that a pair, link or removal is not wanted')
    .description('Records rejections in the micropolicies.yaml of a folder that `learn` wrote.');
  addDecision(command, REJECT_EXAMPLES, { decision: 'rejected', context });
};

function addDecision(
  command: Command,
  examples: string,
  { decision, context }: { readonly decision: 'approved' | 'rejected'; readonly context: CliContext },
): void {
  command
    .argument('<name...>', 'functions by name or id; links and removals by id')
    .requiredOption('--out <dir>', 'folder that `learn --out` wrote')
    .option('--reason <text>', 'why, for whoever reads it later')
    .option('--by <name>', 'who decided')
    .option('-q, --quiet', 'no hints on stderr', false)
    .addHelpText('after', examples)
    .action(async (names: readonly string[], { out, reason, by, quiet }: DecideOptions) => {
      const details = { ...(reason !== undefined && { reason }), ...(by !== undefined && { by }) };
      const { lines } = await decidePairs({ folder: out, decision, names, details });
      context.stdout.write(lines.map((line) => `${line}\n`).join(''));
      hint(context, quiet, `recorded in ${out}/micropolicies.yaml; run microwall learn --out ${out} to act on it`);
    });
}
