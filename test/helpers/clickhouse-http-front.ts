import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A running front: enough of ClickHouse's HTTP protocol for `@clickhouse/client`, over the embedded engine. */
export interface ClickHouseFront {
  /** With user and password. */
  readonly url: string;
  readonly pid: number;
  /** What the front does to following requests; `pass` is the default. */
  behave(how: FrontBehaviour): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Faults on demand: `fail` answers 500 without doing anything, `fail-after` does the work and then answers 500, `drop`
 * does the work and cuts the connection, `hang` does the work and never answers, `slow` takes two seconds for it.
 */
export type FrontBehaviour = 'pass' | 'fail' | 'fail-after' | 'drop' | 'hang' | 'slow';

const WORKER = new URL('./clickhouse-http-worker.mjs', import.meta.url);

/** Starts a front in a process of its own on a free loopback port, on `data` or on a folder that `stop` removes. */
export async function startClickHouseFront(data?: string): Promise<ClickHouseFront> {
  const folder = data ?? mkdtempSync(join(tmpdir(), 'microwall-front-'));
  const child = fork(WORKER, [folder], { execArgv: [] });
  const { port } = await message<{ port: number }>(child);
  return {
    url: `http://microwall:s%C3%A9cret@127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    behave: async (how) => {
      child.send({ behave: how });
      await message(child);
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
      if (data === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function message<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const died = () => reject(new Error('the ClickHouse front ended'));
    child.once('exit', died);
    child.once('message', (value) => {
      child.off('exit', died);
      resolve(value as T);
    });
  });
}
