import type { Edge, EdgeEndpoint } from '../../model/edge.ts';
import type { Inventory } from '../../model/inventory.ts';
import { assignLabels } from '../../report/assign-labels.ts';
import { thousands } from '../../util/thousands.ts';
import type { LoadedPolicies } from './load-policies.ts';

/** What the store gave, as the policies shall see it. */
export interface Scene {
  readonly edges: readonly Edge[];
  readonly inventory: Inventory;
}

/** What policies bring along besides themselves. */
export type Labelling = Pick<LoadedPolicies, 'namespaces' | 'assignments' | 'labelSources'>;

/** The scene with proposed labels put on and with the labels of Namespace objects that lay beside the policies. */
export function setScene(scene: Scene, loaded: Labelling): Scene & { readonly notes: readonly string[] } {
  const inventory = withNamespaces(scene.inventory, loaded.namespaces, scene.edges);
  if (loaded.assignments.size === 0) return { ...scene, inventory, notes: [] };
  const assigned = assignLabels(scene.edges, inventory, loaded.assignments);
  return { edges: assigned.edges, inventory: assigned.inventory, notes: labelNotes(loaded, assigned) };
}

function labelNotes(
  { labelSources }: Labelling,
  { applied, unknown }: { readonly applied: readonly string[]; readonly unknown: readonly string[] },
): string[] {
  const from = labelSources.join(', ');
  const put = `labels of ${from} are taken as put on ${thousands(applied.length)} workloads (--no-labels: as observed)`;
  if (unknown.length === 0) return [put];
  const more = unknown.length > 3 ? ' …' : '';
  return [
    put,
    `${thousands(unknown.length)} workloads of ${from} were not seen: ${unknown.slice(0, 3).join(', ')}${more}`,
  ];
}

/** A Namespace object that was handed over is newer than what flows told of the namespace. */
function withNamespaces(
  inventory: Inventory,
  namespaces: LoadedPolicies['namespaces'],
  edges: readonly Edge[],
): Inventory {
  if (namespaces.size === 0) return inventory;
  const clusters = new Set(edges.flatMap(({ client, server }) => [client.cluster, server.cluster]));
  const merged = new Map(inventory.namespaces);
  for (const cluster of clusters) {
    for (const [name, labels] of namespaces) merged.set(`${cluster}/${name}`, labels);
  }
  return { ...inventory, namespaces: merged };
}

/** Edges with an end in one of the namespaces; all when none is named. */
export function inNamespaces(edges: readonly Edge[], namespaces: readonly string[]): readonly Edge[] {
  if (namespaces.length === 0) return edges;
  const wanted = new Set(namespaces);
  const within = ({ namespace }: EdgeEndpoint) => wanted.has(namespace);
  return edges.filter((edge) => within(edge.client) || within(edge.server));
}
