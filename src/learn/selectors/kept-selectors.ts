import type { PreviousPair } from '../../model/pair.ts';
import { type Selector, selects } from '../../model/selector.ts';
import { addTo, type Bitset, countOutside, emptySet } from '../../util/bitset.ts';
import { endsOf } from '../earlier/match-pairs.ts';
import { indexTexts } from '../functions/end-texts.ts';
import type { ListInterner } from '../links/intern-lists.ts';
import type { Universe } from '../parties/label-universe.ts';
import type { Parties } from '../parties/parties.ts';

/** The selectors by which an earlier run named parties of a namespace, by the list of their indexes. */
export type KeptSelectors = ReadonlyMap<readonly number[], readonly Selector[]>;

/** Gathers the selectors of earlier pairs; the first pair that named a list of parties has the say. */
export function keptSelectors(
  previous: readonly PreviousPair[],
  { parties, lists }: { readonly parties: Parties; readonly lists: ListInterner },
): KeptSelectors {
  const found = new Map<readonly number[], readonly Selector[]>();
  if (previous.length === 0) return found;
  const indexes = indexTexts(parties);
  for (const side of previous.flatMap(({ service, client }) => [service, client]))
    for (const { namespace, selectors } of side.selections ?? []) {
      const members = side.members.filter((member) => member.namespace === namespace);
      const own = [...endsOf({ members, outside: [] })].flatMap((text) => indexes.get(text) ?? []);
      const list = lists.intern([...new Set(own)].sort((a, b) => a - b));
      if (list.length > 0 && !found.has(list)) found.set(list, selectors);
    }
  return found;
}

/** Whether selectors name exactly the label sets in `target`. */
export function nameExactly(selectors: readonly Selector[], target: Bitset, { labels }: Universe): boolean {
  const named = emptySet(labels.length);
  labels.forEach((set, position) => {
    if (selectors.some((selector) => selects(selector, set))) addTo(named, position);
  });
  return countOutside(named, target) === 0 && countOutside(target, named) === 0;
}
