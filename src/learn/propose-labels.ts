import type { Assignment, DefaultDeny, FunctionValue, PolicyPair, WorkloadRef } from '../model/pair.ts';
import { compareText } from '../util/compare.ts';

interface Label {
  readonly key: string;
  readonly value: FunctionValue;
  readonly members: readonly WorkloadRef[];
}

/** The function labels of every member of every pair, and the label of isolation; sorted by workload, then by key. */
export function proposeLabels(pairs: readonly PolicyPair[], { label, ingress, egress }: DefaultDeny): Assignment[] {
  const wanted: Label[] = pairs.flatMap(({ label: key, service, client }) => [
    { key, value: 'service', members: service.members },
    { key, value: 'client', members: client.members },
  ]);
  wanted.push({ key: label, value: 'service', members: ingress.members });
  wanted.push({ key: label, value: 'client', members: egress.members });
  const found = new Map<WorkloadRef, Map<string, FunctionValue>>();
  for (const { key, value, members } of wanted.sort((a, b) => compareText(a.key, b.key)))
    for (const workload of members) {
      const labels = found.get(workload);
      if (labels) labels.set(key, labels.has(key) ? 'both' : value);
      else found.set(workload, new Map([[key, value]]));
    }
  return [...found]
    .map(([workload, labels]) => ({ workload, labels }))
    .sort(
      ({ workload: a }, { workload: b }) =>
        compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name),
    );
}
