import type { Assignment, FunctionValue, PairSide, PolicyPair, WorkloadRef } from '../model/pair.ts';
import { compareText } from '../util/compare.ts';

/** The function labels of every member of every pair, sorted by workload, then by key. */
export function proposeLabels(pairs: readonly PolicyPair[]): Assignment[] {
  const found = new Map<string, { workload: WorkloadRef; labels: Map<string, FunctionValue> }>();
  const add = (pair: PolicyPair, side: PairSide, value: FunctionValue): void => {
    for (const workload of side.members) {
      const key = `${workload.namespace}\0${workload.kind}\0${workload.name}`;
      const own = found.get(key) ?? { workload, labels: new Map<string, FunctionValue>() };
      own.labels.set(pair.label, own.labels.has(pair.label) ? 'both' : value);
      found.set(key, own);
    }
  };
  for (const pair of pairs) {
    add(pair, pair.service, 'service');
    add(pair, pair.client, 'client');
  }
  return [...found]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, { workload, labels }]) => ({
      workload,
      labels: new Map([...labels].sort(([a], [b]) => compareText(a, b))),
    }));
}
