import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Finding } from '../../model/finding.ts';
import { compareText } from '../../util/compare.ts';

/** Larger than any list of policies a cluster gives, small enough to stay harmless. */
const MAX_BYTES = 64 * 1024 * 1024;

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

/** The file that marks a folder as output of `learn`; it is no manifest itself. */
export const MICROPOLICIES_FILE = 'micropolicies.yaml';

const NOT_MANIFESTS = new Set([MICROPOLICIES_FILE, 'kustomization.yaml', 'kustomization.yml']);

export interface PolicyFile {
  /** As the user would type it; `<stdin>` for standard input. */
  readonly name: string;
  readonly text: string;
}

export interface PolicyFiles {
  readonly files: readonly PolicyFile[];
  /** What could not be read: all of it, not only the first. */
  readonly findings: readonly Finding[];
}

/**
 * Texts of files, folders (recursively, `*.yaml`, `*.yml` and `*.json` by name) and standard input (`-`), each once.
 * Inside folders, hidden entries, kustomizations and what `learn` writes beside its manifests are passed over; a file
 * that is named itself is always read.
 */
export async function readPolicyFiles(paths: readonly string[], stdin: NodeJS.ReadableStream): Promise<PolicyFiles> {
  const files: PolicyFile[] = [];
  const findings: Finding[] = [];
  const attempt = async <T>(name: string, action: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await action();
    } catch (error) {
      findings.push(findingOf(name, error));
      return undefined;
    }
  };
  const seen = new Set<string>();
  for (const path of paths) {
    for (const name of (await attempt(path, () => manifestsOf(path))) ?? []) {
      const file = await attempt(name, async () => {
        const identity = name === '-' ? name : await realpath(name);
        if (seen.has(identity)) return undefined;
        seen.add(identity);
        return readOne(name, stdin);
      });
      if (file !== undefined) files.push(file);
    }
  }
  return { files, findings };
}

/** A fault of one file, on its way to becoming a finding. */
class Unreadable extends Error {
  readonly remedy: string;
  constructor(message: string, remedy: string) {
    super(message);
    this.remedy = remedy;
  }
}

async function manifestsOf(path: string): Promise<string[]> {
  if (path === '-' || !(await stat(path)).isDirectory()) return [path];
  const found = await walk(path, new Set());
  if (found.length === 0)
    throw new Unreadable(
      'the folder holds no *.yaml, *.yml or *.json file',
      'Name the folder that holds the policies.',
    );
  return found;
}

/** Files below `folder`, sorted by path; each real folder once, so that links in circles end. */
async function walk(folder: string, visited: Set<string>): Promise<string[]> {
  const real = await realpath(folder);
  if (visited.has(real)) return [];
  visited.add(real);
  const entries = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(compareText);
  const learned = entries.includes(MICROPOLICIES_FILE) || entries.includes('kubernetes');
  const found: string[] = [];
  for (const entry of entries) {
    const path = join(folder, entry);
    if (learned && entry === 'labels') continue;
    const kind = await stat(path);
    if (kind.isDirectory()) found.push(...(await walk(path, visited)));
    else if (EXTENSIONS.has(extname(entry)) && !NOT_MANIFESTS.has(basename(entry))) found.push(path);
  }
  return found;
}

async function readOne(name: string, stdin: NodeJS.ReadableStream): Promise<PolicyFile> {
  const shown = name === '-' ? '<stdin>' : name;
  if (name !== '-' && (await stat(name)).size > MAX_BYTES) throw tooLarge();
  const bytes = name === '-' ? await buffer(stdin) : await readFile(name);
  if (bytes.byteLength > MAX_BYTES) throw tooLarge();
  try {
    return { name: shown, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    throw new Unreadable('the file is not UTF-8 text', 'Save it as UTF-8, or name the right file.');
  }
}

function tooLarge(): Unreadable {
  return new Unreadable(`the file is larger than ${MAX_BYTES / 1024 / 1024} MB`, 'Split it, or export policies only.');
}

const SYSTEM_ERRORS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['there is no such file or folder', 'Check the path.'],
  EACCES: ['no permission to read it', 'Give this user read permission.'],
  ENOTDIR: ['a part of the path is a file', 'Check the path.'],
  ELOOP: ['the link leads in a circle', 'Name the file it should lead to.'],
};

function findingOf(file: string, error: unknown): Finding {
  const location = { file: file === '-' ? '<stdin>' : file, document: 0, line: 0 };
  const finding = { severity: 'error', rule: 'unreadable-file', location } as const;
  if (error instanceof Unreadable) return { ...finding, message: error.message, remedy: error.remedy };
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) throw error;
  const [message, remedy] = SYSTEM_ERRORS[code] ?? [`it cannot be read (${code})`, 'Check the file and its disk.'];
  return { ...finding, message, remedy };
}
