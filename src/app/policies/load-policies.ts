import { type ReadOptions, type ReadPolicies, readPolicies } from '../../dialects/read.ts';
import type { Finding } from '../../model/finding.ts';
import { type LabelSource, type ReadAssignments, readAssignments } from './read-assignments.ts';
import { readPolicyFiles } from './read-policy-files.ts';
import { type JudgedStaged, judgeStaged, type StagedAs } from './staged.ts';

/** Where policies come from, as the command line gives it. */
export interface PolicySource {
  /** Files, folders, or `-`. */
  readonly paths: readonly string[];
  readonly labels: LabelSource;
  readonly stdin: NodeJS.ReadableStream;
  /** Guessed from the policies when absent, and so is what enforces those of a mesh. */
  readonly profile?: ReadOptions['profile'];
  readonly mesh?: ReadOptions['mesh'];
  /** Absent: left out, as in the cluster. */
  readonly staged?: StagedAs | undefined;
}

export interface LoadedPolicies extends Omit<ReadPolicies, 'findings' | 'policySet'>, JudgedStaged {
  readonly assignments: ReadAssignments['assignments'];
  readonly labelSources: readonly string[];
  /** What is wrong with any of the files; with an error nothing may be decided. */
  readonly findings: readonly Finding[];
}

/** Reads policies, and the labels that `learn` proposes beside them. */
export async function loadPolicies({
  paths,
  labels,
  stdin,
  profile,
  mesh,
  staged,
}: PolicySource): Promise<LoadedPolicies> {
  const { files, findings } = await readPolicyFiles(paths, stdin);
  const read = readPolicies(files, { profile, mesh });
  const assigned = await readAssignments(paths, labels, stdin);
  return {
    ...read,
    ...judgeStaged(read.policySet, staged),
    assignments: assigned.assignments,
    labelSources: assigned.sources,
    findings: [...findings, ...read.findings, ...assigned.findings],
  };
}

/** What was guessed about the product that enforces the policies, and what became of staged ones, for people. */
export function guesses(read: Omit<ReadPolicies, 'findings'> & Partial<JudgedStaged>): string[] {
  const { policySet, profileGuessed, ambient, stagedNotes = [] } = read;
  const product = `decided as ${policySet.profile.name} does (--profile chooses another)`;
  const mesh = `Istio policies of ${ambient.join(', ')} are decided as ztunnel does (--mesh chooses)`;
  return [...(profileGuessed ? [product] : []), ...(ambient.length > 0 ? [mesh] : []), ...stagedNotes];
}

/** Whether policies cannot be trusted to be what their author meant. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}
