import { readDocuments } from '../../dialects/document/document.ts';
import { halfOf, renderKustomization } from '../../dialects/micropolicies/files.ts';
import { GENERATED } from '../../dialects/micropolicies/micropolicies.ts';
import { workloadId } from '../../model/inventory.ts';
import type { FunctionValue, Learned, WorkloadRef } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { compareText } from '../../util/compare.ts';
import type { LearnPlan } from './plan.ts';
import type { TeamOf, Teams } from './teams.ts';

/** Whom to ask about changes, in the form that code hosts read. */
export const CODEOWNERS_FILE = 'CODEOWNERS';

interface Ownership {
  /** Its halves hold earlier versions, too, that a canary keeps beside the new ones. */
  readonly plan: Pick<LearnPlan, 'learned' | 'halves'>;
  readonly teams: Teams;
  readonly teamOf: TeamOf;
}

/**
 * The same files with manifests in a folder for each team, and a `CODEOWNERS`. A half belongs to the team of the
 * workloads it selects: a server half to that of the servers, a client half to that of the clients. What several teams
 * share, and what no team owns, stands in the default folder.
 */
export function placeByTeam(files: ReadonlyMap<string, string>, ownership: Ownership): Map<string, string> {
  const placed = new Map<string, string>();
  const manifests: string[] = [];
  const shared = new Map<string, readonly string[]>();
  for (const [path, text] of files) {
    const own = isManifest(path) ? ownersOf({ path, text }, ownership) : undefined;
    const target = own === undefined ? path : intoFolder(path, own, ownership.teams);
    placed.set(target, text);
    if (isManifest(path)) manifests.push(target);
    if (own && own.length > 1) shared.set(target, own);
  }
  placed.set('kustomization.yaml', renderKustomization(manifests));
  placed.set(CODEOWNERS_FILE, renderCodeOwners(manifests, shared, ownership));
  return placed;
}

/** Whether a path inside the output folder is that of policies. */
export function isManifest(path: string): boolean {
  return path.includes('/') && !path.startsWith('labels/');
}

/** `kubernetes/shop.cart-service.yaml` → `kubernetes/storefront/shop.cart-service.yaml`. */
function intoFolder(path: string, owners: readonly string[], { default: rest }: Teams): string {
  const at = path.lastIndexOf('/');
  const [only = rest.folder] = owners.length === 1 ? owners : [];
  return `${path.slice(0, at)}/${only}${path.slice(at)}`;
}

/** Teams with a workload that the policies of a file select, sorted; undefined for what selects none by itself. */
function ownersOf(
  { path, text }: { readonly path: string; readonly text: string },
  ownership: Ownership,
): string[] | undefined {
  const { documents } = readDocuments({ name: path, text });
  const document = documents[0]?.value as Parameters<typeof halfOf>[0] | undefined;
  const half = document && halfOf(document);
  if (!half) return undefined;
  const { namespace } = document.metadata as { readonly namespace?: string };
  const members = membersOf(half, ownership).filter((own) => namespace === undefined || own.namespace === namespace);
  const { default: rest } = ownership.teams;
  return [...new Set(members.map((member) => ownership.teamOf(member) ?? rest.folder))].sort(compareText);
}

function membersOf(
  { name, half }: { readonly name?: string | undefined; readonly half: FunctionValue },
  { plan: { learned, halves } }: Ownership,
): readonly WorkloadRef[] {
  const pair = name === undefined ? undefined : halves.find((one) => one.pair?.function === name)?.pair;
  if (pair) return half === 'service' ? pair.service.members : pair.client.members;
  const { ingress, egress } = learned.defaultDeny;
  const outgoing = new Set(egress.members.map(workloadId));
  const incoming = new Set(ingress.members.map(workloadId));
  if (half === 'client') return egress.members.filter((member) => !incoming.has(workloadId(member)));
  return ingress.members.filter((member) => outgoing.has(workloadId(member)) === (half === 'both'));
}

function renderCodeOwners(
  manifests: readonly string[],
  shared: ReadonlyMap<string, readonly string[]>,
  { plan, teams, teamOf }: Ownership,
): string {
  const { default: rest } = teams;
  const handles = (names: readonly string[]): string =>
    [
      ...new Set(names.flatMap((name) => (name === rest.folder ? rest.owners : (teams.teams[name]?.owners ?? [])))),
    ].join(' ');
  const root = teams.root === undefined ? '/' : `/${teams.root}/`;
  const folders = [...new Set(manifests.map((path) => path.slice(0, path.lastIndexOf('/'))))].sort(compareText);
  const owned = folders.map((path) => [`${root}${path}/`, handles([path.slice(path.lastIndexOf('/') + 1)])]);
  const several = [...shared]
    .sort(([a], [b]) => compareText(a, b))
    .map(([path, own]) => [`${root}${path}`, handles(own)]);
  const patches = patchOwners(plan.learned, teamOf).map(([path, own]) => [`${root}labels/${path}`, handles([own])]);
  const everything = rest.owners.length > 0 ? [[root === '/' ? '*' : root, rest.owners.join(' ')]] : [];
  const lines = [...everything, ...owned, ...several, ...patches].filter(([, who]) => who !== '');
  const head = `${GENERATED} Who is asked about changes; the last line that fits a path counts.`;
  return `${[head, ...lines.map((line) => line.join(' '))].join('\n')}\n`;
}

/** Label patches by team: one pattern for a namespace of one team, else a line for each workload with a team. */
function patchOwners({ assignments }: Pick<Learned, 'assignments'>, teamOf: TeamOf): [path: string, team: string][] {
  const byNamespace = new Map<string, WorkloadRef[]>();
  for (const { workload } of assignments) appendTo(byNamespace, workload.namespace, workload);
  return [...byNamespace]
    .sort(([a], [b]) => compareText(a, b))
    .flatMap(([namespace, workloads]) => {
      const found = new Set(workloads.map(teamOf));
      const [only] = found;
      if (found.size === 1) return only === undefined ? [] : [[`${namespace}.*`, only]];
      return workloads.flatMap((workload): [string, string][] => {
        const team = teamOf(workload);
        const { kind, name } = workload;
        return team === undefined ? [] : [[`${namespace}.${kind.toLowerCase()}.${name}.yaml`, team]];
      });
    });
}
