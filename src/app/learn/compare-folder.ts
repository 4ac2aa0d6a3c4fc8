import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import { GENERATED } from '../../dialects/micropolicies/micropolicies.ts';
import type { PreviousRun } from '../../dialects/micropolicies/read-micropolicies.ts';
import { TRUST_SENTENCES } from '../../learn/trust/rules.ts';
import { formatLocation } from '../../model/finding.ts';
import { workloadId } from '../../model/inventory.ts';
import type { Learned } from '../../model/pair.ts';
import { Failure } from '../../util/failure.ts';
import type { Scene } from '../policies/judging.ts';
import { MICROPOLICIES_FILE } from '../policies/read-policy-files.ts';
import { type FolderContent, planFolder, readGenerated } from '../write-folder.ts';
import { type BlastRadius, blastRadius, earlierVersion, type Version } from './blast-radius.ts';
import { compareRuns, type LearnChanges, unknownMembers } from './changes.ts';
import { OWNED_FOLDERS } from './files.ts';
import { REVIEW_FILE, renderReview } from './review.ts';
import { filesByPair } from './review-links.ts';
import { CODEOWNERS_FILE, isManifest } from './team-folders.ts';

/** What a run made, before it is written. */
export interface FreshRun {
  readonly learned: Learned;
  readonly document: PlainObject;
  readonly files: ReadonlyMap<string, string>;
  readonly fresh: Version;
  readonly scene: Scene;
  /** Fail when the policies that stand in the folder cannot be read, instead of only writing them anew. */
  readonly mustCompare: boolean;
}

/** Compares a run with what stands in `folder`; the content it gives holds the account of the changes, too. */
export async function compareWithFolder(
  folder: string,
  before: PreviousRun | undefined,
  run: FreshRun,
): Promise<{ readonly content: FolderContent; readonly changes: LearnChanges }> {
  const { learned, document, files, fresh, scene } = run;
  const bare: FolderContent = {
    files: new Map([...files, [REVIEW_FILE, '']]),
    mark: GENERATED.replace('# ', ''),
    owned: [...OWNED_FOLDERS, CODEOWNERS_FILE],
    ...(before && { takenOver: new Set([MICROPOLICIES_FILE]) }),
    accounts: new Set([REVIEW_FILE]),
  };
  const present = await readGenerated(folder, bare);
  const traffic = isAsBefore(present, files, { before, document })
    ? { traffic: { edges: [], workloads: [] } }
    : observedChanges(folder, { before, present, fresh, scene });
  if (run.mustCompare && traffic.unread !== undefined)
    throw new Failure('input', traffic.unread, 'Restore the generated file from Git, or remove it.');
  const known = scene.inventory.workloads.map(workloadId);
  const changes = { ...compareRuns(learned, before), unknown: unknownMembers(learned, before, known), ...traffic };
  const { from, to } = document.window as { readonly from: string; readonly to: string };
  const facts = { cluster: String(document.cluster), from, to, sentences: TRUST_SENTENCES };
  const review = renderReview({ learned, changes, files: filesByPair(files), ...facts });
  const content = { ...bare, files: new Map([...files, [REVIEW_FILE, review]]) };
  return { content, changes: { ...changes, files: planFolder(present, content) } };
}

/** The same manifests and labels decide the same: nothing has to be read and replayed. */
function isAsBefore(
  present: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
  { before, document }: { readonly before: PreviousRun | undefined; readonly document: PlainObject },
): boolean {
  const labels = (of: Readonly<Record<string, unknown>> | undefined): string =>
    JSON.stringify([of?.mode, of?.assignments]);
  if (labels(before?.document) !== labels(document)) return false;
  const manifests = [...present.keys()].filter(isManifest);
  const made = [...files.keys()].filter(isManifest);
  return manifests.length === made.length && made.every((path) => present.get(path) === files.get(path));
}

function observedChanges(
  folder: string,
  given: Pick<FreshRun, 'fresh' | 'scene'> & {
    readonly before: PreviousRun | undefined;
    readonly present: ReadonlyMap<string, string>;
  },
): { readonly traffic?: BlastRadius; readonly unread?: string } {
  const old = earlierVersion(given.present, given.before?.document ?? {});
  const [first] = old.findings.filter(({ severity }) => severity === 'error');
  if (first) {
    const { location, message } = first;
    const where = formatLocation({ ...location, file: `${folder}/${location.file}` });
    return { unread: `${where}: ${message}` };
  }
  return { traffic: blastRadius(given.scene, old, given.fresh) };
}
