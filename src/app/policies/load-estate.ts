import { stat } from 'node:fs/promises';
import { type Documents, readDocuments } from '../../dialects/document/document.ts';
import { type NamedDocuments, type ReadPolicies, readPolicyDocuments } from '../../dialects/read.ts';
import { type ManifestInventory, readWorkloads } from '../../dialects/workloads.ts';
import type { Finding } from '../../model/finding.ts';
import type { Inventory } from '../../model/inventory.ts';
import { podTemplate } from '../../model/pod-template.ts';
import { assignLabels } from '../../report/assign-labels.ts';
import { type OpenStoreOptions, openStore } from '../../store/client.ts';
import { readInventory } from '../../store/read/inventory.ts';
import type { Labelling } from './judging.ts';
import { guesses, hasErrors, type PolicySource } from './load-policies.ts';
import { readAssignments } from './read-assignments.ts';
import { readPolicyFiles } from './read-policy-files.ts';
import { judgeStaged } from './staged.ts';

/** Policies and the cluster they are meant for, as the command line gives them. */
export interface EstateSource {
  readonly policies: PolicySource;
  /** Files and folders of workload manifests; empty = those beside the policies, else what the store knows. */
  readonly inventory: readonly string[];
  /** Absent: the store is not asked. */
  readonly store?: OpenStoreOptions | undefined;
}

/** A workload with what only manifests tell. */
export type EstateWorkload = Inventory['workloads'][number] &
  Partial<Pick<ManifestInventory['workloads'][number], 'addresses' | 'hostNetwork'>>;

export interface Estate extends Pick<ReadPolicies, 'policySet' | 'profileGuessed'> {
  readonly inventory: { readonly workloads: readonly EstateWorkload[]; readonly namespaces: Inventory['namespaces'] };
  /** For putting proposed labels on what was observed. */
  readonly labelling: Labelling;
  /** Where the workloads are from; `none` when there are none. */
  readonly from: 'manifests' | 'store' | 'none';
  readonly findings: readonly Finding[];
  /** With an error in a policy or manifest nothing may be decided. */
  readonly broken: boolean;
  /** What became of staged policies, also part of `notes`. */
  readonly stagedNotes: readonly string[];
  /** Lines for people. */
  readonly notes: readonly string[];
}

interface ReadFiles {
  readonly documents: readonly NamedDocuments[];
  readonly findings: readonly Finding[];
}

/** Reads policies together with the workloads they select. */
export async function loadEstate(source: EstateSource): Promise<Estate> {
  const { paths, stdin, labels, profile, mesh, staged } = source.policies;
  const policies = await readFiles(paths, stdin);
  const apart = source.inventory.length > 0 && source.inventory.join('\0') !== paths.join('\0');
  const manifests = apart ? await readFiles(source.inventory, stdin) : policies;
  const read = readPolicyDocuments(
    apart ? [...policies.documents, ...manifests.documents.map(onlyReferred)] : policies.documents,
    { profile, mesh },
  );
  const judged = judgeStaged(read.policySet, staged);
  const assigned = await readAssignments(paths, labels, stdin);
  const found = readWorkloads(manifests.documents.flatMap(({ documents }) => documents));
  const findings = [
    ...policies.findings,
    ...(apart ? manifests.findings : []),
    ...relevant(read.findings, policies.documents),
    ...found.findings,
    ...assigned.findings,
  ];
  const broken = hasErrors(findings);
  const inventory = broken ? undefined : await chooseInventory(found, read, source);
  const labelled = assignLabels([], inventory?.inventory ?? EMPTY, assigned.assignments);
  return {
    policySet: judged.policySet,
    stagedNotes: judged.stagedNotes,
    profileGuessed: read.profileGuessed,
    inventory: labelled.inventory,
    labelling: { namespaces: read.namespaces, assignments: assigned.assignments, labelSources: assigned.sources },
    from: inventory?.from ?? 'none',
    findings,
    broken,
    notes: [
      ...guesses({ ...read, ...judged }),
      ...(labelled.applied.length > 0
        ? [
            `labels of ${assigned.sources.join(', ')} are taken as put on ${labelled.applied.length} workloads (--no-labels: as they are)`,
          ]
        : []),
    ],
  };
}

const REFERRED: ReadonlySet<unknown> = new Set(['Namespace', 'Service']);
const EMPTY: Inventory = { workloads: [], namespaces: new Map() };

async function readFiles(paths: readonly string[], stdin: NodeJS.ReadableStream): Promise<ReadFiles> {
  const { files, findings } = await readPolicyFiles(paths, stdin);
  return { documents: files.map((file) => ({ name: file.name, ...readDocuments(file) })), findings };
}

/** What policies refer to. */
function onlyReferred({ name, documents, findings }: NamedDocuments): NamedDocuments {
  const kept = documents.filter(({ value }) => REFERRED.has((value as { kind?: unknown } | null)?.kind));
  return { name, documents: kept, findings };
}

/** Workloads are read here, so they are not passed over; objects that are no policies at all do not stop anybody. */
function relevant(findings: readonly Finding[], files: readonly NamedDocuments[]): Finding[] {
  return findings.flatMap((finding): Finding[] => {
    if (finding.rule !== 'not-a-policy' && finding.rule !== 'unknown-kind') return [finding];
    const kind = kindAt(finding, files);
    if (finding.rule === 'not-a-policy') return podTemplate(kind) === undefined ? [finding] : [];
    return [/Polic|Tier|Set$|Group$/.test(kind) || kind === '' ? finding : { ...finding, severity: 'warning' }];
  });
}

function kindAt({ location }: Finding, files: readonly NamedDocuments[]): string {
  const { documents } =
    files.find(({ name }) => name === location.file) ?? ({ documents: [] } as Pick<Documents, 'documents'>);
  const found = documents.find(({ locate }) => {
    const { document, line } = locate(['kind']);
    return document === location.document && line === location.line;
  });
  return String((found?.value as { kind?: unknown } | undefined)?.kind ?? '');
}

async function chooseInventory(
  found: ManifestInventory,
  { namespaces }: Pick<ReadPolicies, 'namespaces'>,
  { inventory: asked, store }: EstateSource,
): Promise<Pick<Estate, 'inventory' | 'from'>> {
  const known = store !== undefined && asked.length === 0 && found.workloads.length === 0 && (await exists(store));
  if (!known) {
    const merged = new Map([...namespaces, ...found.namespaces].map(([name, labels]) => [`/${name}`, labels]));
    return {
      inventory: { workloads: found.workloads, namespaces: merged },
      from: found.workloads.length > 0 ? 'manifests' : 'none',
    };
  }
  const opened = await openStore(store);
  try {
    const stored = await readInventory(opened);
    const clusters = new Set(stored.workloads.map(({ cluster }) => cluster));
    const merged = new Map(stored.namespaces);
    for (const cluster of clusters) for (const [name, labels] of namespaces) merged.set(`${cluster}/${name}`, labels);
    return {
      inventory: { workloads: stored.workloads, namespaces: merged },
      from: stored.workloads.length > 0 ? 'store' : 'none',
    };
  } finally {
    await opened.close();
  }
}

/** Looking must not create an empty store. */
export async function exists({ data, clickhouse }: OpenStoreOptions): Promise<boolean> {
  if (clickhouse !== undefined && clickhouse !== '') return true;
  return stat(data).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}
