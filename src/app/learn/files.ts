import type { PlainObject } from '../../dialects/kubernetes/write.ts';
import { renderForm } from '../../dialects/micropolicies/documents.ts';
import { type RenderedFiles, renderKustomization, renderLabelPatches } from '../../dialects/micropolicies/files.ts';
import { KUBERNETES_FORM, MANIFEST_FOLDERS, type OutputForm } from '../../dialects/micropolicies/form.ts';
import { renderMicropolicies } from '../../dialects/micropolicies/micropolicies.ts';
import { profileOf } from '../../dialects/micropolicies/place.ts';
import type { PairComments } from '../../dialects/micropolicies/read-micropolicies.ts';
import { readPolicyDocuments } from '../../dialects/read.ts';
import { enforceStaged } from '../../evaluate/compile/enforce-staged.ts';
import { toPolicies } from '../../learn/pairs/to-policies.ts';
import type { Learned } from '../../model/pair.ts';
import type { PolicySet } from '../../model/policy.ts';
import { Failure } from '../../util/failure.ts';
import { invariant } from '../../util/invariant.ts';
import type { LearnPlan } from './plan.ts';

/** Subfolders whose generated files are a run's own: what is no longer made in them is removed. */
export const OWNED_FOLDERS: readonly string[] = [...MANIFEST_FOLDERS, 'labels'];

/** What a run writes, and what it amounts to. */
export interface LearnedFiles {
  /** Everything that stands in the output folder, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The policies in these files, read back; staged ones as if they were let go. */
  readonly policySet: PolicySet;
}

/** What stands beside the policies in the folder, and how they are written; absent: as NetworkPolicies. */
export interface FilesGiven {
  /** What `micropolicies.yaml` says. */
  readonly document: PlainObject;
  readonly comments?: PairComments;
  readonly plan?: Pick<LearnPlan, 'halves' | 'form'>;
}

/** Everything that a run writes. */
export function renderFiles(learned: Learned, { document, comments, plan }: FilesGiven): LearnedFiles {
  const { halves, form } = plan ?? { halves: toPolicies(learned), form: KUBERNETES_FORM };
  const { files: policies, documents, refusals } = renderForm(halves, form);
  if (refusals.length > 0) throw notWritable(refusals, form);
  const files = new Map([
    ...policies,
    ...renderLabelPatches(learned.assignments),
    ['kustomization.yaml', renderKustomization([...policies.keys()])] as const,
    ['micropolicies.yaml', renderMicropolicies(document, comments)] as const,
  ]);
  return { files, policySet: readBack(documents, form) };
}

const TOLD = 5;

/** Leaving one half out would deny what it grants, so nothing is written. */
function notWritable(refusals: readonly string[], { dialect }: OutputForm): Failure {
  const more = refusals.length > TOLD ? `; and ${refusals.length - TOLD} more` : '';
  const told = `${refusals.slice(0, TOLD).join('; ')}${more}`;
  const remedy = 'Choose another --dialect, or --mode labels, whose selectors every dialect has.';
  return new Failure('input', `not everything learned can be said in dialect ${dialect}: ${told}`, remedy);
}

/** Reads the documents as every reader of their dialect does. That their texts say the same is for tests to hold. */
function readBack(files: RenderedFiles['documents'], form: OutputForm): PolicySet {
  const read = [...files].map(([name, values]) => ({
    name,
    documents: values.map((value, i) => ({ value, locate: () => ({ file: name, document: i + 1, line: 0 }) })),
    findings: [],
  }));
  const { policySet, findings } = readPolicyDocuments(read, { profile: profileOf(form) });
  const [wrong] = findings;
  invariant(wrong === undefined, `learned policies can be read: ${wrong?.location.file}: ${wrong?.message}`);
  return enforceStaged(policySet).policySet;
}
