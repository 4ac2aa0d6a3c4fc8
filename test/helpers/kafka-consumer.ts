import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { inject } from 'vitest';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Builds the command line into a folder of its own, so that tests run processes of the sources as they are. */
export function buildForTests(): string {
  const folder = join(ROOT, 'node_modules', '.cache', `microwall-test-${process.pid}`);
  const args = ['-p', join(ROOT, '.tsconfig.build.json'), '--outDir', folder];
  const built = spawnSync(join(ROOT, 'node_modules', '.bin', 'tsc'), args, { encoding: 'utf8' });
  if (built.error) throw built.error;
  return folder;
}

/** A running `microwall consume`. */
export interface ConsumerProcess {
  readonly child: ChildProcess;
  /** Log lines so far. */
  readonly lines: Readonly<Record<string, unknown>>[];
  /** Everything on stderr that is no log line. */
  readonly noise: string[];
  /** Resolves with the next log line that satisfies `wanted`; rejects when the process ends before. */
  line(wanted: (line: Readonly<Record<string, unknown>>) => boolean): Promise<Readonly<Record<string, unknown>>>;
  /** Exit code; the signal's name when it was killed. */
  readonly ended: Promise<number | string>;
  kill(signal: NodeJS.Signals): Promise<number | string>;
}

const running = new Set<ChildProcess>();
// A failed test must not leave a member in the group.
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Starts `microwall consume` with `args` in a process of its own. */
export function startConsumer(args: readonly string[], env: Readonly<Record<string, string>> = {}): ConsumerProcess {
  const main = join(inject('microwallBuild'), 'src', 'cli', 'main.js');
  const child = spawn(process.execPath, [main, 'consume', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, NODE_ENV: 'production' },
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  const lines: Record<string, unknown>[] = [];
  const noise: string[] = [];
  const waiting = new Set<(line: Record<string, unknown> | undefined) => void>();
  const ended = new Promise<number | string>((resolve) => {
    child.once('close', (code, signal) => {
      for (const tell of waiting) tell(undefined);
      resolve(code ?? signal ?? '');
    });
  });
  let rest = '';
  child.stderr.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      if (!part.startsWith('{')) {
        noise.push(part);
        continue;
      }
      const line = JSON.parse(part) as Record<string, unknown>;
      lines.push(line);
      for (const tell of waiting) tell(line);
    }
  });
  return {
    child,
    lines,
    noise,
    ended,
    line: (wanted) =>
      new Promise((resolve, reject) => {
        const tell = (line: Record<string, unknown> | undefined) => {
          if (line && !wanted(line)) return;
          waiting.delete(tell);
          if (line) resolve(line);
          else reject(new Error(`the consumer ended: ${noise.join('\n')} ${JSON.stringify(lines.at(-1))}`));
        };
        waiting.add(tell);
      }),
    kill: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}
