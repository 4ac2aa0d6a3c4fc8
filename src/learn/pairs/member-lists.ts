import type { WorkloadRef } from '../../model/pair.ts';
import type { Parties } from '../parties/parties.ts';

/** The workloads of some parties, in the order given. */
export type MembersOf = (parties: readonly number[]) => WorkloadRef[];

/**
 * Finds workloads by party. Members are as many as links, and the parties with all that is known of them lie far apart in
 * memory, hence first one flat list of their workloads.
 */
export function membersOf({ all }: Parties): MembersOf {
  const starts = new Int32Array(all.length + 1);
  const workloads: WorkloadRef[] = [];
  all.forEach((party, index) => {
    for (const workload of party.workloads) workloads.push(workload);
    starts[index + 1] = workloads.length;
  });
  return (parties) => {
    const found: WorkloadRef[] = [];
    for (const party of parties)
      for (let i = starts[party] as number; i < (starts[party + 1] as number); i += 1)
        found.push(workloads[i] as WorkloadRef);
    return found;
  };
}
