import type { Assignment, DefaultDeny, FunctionValue, IsolatedSide, WorkloadRef } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import { at } from '../links/links.ts';
import { Numbering } from '../parties/numbering.ts';

interface Label {
  readonly key: string;
  readonly value: FunctionValue;
  readonly members: readonly WorkloadRef[];
}

/** A label whose value says on which side a workload is. */
export interface Labelled {
  readonly label: string;
  readonly service: Pick<IsolatedSide, 'members'>;
  readonly client: Pick<IsolatedSide, 'members'>;
}

/** The function labels of every member of every pair, and the label of isolation; sorted by workload, then by key. */
export function proposeLabels(pairs: readonly Labelled[], { label, ingress, egress }: DefaultDeny): Assignment[] {
  const wanted: Label[] = pairs.flatMap(({ label: key, service, client }) => [
    { key, value: 'service', members: service.members },
    { key, value: 'client', members: client.members },
  ]);
  wanted.push({ key: label, value: 'service', members: ingress.members });
  wanted.push({ key: label, value: 'client', members: egress.members });
  return byWorkload(wanted.sort((a, b) => compareText(a.key, b.key))).sort(
    ({ workload: a }, { workload: b }) =>
      compareText(a.namespace, b.namespace) || compareText(a.kind, b.kind) || compareText(a.name, b.name),
  );
}

/**
 * Turns members by label into labels by workload: counts, then lays the labels of each workload side by side, then builds
 * one map after the other. Adding to all maps in turn takes several times as long where there are a million labels.
 */
function byWorkload(wanted: readonly Label[]): Assignment[] {
  const { workloads, numbers } = numberMembers(wanted);
  const ends = new Int32Array(workloads.length + 1);
  for (const own of numbers) for (const workload of own) ends[workload + 1] = at(ends, workload + 1) + 1;
  for (let i = 0; i < workloads.length; i += 1) ends[i + 1] = at(ends, i + 1) + at(ends, i);
  const labels = new Int32Array(at(ends, workloads.length));
  numbers.forEach((own, label) => {
    for (const workload of own) {
      labels[at(ends, workload)] = label;
      ends[workload] = at(ends, workload) + 1;
    }
  });
  return workloads.map((workload, i) => {
    const own = labels.subarray(i === 0 ? 0 : at(ends, i - 1), at(ends, i));
    return { workload, labels: toMap(own, wanted) };
  });
}

/** Every workload once, and the members of each label as positions among them. Many labels share one list of members. */
function numberMembers(wanted: readonly Label[]): {
  readonly workloads: readonly WorkloadRef[];
  readonly numbers: readonly Int32Array[];
} {
  const workloads = new Numbering<WorkloadRef>();
  const lists = new Map<readonly WorkloadRef[], Int32Array>();
  const numbers = wanted.map(({ members }) => {
    const own = lists.get(members) ?? Int32Array.from(members, (member) => workloads.numberOf(member));
    lists.set(members, own);
    return own;
  });
  return { workloads: workloads.values, numbers };
}

/** `labels` are positions in `wanted`, which is sorted by key: both values of a key stand together. */
function toMap(labels: Int32Array, wanted: readonly Label[]): Map<string, FunctionValue> {
  const found = new Map<string, FunctionValue>();
  let last = '';
  for (const label of labels) {
    const { key, value } = wanted[label] as Label;
    found.set(key, key === last ? 'both' : value);
    last = key;
  }
  return found;
}
