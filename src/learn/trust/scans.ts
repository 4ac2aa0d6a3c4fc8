import { clientsOfAll, FLAGS, type LinkFacts } from '../links/link-facts.ts';
import { at, edgesOfLink, type Links, numberAt } from '../links/links.ts';

const HOUR = 3_600_000;
/** So many targets that no replica beside it ever called … */
const EPISODE_TARGETS = 4;
/** … first tried within this time make an episode. */
const EPISODE_SPAN = 6 * HOUR;
/** Everything is new when the window starts: turning to many targets then is no scan yet. */
const START_UP = 24 * HOUR;

/** What an episode says of the links in it, by link. */
export const EPISODE = { none: 0, startUp: 1, scan: 2 } as const;

/**
 * Links that one replica alone tried, first seen while that replica turned to several new targets within hours. After
 * the first day of the window this is a scan, also by a workload that is new itself: they stay held back however often they are seen afterwards, until
 * a second replica corroborates them. On the first day it only means that there is more to prove. Attempts that failed
 * count too. (Jung et al., "Fast Portscan Detection Using Sequential Hypothesis Testing", 2004, decides after as few
 * attempts.)
 */
export function findEpisodes(links: Links, facts: LinkFacts): Uint8Array {
  const episodes = new Uint8Array(links.count);
  const begin = earliest(facts.firstTried) + START_UP;
  const isLate = (link: number): boolean => numberAt(facts.firstTried, link) >= begin;
  for (const attempts of attemptsByReplica(links, facts).values()) {
    if (attempts.length < EPISODE_TARGETS) continue;
    mark(episodes, facts, { attempts: attempts.filter((link) => !isLate(link)), as: EPISODE.startUp });
    mark(episodes, facts, { attempts: attempts.filter(isLate), as: EPISODE.scan });
  }
  return episodes;
}

function earliest(times: Float64Array): number {
  let first = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times.length; i += 1) first = Math.min(first, numberAt(times, i));
  return first;
}

/** Links by the replica that alone tried them; a replica that rollouts replaced counts under each of its names. */
function attemptsByReplica(links: Links, facts: LinkFacts): Map<string, number[]> {
  const attempts = new Map<string, number[]>();
  for (let link = 0; link < links.count; link += 1) {
    if ((at(facts.flags, link) & FLAGS.lone) === 0) continue;
    for (const pod of clientsOfAll(edgesOfLink(links, link))) {
      const key = `${at(links.client, link)} ${pod}`;
      const known = attempts.get(key);
      if (known) known.push(link);
      else attempts.set(key, [link]);
    }
  }
  return attempts;
}

function mark(
  episodes: Uint8Array,
  facts: LinkFacts,
  { attempts, as }: { readonly attempts: readonly number[]; readonly as: number },
): void {
  const tried = (link: number): number => numberAt(facts.firstTried, link);
  const sorted = [...attempts].sort((a, b) => tried(a) - tried(b) || a - b);
  for (let i = 0; i + EPISODE_TARGETS <= sorted.length; i += 1) {
    const crowd = sorted.slice(i, i + EPISODE_TARGETS);
    if (tried(crowd.at(-1) as number) - tried(crowd[0] as number) > EPISODE_SPAN) continue;
    for (const link of crowd) episodes[link] = Math.max(at(episodes, link), as);
  }
}
