import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { readDocuments } from '../../dialects/document/document.ts';
import type { Finding } from '../../model/finding.ts';
import { workloadId } from '../../model/inventory.ts';
import { podTemplate } from '../../model/pod-template.ts';
import { MICROPOLICIES_FILE, type PolicyFile, readPolicyFiles } from './read-policy-files.ts';

/** Where labels that workloads do not carry yet come from: found beside the policies, named, or not wanted. */
export type LabelSource = 'auto' | 'none' | readonly string[];

export interface ReadAssignments {
  /** Labels by `namespace/Kind/name`. */
  readonly assignments: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Where they were read from. */
  readonly sources: readonly string[];
  readonly findings: readonly Finding[];
}

/** Above a policy file, `micropolicies.yaml` stands at most this many folders up. */
const LEVELS_UP = 3;

/**
 * Labels that `learn` proposes, from `micropolicies.yaml` (`assignments`) or from label patches: of the folders that hold
 * the policies, or of the files and folders that are named.
 */
export async function readAssignments(
  policies: readonly string[],
  source: LabelSource,
  stdin: NodeJS.ReadableStream,
): Promise<ReadAssignments> {
  const sources = source === 'none' ? [] : source === 'auto' ? await besidePolicies(policies) : await named(source);
  const { files, findings } = await readPolicyFiles(sources, stdin);
  const assignments = new Map<string, Map<string, string>>();
  const problems = [...findings, ...files.flatMap((file) => readFile(file, assignments))];
  const nothing = Array.isArray(source) && assignments.size === 0 && problems.length === 0;
  return { assignments, sources, findings: nothing ? sources.map(assignsNothing) : problems };
}

function assignsNothing(file: string): Finding {
  const message = 'it assigns no labels';
  const remedy = 'Name a micropolicies.yaml, or label patches as `learn` writes them.';
  const location = { file, document: 0, line: 0 };
  return { severity: 'warning', rule: 'no-assignments', message, remedy, location };
}

/** The nearest `micropolicies.yaml` at or above each path, each once. */
async function besidePolicies(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const path of paths) {
    if (path === '-') continue;
    let folder = (await isFolder(path)) ? path : dirname(path);
    for (let level = 0; level <= LEVELS_UP; level += 1) {
      const candidate = await assignmentsIn(folder);
      if (candidate !== undefined) {
        found.add(candidate);
        break;
      }
      if (resolve(folder) === resolve(folder, '..')) break;
      folder = join(folder, '..');
    }
  }
  return [...found];
}

/** A named folder stands for the `micropolicies.yaml` or the patches in it. */
async function named(paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map(async (path) => (await assignmentsIn(path)) ?? path));
}

/** `micropolicies.yaml`, else the patches beside a folder of manifests; both as `learn` writes them. */
async function assignmentsIn(folder: string): Promise<string | undefined> {
  const file = join(folder, MICROPOLICIES_FILE);
  if (await exists(file)) return file;
  const labels = join(folder, 'labels');
  return (await isFolder(labels)) && (await isFolder(join(folder, 'kubernetes'))) ? labels : undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Adds what the documents of `file` assign; those that assign nothing are passed over. */
function readFile(file: PolicyFile, assignments: Map<string, Map<string, string>>): readonly Finding[] {
  const { documents, findings } = readDocuments(file);
  for (const { value } of documents) {
    for (const [id, labels] of assignmentsOf(value)) {
      assignments.set(id, new Map([...(assignments.get(id) ?? []), ...labels]));
    }
  }
  return findings;
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

/** `assignments` as a list of `{workload, labels}` or as a map, else the labels of a workload's pod template. */
function assignmentsOf(value: unknown): [string, ReadonlyMap<string, string>][] {
  const { assignments, kind, metadata, mode } = fields(value);
  // Policies by existing labels come with assignments too, as a proposal that they do not need.
  if (mode === 'selectors') return [];
  if (Array.isArray(assignments)) {
    return assignments.map((item) => [String(fields(item).workload), textMap(fields(item).labels)]);
  }
  if (assignments !== undefined)
    return Object.entries(fields(assignments)).map(([id, labels]) => [id, textMap(labels)]);
  const template = podTemplate(String(kind));
  if (template === undefined) return [];
  const { name, namespace = 'default' } = fields(metadata);
  const id = workloadId({ namespace: String(namespace), kind: String(kind), name: String(name) });
  const pod = template.path.reduce<Fields>((at, step) => fields(at[step]), fields(value));
  return [[id, textMap(fields(pod.metadata).labels)]];
}

function textMap(value: unknown): Map<string, string> {
  return new Map(Object.entries(fields(value)).map(([key, label]) => [key, String(label)]));
}
