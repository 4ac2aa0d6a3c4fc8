import type { Edge, EdgeEndpoint } from '../model/edge.ts';
import { type Inventory, workloadId } from '../model/inventory.ts';
import { LabelInterner, type LabelSet, UNKNOWN_LABELS } from '../model/labels.ts';

/** Labels that workloads shall carry, by `namespace/Kind/name`. */
export type Assignments = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Assigned {
  readonly edges: readonly Edge[];
  readonly inventory: Inventory;
  /** Ids of assignments that fit a known workload, and of those that do not, sorted. */
  readonly applied: readonly string[];
  readonly unknown: readonly string[];
}

/**
 * Edges and inventory as they would look had the assigned labels been put on already: label-mode policies select labels
 * that the observed workloads do not carry yet. Workloads whose labels are unknown stay unknown.
 */
export function assignLabels(edges: readonly Edge[], inventory: Inventory, assignments: Assignments): Assigned {
  const interner = new LabelInterner();
  const applied = new Set<string>();
  const withKind = idsWithoutKind(assignments);
  const relabel = (id: string, labels: LabelSet): LabelSet => {
    const known = assignments.has(id) ? id : (withKind.get(id) ?? '');
    const added = assignments.get(known);
    if (added === undefined) return labels;
    applied.add(known);
    return labels.id === UNKNOWN_LABELS.id ? labels : interner.intern(new Map([...labels.labels, ...added]));
  };
  const endpoints = new Map<EdgeEndpoint, EdgeEndpoint>();
  const relabelEndpoint = (endpoint: EdgeEndpoint): EdgeEndpoint => {
    const known = endpoints.get(endpoint);
    if (known !== undefined) return known;
    const labels = endpoint.kind === 'pod' ? relabel(endpointId(endpoint), endpoint.labels) : endpoint.labels;
    const result = labels === endpoint.labels ? endpoint : { ...endpoint, labels };
    endpoints.set(endpoint, result);
    return result;
  };
  return {
    edges: edges.map((edge) => ({
      ...edge,
      client: relabelEndpoint(edge.client),
      server: relabelEndpoint(edge.server),
    })),
    inventory: {
      ...inventory,
      workloads: inventory.workloads.map((workload) => ({
        ...workload,
        labels: relabel(workloadId(workload), workload.labels),
      })),
    },
    applied: [...applied].sort(),
    unknown: [...assignments.keys()].filter((id) => !applied.has(id)).sort(),
  };
}

/** `shop//cart` → `shop/Deployment/cart`, where only one kind has the name: some sources tell no kinds. */
function idsWithoutKind(assignments: Assignments): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const id of assignments.keys()) {
    const [namespace = '', , name = ''] = id.split('/');
    const bare = workloadId({ namespace, kind: '', name });
    found.set(bare, found.has(bare) ? '' : id);
  }
  return found;
}

function endpointId(endpoint: EdgeEndpoint): string {
  return workloadId({ namespace: endpoint.namespace, kind: endpoint.workloadKind, name: endpoint.workload });
}
