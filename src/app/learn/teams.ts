import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { readChecked } from '../../dialects/micropolicies/checked-yaml.ts';
import { formatLocation } from '../../model/finding.ts';
import { type Workload, workloadId } from '../../model/inventory.ts';
import type { WorkloadRef } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { Failure } from '../../util/failure.ts';

const folder = z
  .string('must be text')
  .max(63, 'must have at most 63 characters')
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/, 'must be lower case letters, digits and dashes, beginning with a letter')
  .refine((name) => name !== 'labels', { message: 'is what the folder of label patches is called' });
/** As CODEOWNERS spells them. */
const owner = z
  .string('must be text')
  .regex(/^(@[^\s@/]+(\/[^\s@/]+)?|[^\s@]+@[^\s@]+)$/, 'must be @user, @organisation/team or an e-mail address');
const pattern = z
  .string('must be text')
  .refine(isPattern, { message: 'is not a regular expression' })
  .transform((text) => new RegExp(text, 'u'));

const team = z.strictObject({
  owners: z.array(owner, 'must be a list of owners').min(1, 'must name an owner'),
  namespaces: z.array(z.string('must be text'), 'must be a list of namespaces').default([]),
  labels: z.record(z.string(), z.string('must be text'), 'must be a mapping of labels').optional(),
  pattern: pattern.optional(),
});

/** A name that cannot be that of a folder says so itself. */
function mappingFault(issue: { readonly code?: string; readonly issues?: readonly { readonly message: string }[] }) {
  const why = issue.code === 'invalid_key' ? issue.issues?.[0]?.message : undefined;
  return why ?? 'must be a mapping of teams';
}

const TEAMS = z.strictObject({
  teams: z.record(folder, team, { error: mappingFault }),
  default: z
    .strictObject({ folder: folder.default('shared'), owners: z.array(owner, 'must be a list of owners').default([]) })
    .default({ folder: 'shared', owners: [] }),
  root: z
    .string('must be text')
    .regex(/^[^\s/][^\s]*[^\s/]$|^[^\s/]$/, 'must be a path without / at its ends')
    .optional(),
});

/** Who owns which workloads, as a settings file says. */
export type Teams = z.output<typeof TEAMS>;

const FIELDS = ['teams', 'default', 'root', 'owners', 'namespaces', 'labels', 'pattern', 'folder'];

/** Reads the file of `--teams`. */
export function readTeams(file: string): Teams {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('input', `cannot read ${file}: ${(error as Error).message}`, 'Check the path of --teams.');
  }
  const checked = readChecked({ text, file, remedy: 'docs/learning.md describes the file.' }, TEAMS, FIELDS);
  if ('value' in checked) {
    const { teams, default: rest } = checked.value;
    if (!Object.hasOwn(teams, rest.folder)) return checked.value;
    const message = `default.folder: ${rest.folder} is a team`;
    throw teamsFailure([checked.report(message, ['default', 'folder'])]);
  }
  throw teamsFailure(checked.findings);
}

function teamsFailure(findings: readonly Parameters<typeof findingText>[0][]): Failure {
  return new Failure('input', findings.map(findingText).join('\n  '), findings[0]?.remedy ?? '');
}

function findingText({
  location,
  message,
}: {
  location: Parameters<typeof formatLocation>[0];
  message: string;
  remedy: string;
}) {
  return `${formatLocation(location)}: ${message}`;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') !== undefined;
  } catch {
    return false;
  }
}

/** The team of a workload: the first in the order of the file one of whose conditions holds; undefined: none. */
export type TeamOf = (workload: WorkloadRef) => string | undefined;

/** Finds teams by namespace, by labels that the workload is known to carry, and by `namespace/Kind/name`. */
export function teamFinder({ teams }: Teams, workloads: readonly Workload[]): TeamOf {
  const labels = new Map<string, ReadonlyMap<string, string>[]>();
  for (const workload of workloads) {
    const id = workloadId(workload);
    appendTo(labels, id, workload.labels.labels);
  }
  const known = new Map<string, string | undefined>();
  return (workload) => {
    const id = workloadId(workload);
    if (known.has(id)) return known.get(id);
    const found = Object.entries(teams).find(
      ([, { namespaces, labels: wanted, pattern: form }]) =>
        namespaces.includes(workload.namespace) ||
        (wanted && labels.get(id)?.some((own) => carries(own, wanted))) ||
        form?.test(id),
    );
    known.set(id, found?.[0]);
    return found?.[0];
  };
}

function carries(labels: ReadonlyMap<string, string>, wanted: Readonly<Record<string, string>>): boolean {
  const pairs = Object.entries(wanted);
  return pairs.length > 0 && pairs.every(([key, value]) => labels.get(key) === value);
}
