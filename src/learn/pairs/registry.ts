import type { PreviousPair } from '../../model/pair.ts';
import { appendTo } from '../../util/append-to.ts';
import { hashHex } from '../../util/hash-hex.ts';
import { type Matchable, matchablePrevious, matchPairs } from '../earlier/match-pairs.ts';
import { endTexts } from '../functions/end-texts.ts';
import type { Parties } from '../parties/parties.ts';
import type { BuildContext, Draft } from './drafts.ts';

/** The earlier self of each draft that has one, by the draft's key. */
export function findEarlierSelves(
  drafts: readonly Draft[],
  { parties, previous }: Pick<BuildContext, 'parties' | 'previous'>,
): Map<string, PreviousPair> {
  if (previous.length === 0) return new Map();
  const living = previous.filter(({ decision }) => decision !== 'rejected');
  const byId = new Map(living.map((pair) => [pair.id, pair]));
  const selves = keptWhole(drafts, byId);
  const taken = new Set([...selves.values()].map(({ id }) => id));
  const now = drafts.filter(({ key }) => !selves.has(key)).map((draft) => matchable(draft, parties));
  const found = matchPairs(now, living.filter(({ id }) => !taken.has(id)).map(matchablePrevious));
  for (const [key, { id }] of found) selves.set(key, byId.get(id) as PreviousPair);
  return selves;
}

/** Drafts of which everything was granted by one earlier pair, and nothing else by that one. */
function keptWhole(drafts: readonly Draft[], byId: ReadonlyMap<string, PreviousPair>): Map<string, PreviousPair> {
  const owned = new Map<string, Draft[]>();
  for (const draft of drafts)
    for (const owner of new Set(draft.items.map((item) => item.owner ?? ''))) appendTo(owned, owner, draft);
  const whole = [...owned].flatMap(([owner, [draft, ...more]]): [string, PreviousPair][] => {
    const pair = byId.get(owner);
    const isWhole = draft && more.length === 0 && draft.items.every((item) => item.owner === owner);
    return pair && isWhole ? [[draft.key, pair]] : [];
  });
  return new Map(whole);
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
function textsOf(indexes: readonly number[], parties: Parties): Set<string> {
  return new Set(indexes.flatMap((index) => endTexts(index, parties)));
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
