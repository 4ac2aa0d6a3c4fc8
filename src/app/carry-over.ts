import { pairWords } from '../dialects/micropolicies.ts';
import type { PreviousRun } from '../dialects/read-micropolicies.ts';
import { nextVersion } from '../learn/versions.ts';
import { removalId } from '../model/link-id.ts';
import type { Learned, PolicyPair, PreviousPair } from '../model/pair.ts';

/** Pairs with their next versions, and with what people said about those that they grew out of. */
export function carryOver(learned: Learned, previous: Pick<PreviousRun, 'pairs'> | undefined): Learned {
  const before = new Map(previous?.pairs.map((pair) => [pair.id, pair]));
  return { ...learned, pairs: learned.pairs.map((pair) => carryPair(pair, before.get(pair.id))) };
}

function carryPair(pair: PolicyPair, before: PreviousPair | undefined): PolicyPair {
  const version = nextVersion(pair, before, pairWords(pair));
  if (!before) return { ...pair, version };
  const kept = new Set(before.unused.filter(({ keep }) => keep).map((grant) => removalId(pair.id, grant)));
  const unused = pair.unused.map((grant) => (kept.has(removalId(pair.id, grant)) ? { ...grant, keep: true } : grant));
  return { ...pair, version, unused, ...(before.details && { details: before.details }) };
}
