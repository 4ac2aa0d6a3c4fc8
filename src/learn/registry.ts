import { workloadId } from '../model/inventory.ts';
import type { PreviousPair } from '../model/pair.ts';
import { hashHex } from '../util/hash-hex.ts';
import type { BuildContext, Draft } from './drafts.ts';
import { USUAL_DNS } from './items.ts';
import { type Matchable, matchablePrevious, matchPairs } from './match-pairs.ts';
import type { Parties } from './parties.ts';

/** The earlier self of each draft that has one, by the draft's key. */
export function findEarlierSelves(
  drafts: readonly Draft[],
  { parties, previous }: Pick<BuildContext, 'parties' | 'previous'>,
): Map<string, PreviousPair> {
  if (previous.length === 0) return new Map();
  const living = previous.filter(({ decision }) => decision !== 'rejected');
  const byId = new Map(living.map((pair) => [pair.id, pair]));
  const now = drafts.map((draft) => matchable(draft, parties));
  const found = matchPairs(now, living.map(matchablePrevious));
  return new Map([...found].map(([key, { id }]) => [key, byId.get(id) as PreviousPair]));
}

function matchable(draft: Draft, parties: Parties): Matchable {
  return {
    key: draft.key,
    id: hashHex(draft.key, 12),
    servers: textsOf(draft.servers, parties),
    clients: textsOf([...draft.clients, ...draft.outside], parties),
    ports: new Set(draft.items.map(({ protocol, port }) => `${protocol}/${port}`)),
  };
}

/** As `endsOf` spells them, whether they are members in this run or mere peers. */
function textsOf(indexes: readonly number[], { all }: Parties): Set<string> {
  return new Set(
    indexes.flatMap((index) => {
      if (index === USUAL_DNS) return ['cluster DNS'];
      const party = all[index];
      return !party || party.outside ? [party?.name ?? ''] : party.workloads.map(workloadId);
    }),
  );
}

/** Names by draft: a name never changes because a better one appears; only a label key of others takes it away. */
export function keptNames(
  selves: ReadonlyMap<string, PreviousPair>,
  taken: ReadonlySet<string>,
): ReadonlyMap<string, string> {
  const kept = [...selves].map(([key, pair]): [string, string] => [key, pair.function]);
  return new Map(kept.filter(([, name]) => !taken.has(name)));
}

/** An id from servers and ports; another where an earlier pair that went its own way has it already. */
export function freshId({ key }: Draft, { previous }: Pick<BuildContext, 'previous'>): string {
  let id = hashHex(key, 12);
  const used = new Set(previous.map((pair) => pair.id));
  for (let round = 1; used.has(id); round += 1) id = hashHex(`${key}\n${round}`, 12);
  return id;
}
