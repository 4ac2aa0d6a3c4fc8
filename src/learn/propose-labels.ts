import type { Assignment, FunctionValue, PairSide, PolicyPair, WorkloadRef } from '../model/pair.ts';
import { compareText } from '../util/compare.ts';

/** The function labels of every member of every pair, sorted by workload, then by key as `pairs` are. */
export function proposeLabels(pairs: readonly PolicyPair[]): Assignment[] {
  const found = new Map<WorkloadRef, Map<string, FunctionValue>>();
  const add = (pair: PolicyPair, side: PairSide, value: FunctionValue): void => {
    for (const workload of side.members) {
      const labels = found.get(workload);
      if (labels) labels.set(pair.label, labels.has(pair.label) ? 'both' : value);
      else found.set(workload, new Map([[pair.label, value]]));
    }
  };
  for (const pair of pairs) {
    add(pair, pair.service, 'service');
    add(pair, pair.client, 'client');
  }
  return [...found]
    .map(([workload, labels]) => ({ workload, labels }))
    .sort(
      ({ workload: a }, { workload: b }) =>
        compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name),
    );
}
