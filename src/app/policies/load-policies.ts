import { type ReadOptions, type ReadPolicies, readPolicies } from '../../dialects/read.ts';
import type { Finding } from '../../model/finding.ts';
import { type LabelSource, type ReadAssignments, readAssignments } from './read-assignments.ts';
import { readPolicyFiles } from './read-policy-files.ts';

/** Where policies come from, as the command line gives it. */
export interface PolicySource {
  /** Files, folders, or `-`. */
  readonly paths: readonly string[];
  readonly labels: LabelSource;
  readonly stdin: NodeJS.ReadableStream;
  /** Guessed from the policies when absent, and so is what enforces those of a mesh. */
  readonly profile?: ReadOptions['profile'];
  readonly mesh?: ReadOptions['mesh'];
}

export interface LoadedPolicies extends Omit<ReadPolicies, 'findings'> {
  readonly assignments: ReadAssignments['assignments'];
  readonly labelSources: readonly string[];
  /** What is wrong with any of the files; with an error nothing may be decided. */
  readonly findings: readonly Finding[];
}

/** Reads policies, and the labels that `learn` proposes beside them. */
export async function loadPolicies({ paths, labels, stdin, profile, mesh }: PolicySource): Promise<LoadedPolicies> {
  const { files, findings } = await readPolicyFiles(paths, stdin);
  const read = readPolicies(files, { profile, mesh });
  const assigned = await readAssignments(paths, labels, stdin);
  return {
    ...read,
    assignments: assigned.assignments,
    labelSources: assigned.sources,
    findings: [...findings, ...read.findings, ...assigned.findings],
  };
}

/** What was guessed about the product that enforces the policies, for people. */
export function guesses({ policySet, profileGuessed, ambient }: Omit<ReadPolicies, 'findings'>): string[] {
  const product = `decided as ${policySet.profile.name} does (--profile chooses another)`;
  const mesh = `Istio policies of ${ambient.join(', ')} are decided as ztunnel does (--mesh chooses)`;
  return [...(profileGuessed ? [product] : []), ...(ambient.length > 0 ? [mesh] : [])];
}

/** Whether policies cannot be trusted to be what their author meant. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}
