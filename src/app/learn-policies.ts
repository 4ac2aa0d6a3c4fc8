import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PlainObject } from '../dialects/kubernetes/write.ts';
import { GENERATED, micropoliciesDocument, pairWords } from '../dialects/micropolicies.ts';
import { type PairComments, readMicropolicies } from '../dialects/read-micropolicies.ts';
import { learn } from '../learn/learn.ts';
import { DEFAULT_LEARN_OPTIONS, type LearnOptions } from '../learn/options.ts';
import { TRUST_SENTENCES } from '../learn/trust-rules.ts';
import { nextVersion } from '../learn/versions.ts';
import type { Edge } from '../model/edge.ts';
import type { Inventory } from '../model/inventory.ts';
import type { Learned, PreviousPair } from '../model/pair.ts';
import { openStore } from '../store/client.ts';
import { readEdges } from '../store/read-edges.ts';
import { readInventory } from '../store/read-inventory.ts';
import { resolveWindow } from '../store/window.ts';
import { Failure } from '../util/failure.ts';
import { invariant } from '../util/invariant.ts';
import { chooseCluster } from './choose-cluster.ts';
import { OWNED_FOLDERS, renderFiles } from './learn-files.ts';
import { learnTable } from './learn-table.ts';
import { MICROPOLICIES_FILE } from './read-policy-files.ts';
import { type SelfCheck, selfCheck } from './self-check.ts';
import { type FolderChanges, writeFolder } from './write-folder.ts';

/** What a run does unless told otherwise. */
export const LEARN_DEFAULTS = DEFAULT_LEARN_OPTIONS;

export interface LearnRequest {
  readonly store: { readonly data: string; readonly clickhouse?: string | undefined };
  /** Milliseconds back from the newest record; absent = everything stored. */
  readonly since?: number | undefined;
  /** Absent: the only cluster there is. */
  readonly cluster?: string | undefined;
  readonly options: Omit<LearnOptions, 'cluster'>;
  /** Absent: nothing is written. */
  readonly out?: string | undefined;
}

export interface LearnOutcome {
  readonly learned: Learned;
  /** What `micropolicies.yaml` holds, as plain data. */
  readonly document: PlainObject;
  readonly check: SelfCheck;
  readonly changes?: FolderChanges;
}

/** Learns pairs from the stored edges, proves that they allow what they were learned from, and writes them. */
export async function learnPolicies(request: LearnRequest): Promise<LearnOutcome> {
  // 1. What happened.
  const { edges, inventory } = await readScene(request);
  const cluster = chooseCluster(edges, request.cluster);

  // 2. Pairs, and the policies that they stand for, as they would be read from the files.
  const before = await readPrevious(request.out);
  const found = learn(edges, inventory, { ...request.options, cluster }, before.pairs);
  const { trustedEdges } = found;
  const learned = withVersions(found.learned, before.pairs);
  const document = micropoliciesDocument(learned, { cluster, ...rangeOf(edges) }, TRUST_SENTENCES);
  const { files, policySet } = renderFiles(learned, { document, comments: before.comments });

  // 3. A set that would break what it was learned from is a bug, not an output.
  const check = selfCheck(policySet, { edges: trustedEdges, inventory, assignments: learned.assignments });
  invariant(check.denied.length === 0, `learned policies allow trusted traffic, but deny ${check.denied.join('; ')}`);

  // 4. Files.
  if (request.out === undefined) return { learned, document, check };
  const changes = await writeFolder(request.out, { files, mark: GENERATED, owned: OWNED_FOLDERS });
  return { learned, document, check, changes };
}

/** The result as one JSON object: headline figures, then all that `micropolicies.yaml` holds. */
export function learnJson({ learned, document }: LearnOutcome): string {
  const { heldBack, ...figures } = learned.summary;
  return `${JSON.stringify({ summary: { ...figures, heldBack: Object.fromEntries(heldBack) }, ...document }, null, 2)}\n`;
}

/** The result for a terminal. */
export function learnText(
  { learned }: LearnOutcome,
  given: { readonly out: string | undefined; readonly width: number | undefined },
): string {
  return learnTable(learned, { ...given, sentences: TRUST_SENTENCES });
}

/** Pairs with their next versions, given those that they grew out of. */
export function withVersions(learned: Learned, previous: readonly PreviousPair[]): Learned {
  const before = new Map(previous.map((pair) => [pair.id, pair]));
  const pairs = learned.pairs.map((pair) => ({
    ...pair,
    version: nextVersion(pair, before.get(pair.id), pairWords(pair)),
  }));
  return { ...learned, pairs };
}

/** What an earlier run left in the output folder, with what people changed in it. */
async function readPrevious(
  out: string | undefined,
): Promise<{ readonly pairs: readonly PreviousPair[]; readonly comments: PairComments }> {
  const none = { pairs: [], comments: new Map<string, string[]>() };
  if (out === undefined) return none;
  const file = join(out, MICROPOLICIES_FILE);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new Failure('input', `cannot read ${file}: ${error.message}`, 'Choose another --out folder.', {
      cause: error,
    });
  });
  if (text === undefined) return none;
  const found = readMicropolicies(text);
  if (found) return found;
  throw new Failure(
    'input',
    `${file} cannot be read as what an earlier run wrote`,
    'Repair it, or move it away to begin anew: names and decisions live in it.',
  );
}

async function readScene({ store: where, since }: LearnRequest): Promise<{ edges: Edge[]; inventory: Inventory }> {
  const store = await openStore(where);
  try {
    const window = await resolveWindow(store, { since });
    const edges = await readEdges(store, window);
    if (edges.length === 0)
      throw new Failure('input', 'there is no traffic to learn from', 'Ingest flows first: microwall ingest FILE…');
    return { edges, inventory: await readInventory(store, window) };
  } finally {
    await store.close();
  }
}

/** First and last moment of what was read. */
function rangeOf(edges: readonly Edge[]): { from: number; to: number } {
  let [from, to] = [Number.POSITIVE_INFINITY, 0];
  for (const { passed, denied, unclear } of edges)
    for (const seen of [passed, denied, unclear]) {
      if (seen === undefined) continue;
      from = Math.min(from, seen.firstSeen);
      to = Math.max(to, seen.lastSeen);
    }
  return to === 0 ? { from: 0, to: 0 } : { from, to };
}
