import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { run } from '../../src/cli/program.ts';

/** What one run of the command line gave. */
export interface Ran {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with `input` as its standard input. */
export async function microwall(
  args: readonly string[],
  input = '',
  { now = () => Date.UTC(2026, 4, 11) }: { readonly now?: () => number } = {},
): Promise<Ran> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const outputs = Promise.all([text(stdout), text(stderr)]);
  const stdin = Readable.from([Buffer.from(input)]);
  const exit = await run(args, { stdout, stderr, stdin, env: {}, now });
  stdout.end();
  stderr.end();
  const [out, err] = await outputs;
  return { exit, out, err };
}
