import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { z } from 'zod';
import { Failure } from '../util/failure.ts';
import { freezeDeep } from './freeze.ts';

/** A value together with where a person set it: `--brokers`, `MICROWALL_BROKERS`. */
export interface Override {
  /** Dotted path in the settings, e.g. `kafka.sasl.username`. */
  readonly path: string;
  readonly value: unknown;
  readonly origin: string;
}

export interface SettingsSources {
  /** YAML or JSON file. */
  readonly file?: string | undefined;
  /** Later ones win over earlier ones and all of them over the file: environment first, then flags. */
  readonly overrides: readonly Override[];
}

type Tree = { [key: string]: unknown };

/**
 * Reads file and overrides, validates them with `schema` and gives frozen settings. All problems are reported at once in
 * one `Failure`, each with its path and with where the value came from.
 */
export function loadSettings<Schema extends z.ZodType>(schema: Schema, sources: SettingsSources): z.output<Schema> {
  const tree = sources.file === undefined ? {} : readTree(sources.file);
  const origins = new Map<string, string>();
  for (const { path, value, origin } of sources.overrides) {
    setAt(tree, path.split('.'), value);
    origins.set(path, origin);
  }
  const result = schema.safeParse(tree);
  if (result.success) return freezeDeep(result.data);
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.join('.');
    const origin = originOf(path, origins) ?? sources.file;
    return `${path || 'settings'}: ${issue.message}${origin === undefined ? '' : ` (from ${origin})`}`;
  });
  throw settingsFailure(problems);
}

/** The failure for everything that is wrong with settings, one problem a line. */
export function settingsFailure(problems: readonly string[]): Failure {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const list = problems.map((problem) => `\n  - ${problem}`).join('');
  return new Failure('input', `${count} in the settings${list}`, 'Correct these, then try `--check-config`.');
}

function readTree(file: string): Tree {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('input', `cannot read ${file}: ${(error as Error).message}`, 'Check the path of --config.');
  }
  let tree: unknown;
  try {
    tree = parse(text);
  } catch (error) {
    throw new Failure('input', `${file} is neither YAML nor JSON: ${(error as Error).message}`, 'Correct the file.');
  }
  if (tree === null || tree === undefined) return {};
  if (typeof tree === 'object' && !Array.isArray(tree)) return tree as Tree;
  throw new Failure('input', `${file} holds no settings but a list or a plain value`, 'Write `key: value` lines.');
}

function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const inner = tree[head];
  const next: Tree = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? (inner as Tree) : {};
  tree[head] = next;
  setAt(next, rest, value);
}

function originOf(path: string, origins: ReadonlyMap<string, string>): string | undefined {
  for (let prefix = path; prefix !== ''; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf('.')))) {
    const origin = origins.get(prefix);
    if (origin !== undefined) return origin;
  }
  return undefined;
}
