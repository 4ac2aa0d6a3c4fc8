import type { LearnOptions } from '../options.ts';
import type { Lookalikes, Unnamable } from '../parties/lookalikes.ts';
import type { Parties, Party } from '../parties/parties.ts';
import type { SelectorFinder } from '../selectors/selectors.ts';
import { byNamespace, type Draft } from './drafts.ts';

/**
 * Parties that a draft has to name by existing labels and cannot, each with the reason: pods outside the function
 * labels in any mode, and every member where the run may not assign labels.
 */
export function findUnnamable(
  drafts: readonly Draft[],
  given: { readonly parties: Parties; readonly finder: SelectorFinder; readonly options: LearnOptions },
): Unnamable {
  const found = new Map<number, Lookalikes>();
  for (const draft of drafts)
    for (const group of namedByLabels(draft, given.options)) {
      const parties = group
        .map((index) => given.parties.all[index])
        .filter((party) => party && !party.outside) as Party[];
      for (const [namespace, own] of byNamespace(parties)) collect(found, given, { namespace, own });
    }
  return found;
}

function namedByLabels(draft: Draft, { mode }: LearnOptions): (readonly number[])[] {
  const isMember = draft.items[0]?.serverMember === true;
  if (mode === 'selectors') return [draft.servers, draft.clients, draft.outside];
  return isMember ? [draft.outside] : [draft.servers];
}

function collect(
  found: Map<number, Lookalikes>,
  given: { readonly parties: Parties; readonly finder: SelectorFinder },
  { namespace, own }: { namespace: string; own: readonly Party[] },
): void {
  const selection = given.finder.select(namespace, own);
  if (selection.exact) return;
  for (const index of selection.indistinct) {
    const party = given.parties.all[index] as Party;
    const others = selection.from.slice(0, 3).map((other) => given.parties.all[other]?.name ?? '');
    const labelled = party.labels.some((labels) => labels.size > 0) && others.length > 0;
    found.set(index, {
      cause: labelled
        ? `existing labels cannot tell ${party.name} from ${others.join(', ')}`
        : `${party.name} has no labels that a selector could use`,
      from: selection.from,
    });
  }
}
