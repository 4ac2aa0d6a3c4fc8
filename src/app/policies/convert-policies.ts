import { type ReadOptions, readPolicies } from '../../dialects/read.ts';
import { WRITERS } from '../../dialects/writers.ts';
import type { Refusal } from '../../dialects/writing/documents.ts';
import { yamlText } from '../../dialects/yaml-text.ts';
import type { Finding } from '../../model/finding.ts';
import type { PolicyDialect } from '../../model/policy.ts';
import { writeFolder } from '../write-folder.ts';
import { guesses, hasErrors } from './load-policies.ts';
import { readPolicyFiles } from './read-policy-files.ts';

export interface ConvertRequest {
  readonly paths: readonly string[];
  readonly stdin: NodeJS.ReadableStream;
  readonly to: PolicyDialect;
  readonly profile?: ReadOptions['profile'];
  readonly mesh?: ReadOptions['mesh'];
  /** One file per document below this folder; absent: all documents as one text. */
  readonly out?: string | undefined;
}

export interface ConvertOutcome {
  readonly findings: readonly Finding[];
  /** Policies that the dialect cannot say. */
  readonly refusals: readonly Refusal[];
  readonly notes: readonly string[];
  /** Absent when a policy could not be read exactly. */
  readonly text?: string;
}

/** First line of every file; only files that start with it are ever replaced. */
const MARK = '# Written by `microwall convert`.\n';

/** The same policies in the words of another dialect. Nothing is approximated: what it cannot say is refused. */
export async function convertPolicies(request: ConvertRequest): Promise<ConvertOutcome> {
  const { files, findings: unreadable } = await readPolicyFiles(request.paths, request.stdin);
  const read = readPolicies(files, { profile: request.profile, mesh: request.mesh });
  const findings = [...unreadable, ...read.findings];
  if (hasErrors(findings)) return { findings, refusals: [], notes: [] };
  const { documents, refusals } = WRITERS[request.to](read.policySet);
  const notes = [
    ...guesses(read),
    `${documents.length} documents of dialect ${request.to}, ${refusals.length} policies refused`,
  ];
  if (request.out === undefined) return { findings, refusals, notes, text: documents.map(documentText).join('') };
  const named = new Map(documents.map((document) => [fileName(document), MARK + yamlText(document)]));
  const { written, unchanged, removed } = await writeFolder(request.out, { files: named, mark: MARK, owned: ['.'] });
  const told = `${written.length} files written, ${unchanged} unchanged, ${removed.length} removed in ${request.out}`;
  return { findings, refusals, notes: [...notes, told], text: '' };
}

function documentText(document: unknown): string {
  return `---\n${yamlText(document)}`;
}

/** `networkpolicy.shop.cart.yaml`. */
function fileName(document: unknown): string {
  const { kind, metadata } = document as { kind: string; metadata: { name: string; namespace?: string } };
  return [kind.toLowerCase(), ...(metadata.namespace ? [metadata.namespace] : []), metadata.name, 'yaml'].join('.');
}
