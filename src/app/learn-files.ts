import type { PlainObject } from '../dialects/kubernetes/write.ts';
import { renderMicropolicies } from '../dialects/micropolicies.ts';
import { renderKustomization, renderLabelPatches, renderPolicies } from '../dialects/micropolicies-files.ts';
import { readPolicies } from '../dialects/read.ts';
import type { PairComments } from '../dialects/read-micropolicies.ts';
import { toPolicies } from '../learn/to-policies.ts';
import type { Learned } from '../model/pair.ts';
import type { PolicySet } from '../model/policy.ts';
import { invariant } from '../util/invariant.ts';

/** Subfolders whose generated files are a run's own: what is no longer made in them is removed. */
export const OWNED_FOLDERS: readonly string[] = ['kubernetes', 'labels'];

/** What a run writes, and what it amounts to. */
export interface LearnedFiles {
  /** Everything that stands in the output folder, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** The policies in these files, read back. */
  readonly policySet: PolicySet;
}

/** Everything that a run writes. `document` is what `micropolicies.yaml` says. */
export function renderFiles(
  learned: Learned,
  { document, comments }: { readonly document: PlainObject; readonly comments?: PairComments },
): LearnedFiles {
  const { files: policies, refusals } = renderPolicies(toPolicies(learned));
  invariant(refusals.length === 0, `learned policies can be written: ${refusals.join('; ')}`);
  const files = new Map([
    ...policies,
    ...renderLabelPatches(learned.assignments),
    ['kustomization.yaml', renderKustomization([...policies.keys()])] as const,
    ['micropolicies.yaml', renderMicropolicies(document, comments)] as const,
  ]);
  return { files, policySet: readBack(policies) };
}

function readBack(files: ReadonlyMap<string, string>): PolicySet {
  const { policySet, findings } = readPolicies([...files].map(([name, text]) => ({ name, text })));
  invariant(
    findings.length === 0,
    `learned policies can be read: ${findings.map(({ message }) => message).join('; ')}`,
  );
  return policySet;
}
