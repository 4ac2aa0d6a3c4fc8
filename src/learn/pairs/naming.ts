import { workloadId } from '../../model/inventory.ts';
import { canonicalLabels } from '../../model/labels.ts';
import type { PodSelection, WorkloadRef } from '../../model/pair.ts';
import { invariant } from '../../util/invariant.ts';
import type { Parties, Party } from '../parties/parties.ts';
import type { SelectorFinder } from '../selectors/selectors.ts';
import { byNamespace } from './drafts.ts';

/** How existing labels name part of the workloads, where no function labels do. */
export interface Naming {
  /** Workloads that no label tells apart: whatever is said of one is said of all. */
  readonly alike: readonly (readonly WorkloadRef[])[];
  /** Selectors that name these members of halves and nobody else; those who are alike have to be among them together. */
  select(members: readonly WorkloadRef[]): PodSelection[];
}

/** Names workloads by the labels that they had in one run. */
export function namingOf({ all }: Parties, finder: SelectorFinder): Naming {
  const pods = all.filter(({ outside }) => !outside);
  const parties = new Map<string, Party>();
  for (const party of pods) for (const workload of party.workloads) parties.set(workloadId(workload), party);
  return {
    alike: lookalikes(pods),
    select(members) {
      const own = new Set(members.flatMap((member) => parties.get(workloadId(member)) ?? []));
      return byNamespace([...own].sort((a, b) => a.index - b.index)).map(([namespace, wanted]) => {
        const found = finder.look(namespace, wanted);
        invariant(found.exact, `labels tell members of halves in ${namespace} from all others`);
        return { namespace, selectors: found.selectors };
      });
    },
  };
}

/** Parties of one namespace hang together where they ever had the same labels. */
function lookalikes(pods: readonly Party[]): WorkloadRef[][] {
  const groups = new Map<Party, Set<Party>>(pods.map((party) => [party, new Set([party])]));
  const carriers = new Map<string, Party>();
  for (const party of pods)
    for (const labels of party.labels) {
      const look = `${party.namespace}\n${canonicalLabels(labels)}`;
      const other = carriers.get(look) ?? party;
      carriers.set(look, other);
      const [own, others] = [groups.get(party), groups.get(other)];
      if (own === undefined || others === undefined || own === others) continue;
      for (const one of own) groups.set(one, others.add(one));
    }
  const all = [...new Set(groups.values())].map((group) => [...group].flatMap(({ workloads }) => workloads));
  return all.filter((group) => group.length > 1);
}
