import type { Command } from 'commander';

/** Everything a command touches besides its options; `main.ts` wires the real ones, tests wire their own. */
export interface CliContext {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadableStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Runs another command line in this process with other streams; how the demo runs what people would type. */
  readonly runCommand: (args: readonly string[], streams: CommandStreams) => Promise<number>;
  /** Set by a command that ran but found something (1) – see `EXIT`. */
  setExitCode(code: number): void;
}

/** Where a command that another command runs reads and writes. */
export type CommandStreams = Pick<CliContext, 'stdout' | 'stderr'>;

/** Exit codes of every command. */
export const EXIT = { fine: 0, findings: 1, input: 2, unreachable: 3 } as const;

/** One file under `commands/` each: adds its command with options, help and examples, and calls one app function. */
export type RegisterCommand = (program: Command, context: CliContext) => void;
