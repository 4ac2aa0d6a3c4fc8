import { Command, CommanderError } from 'commander';
import { Failure } from '../util/failure.ts';
import { registerCheck } from './commands/check.ts';
import { registerConnectivity } from './commands/connectivity.ts';
import { registerConsume } from './commands/consume.ts';
import { registerConvert } from './commands/convert.ts';
import { registerApprove, registerReject } from './commands/decide.ts';
import { registerDemo } from './commands/demo.ts';
import { registerDiff } from './commands/diff.ts';
import { registerExplain } from './commands/explain.ts';
import { registerIngest } from './commands/ingest.ts';
import { registerInventory } from './commands/inventory.ts';
import { registerLearn } from './commands/learn.ts';
import { registerLint } from './commands/lint.ts';
import { registerQuery } from './commands/query.ts';
import { registerReach } from './commands/reach.ts';
import { registerRender } from './commands/render.ts';
import { registerReport } from './commands/report.ts';
import { registerSimulate } from './commands/simulate.ts';
import { registerStore } from './commands/store.ts';
import { type CliContext, EXIT, type RegisterCommand } from './context.ts';

/** In the order in which `--help` lists them. */
const COMMANDS: readonly RegisterCommand[] = [
  registerDemo,
  registerIngest,
  registerConsume,
  registerInventory,
  registerLearn,
  registerApprove,
  registerReject,
  registerCheck,
  registerReport,
  registerLint,
  registerExplain,
  registerConnectivity,
  registerRender,
  registerDiff,
  registerConvert,
  registerSimulate,
  registerQuery,
  registerReach,
  registerStore,
];

/** What the outside gives; the rest of the context belongs to one run. */
type Surroundings = Omit<CliContext, 'setExitCode' | 'runCommand'>;

/** Runs one command line and gives the exit code. Never throws for what a user can cause. */
export async function run(args: readonly string[], context: Surroundings): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = new Command('microwall')
    .description('Learn paired micropolicies from flow logs; replay policies over what really happened.')
    .version('0.1.0')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
    });
  const full: CliContext = {
    ...context,
    runCommand: (others, streams) => run(others, { ...context, ...streams }),
    setExitCode: (code) => {
      exitCode = Math.max(exitCode, code);
    },
  };
  for (const register of COMMANDS) register(program, full);
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    return explain(error, context.stderr);
  }
}

function explain(error: unknown, stderr: NodeJS.WritableStream): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.input;
  if (error instanceof Failure) {
    stderr.write(`error: ${error.message}\n  → ${error.remedy}\n`);
    return error.kind === 'unreachable' ? EXIT.unreachable : EXIT.input;
  }
  throw error;
}
