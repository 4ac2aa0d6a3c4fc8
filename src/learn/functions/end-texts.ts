import { workloadId } from '../../model/inventory.ts';
import type { Parties } from '../parties/parties.ts';
import { USUAL_DNS } from './items.ts';

/** What a party is called from run to run: the ids of its workloads, or what a peer outside is called. */
export function endTexts(index: number, { all }: Parties): readonly string[] {
  if (index === USUAL_DNS) return ['cluster DNS'];
  const party = all[index];
  return !party || party.outside ? [party?.name ?? ''] : party.workloads.map(workloadId);
}

/** The party behind each of these texts. */
export function indexTexts(parties: Parties): ReadonlyMap<string, number> {
  const found = new Map([[endTexts(USUAL_DNS, parties)[0] ?? '', USUAL_DNS]]);
  for (const { index } of parties.all) for (const text of endTexts(index, parties)) found.set(text, index);
  return found;
}
