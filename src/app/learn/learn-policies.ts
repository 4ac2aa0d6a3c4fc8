import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import { micropoliciesDocument } from '../../dialects/micropolicies/micropolicies.ts';
import { learn } from '../../learn/learn.ts';
import { DEFAULT_LEARN_OPTIONS, type LearnOptions } from '../../learn/options.ts';
import { TRUST_SENTENCES } from '../../learn/trust/rules.ts';
import type { AskedWindow } from '../../model/asked-window.ts';
import type { Edge } from '../../model/edge.ts';
import { workloadId } from '../../model/inventory.ts';
import type { Learned } from '../../model/pair.ts';
import { openStore } from '../../store/client.ts';
import { readEdges } from '../../store/read/edges.ts';
import { readInventory } from '../../store/read/inventory.ts';
import { resolveWindow } from '../../store/read/window.ts';
import { Failure } from '../../util/failure.ts';
import { invariant } from '../../util/invariant.ts';
import { chooseCluster } from '../choose-cluster.ts';
import type { Scene } from '../policies/judging.ts';
import { carryOut } from '../write-folder.ts';
import { carryOver } from './carry-over.ts';
import type { LearnChanges } from './changes.ts';
import { isTooMuch } from './changes.ts';
import { changesJson } from './changes-text.ts';
import { compareWithFolder } from './compare-folder.ts';
import { renderFiles } from './files.ts';
import { type AskedOutput, chooseOutput, planFiles } from './plan.ts';
import { readPreviousRun } from './previous-run.ts';
import { type SelfCheck, selfCheck } from './self-check.ts';
import { learnTable } from './table.ts';
import { placeByTeam } from './team-folders.ts';
import { readTeams, teamFinder } from './teams.ts';

/** What a run does unless told otherwise. */
export const LEARN_DEFAULTS = DEFAULT_LEARN_OPTIONS;

export interface LearnRequest extends AskedWindow {
  readonly store: { readonly data: string; readonly clickhouse?: string | undefined };
  /** Absent: the only cluster there is. */
  readonly cluster?: string | undefined;
  readonly options: Omit<LearnOptions, 'cluster'>;
  /** Absent: nothing is compared or written. */
  readonly out?: string | undefined;
  /** How the policies are written; absent: as NetworkPolicies. */
  readonly form?: AskedOutput;
  /** Only say what would change. */
  readonly dryRun?: boolean;
  /** Write nothing when more observed edges, or more workloads, would be decided otherwise. */
  readonly maxBlastRadius?: number | undefined;
  /** File that says which team owns which workloads; manifests then stand in a folder for each team. */
  readonly teams?: string | undefined;
}

export interface LearnOutcome {
  readonly learned: Learned;
  /** What `micropolicies.yaml` holds, as plain data. */
  readonly document: PlainObject;
  readonly check: SelfCheck;
  /** Absent without a folder to compare with. */
  readonly changes?: LearnChanges;
  /** Whether nothing was written because too much would change. */
  readonly refused: boolean;
}

/** Learns pairs from the stored edges, proves that they allow what they were learned from, and writes them. */
export async function learnPolicies(request: LearnRequest): Promise<LearnOutcome> {
  return learnFrom(() => readScene(request), request);
}

/** The same from traffic that is read some other way. */
export async function learnFrom(
  read: () => Promise<Scene>,
  request: Omit<LearnRequest, 'store' | keyof AskedWindow>,
): Promise<LearnOutcome> {
  const { out } = request;
  // 1. What is asked for, and what an earlier run and people left.
  const teams = request.teams === undefined ? undefined : readTeams(request.teams);
  const before = out === undefined ? undefined : await readPreviousRun(out);
  const output = chooseOutput(request.form, before?.output);

  // 2. What happened.
  const scene = await read();
  const { edges, inventory } = scene;
  const cluster = chooseCluster(edges, request.cluster);

  // 3. Pairs, and the policies that they stand for, as they would be read from the files.
  const found = learn(edges, inventory, { ...request.options, cluster }, before?.pairs, before);
  const { trustedEdges, naming } = found;
  const given = { inventory, cluster, trustedEdges, naming, before };
  const plan = planFiles(carryOver(found.learned, before), given, output);
  const { learned } = plan;
  const header = { cluster, ...rangeOf(edges) };
  const document = { ...micropoliciesDocument(learned, header, TRUST_SENTENCES), ...plan.record };
  const { files, policySet } = renderFiles(learned, { document, comments: before?.comments ?? [], plan });

  // 4. A set that would break what it was learned from is a bug, not an output.
  const { assignments } = learned;
  const check = selfCheck(policySet, { edges: trustedEdges, inventory, assignments });
  invariant(check.denied.length === 0, `learned policies allow trusted traffic, but deny ${check.denied.join('; ')}`);
  if (out === undefined) return { learned, document, check, refused: false };

  // 5. What that changes in the folder, and for the traffic that was observed.
  const labels = new Map(assignments.map((own) => [workloadId(own.workload), own.labels]));
  const ownership = teams && { plan, teams, teamOf: teamFinder(teams, inventory.workloads) };
  const placed = ownership ? placeByTeam(files, ownership) : files;
  const mustCompare = request.maxBlastRadius !== undefined;
  const run = { learned, document, files: placed, fresh: { policySet, labels }, scene, mustCompare };
  const { content, changes } = await compareWithFolder(out, before, run);
  const refused = isTooMuch(changes, request.maxBlastRadius);

  // 6. Files.
  if (!refused && !request.dryRun) await carryOut(out, content.files, changes.files);
  return { learned, document, check, changes, refused };
}

/** The result as one JSON object: headline figures, then all that `micropolicies.yaml` holds. */
export function learnJson({ learned, document, changes }: LearnOutcome): string {
  const { heldBack, ...figures } = learned.summary;
  const summary = { ...figures, heldBack: Object.fromEntries(heldBack) };
  const compared = changes && { changes: changesJson(changes) };
  return `${JSON.stringify({ summary, ...compared, ...document }, null, 2)}\n`;
}

/** The result for a terminal. */
export function learnText(
  { learned, document }: LearnOutcome,
  given: { readonly out: string | undefined; readonly width: number | undefined },
): string {
  const { staged = false } = (document.output ?? {}) as { readonly staged?: boolean };
  return learnTable(learned, { ...given, staged, sentences: TRUST_SENTENCES });
}

async function readScene(request: LearnRequest): Promise<Scene> {
  const store = await openStore(request.store);
  try {
    const window = await resolveWindow(store, request);
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
