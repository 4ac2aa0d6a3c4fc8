import type { Assignment, DefaultDeny, FunctionValue, PolicyPair, WorkloadRef } from '../model/pair.ts';
import { compareText } from '../util/compare.ts';

/** The function labels of every member of every pair, and the label of isolation; sorted by workload, then by key. */
export function proposeLabels(pairs: readonly PolicyPair[], { label, ingress, egress }: DefaultDeny): Assignment[] {
  const found = new Map<WorkloadRef, Map<string, FunctionValue>>();
  const add = (key: string, members: readonly WorkloadRef[], value: FunctionValue): void => {
    for (const workload of members) {
      const labels = found.get(workload);
      if (labels) labels.set(key, labels.has(key) ? 'both' : value);
      else found.set(workload, new Map([[key, value]]));
    }
  };
  for (const pair of pairs) {
    add(pair.label, pair.service.members, 'service');
    add(pair.label, pair.client.members, 'client');
  }
  add(label, ingress.members, 'service');
  add(label, egress.members, 'client');
  return [...found]
    .map(([workload, labels]) => ({ workload, labels: sortedByKey(labels) }))
    .sort(
      ({ workload: a }, { workload: b }) =>
        compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name),
    );
}

function sortedByKey(labels: ReadonlyMap<string, FunctionValue>): Map<string, FunctionValue> {
  return new Map([...labels].sort(([a], [b]) => compareText(a, b)));
}
