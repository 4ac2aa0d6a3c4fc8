import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure } from '../../util/failure.ts';

const SERVER_REMEDY =
  'Wait until it ends, or run a ClickHouse server and name it with --clickhouse or CLICKHOUSE_URL: a server takes many processes.';

/**
 * Makes sure that `folder` can hold a data folder and that no other process holds it; gives its absolute path. The
 * engine keeps its process id in `status` and a lock on that file. The file alone proves nothing, since it survives a
 * kill; a living process that has it open does.
 */
export function prepareFolder(folder: string): string {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true });
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderFailure(path, error);
  }
  const real = realpathSync(path);
  const owner = folderOwner(real);
  if (owner !== undefined) throw heldFailure(path, owner);
  return real;
}

/** The failure behind an engine that would not open `path`. */
export function openFailure(path: string, error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (message.includes('only one active data directory'))
    return new Failure(
      'input',
      `this process already holds another data folder than ${path}`,
      'Close that store first.',
      {
        cause: error,
      },
    );
  const owner = statusPid(path);
  if (owner !== undefined && owner !== process.pid) return heldFailure(path, owner);
  return new Failure(
    'input',
    `${path} cannot be opened as a data folder: ${message}`,
    'Name an empty or a microwall folder with --data.',
    {
      cause: error,
    },
  );
}

function heldFailure(path: string, pid: number): Failure {
  return new Failure('unreachable', `${path} is in use by process ${pid}`, SERVER_REMEDY);
}

function folderFailure(path: string, error: unknown): Failure {
  const code = (error as NodeJS.ErrnoException).code;
  const options = { cause: error };
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new Failure(
      'input',
      `${path} is not a folder`,
      'Name a folder with --data; it is created when missing.',
      options,
    );
  if (code === 'ENOSPC')
    return new Failure(
      'unreachable',
      `the disk of ${path} is full`,
      'Free space there, then run the same command again.',
      options,
    );
  return new Failure(
    'input',
    `${path} cannot be written: ${code ?? String(error)}`,
    'Name a folder that you may write with --data.',
    options,
  );
}

function statusPid(path: string): number | undefined {
  try {
    const pid = Number(/^PID: (\d+)/m.exec(readFileSync(join(path, 'status'), 'utf8'))?.[1]);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Another living process that has the engine's lock file open; undefined when there is none or it cannot be known. */
function folderOwner(path: string): number | undefined {
  const pid = statusPid(path);
  if (pid === undefined || pid === process.pid) return undefined;
  try {
    const open = readdirSync(`/proc/${pid}/fd`);
    return open.some((fd) => opens(`/proc/${pid}/fd/${fd}`, join(path, 'status'))) ? pid : undefined;
  } catch {
    return undefined; // no such process, or no right to look: the engine's own lock decides
  }
}

function opens(link: string, file: string): boolean {
  try {
    return readlinkSync(link) === file;
  } catch {
    return false;
  }
}
