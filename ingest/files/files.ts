import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareText } from '../../src/util/compare.ts';
import { Failure } from '../../src/util/failure.ts';
import { decompressed } from './decompress.ts';

/** A file or standard input, ready to be read. */
export interface Input {
  /** As the user wrote it; `-` is standard input. */
  readonly name: string;
  /** Bytes on disk; `undefined` when nobody knows. */
  readonly size: number | undefined;
  /** Its content, decompressed. `onRead` is told how many bytes were taken from the disk. Throws a `Failure`. */
  read(onRead: (bytes: number) => void): AsyncIterable<Buffer>;
}

const READ_BYTES = 1024 * 1024;

export interface InputOptions {
  readonly stdin: NodeJS.ReadableStream;
  /** Folders stand for the files in them, in all depths, hidden ones left out. */
  readonly recursive: boolean;
}

/**
 * Finds and opens everything that `paths` name before anything is read, so that a wrong name changes nothing. Throws a
 * `Failure` for what is missing, not readable or a folder.
 */
export async function findInputs(paths: readonly string[], options: InputOptions): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const path of paths) {
    if (path === '-') inputs.push(standardInput(options.stdin));
    else for (const file of await filesOf(path, options.recursive)) inputs.push(await fileInput(file));
  }
  return inputs;
}

function standardInput(stdin: NodeJS.ReadableStream): Input {
  return { name: '-', size: undefined, read: (onRead) => contentOf('standard input', stdin, onRead) };
}

async function fileInput(path: string): Promise<Input> {
  const handle = await open(path, 'r').catch((error) => Promise.reject(unreadable(path, error)));
  try {
    const { size } = await handle.stat();
    return {
      name: path,
      size,
      read: (onRead) => contentOf(path, createReadStream(path, { highWaterMark: READ_BYTES }), onRead),
    };
  } finally {
    await handle.close();
  }
}

async function filesOf(path: string, recursive: boolean): Promise<string[]> {
  const found = await stat(path).catch((error) => Promise.reject(unreadable(path, error)));
  if (!found.isDirectory()) return [path];
  if (!recursive)
    throw new Failure('input', `${path} is a folder`, `Name the files, e.g. ${join(path, '*')}, or add --recursive.`);
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !isHidden(path, entry))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort(compareText);
}

function isHidden(root: string, entry: { readonly parentPath: string; readonly name: string }): boolean {
  const inside = join(entry.parentPath, entry.name).slice(join(root, '/').length);
  return inside.split('/').some((part) => part.startsWith('.'));
}

async function* contentOf(
  name: string,
  stream: NodeJS.ReadableStream,
  onRead: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of stream) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      onRead(bytes.length);
      yield bytes;
    }
  }
  try {
    yield* decompressed(counted());
  } catch (error) {
    throw unreadable(name, error);
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'Check the name.',
  EACCES: 'Give yourself permission to read it.',
  EPERM: 'Give yourself permission to read it.',
};

function unreadable(name: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new Failure('input', `${name} does not exist`, 'Check the name.', { cause: error });
  const damaged = code.startsWith('Z_') || code === '' || typeof code === 'number';
  const what = damaged ? `${name} is damaged compressed data` : `cannot read ${name}`;
  const remedy = REMEDIES[code] ?? (damaged ? 'Fetch it again, or decompress what can be saved.' : 'Check the disk.');
  return new Failure('input', `${what}: ${String(message).split('\n')[0]}`, remedy, { cause: error });
}
