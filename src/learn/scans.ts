import type { Edge, Observation } from '../model/edge.ts';
import { clientsOf } from './evidence.ts';
import { at, type Links } from './links.ts';

const HOUR = 3_600_000;
/** So many targets that nobody else of the client's replicas ever called … */
const EPISODE_TARGETS = 4;
/** … first tried within this time mark a scan. */
const EPISODE_SPAN = 6 * HOUR;
/** Everything is new when a client starts (or the window does): nothing is a scan until it has run this long. */
const START_UP = 24 * HOUR;

interface Attempt {
  readonly link: number;
  readonly firstSeen: number;
}

/**
 * Links that one pod alone tried, first seen in an episode in which that pod turned to several new targets, and later
 * than the first day of its workload. Attempts that failed count towards an episode. They stay held back however often
 * they are seen afterwards, until a second pod corroborates them. (Jung et al., "Fast Portscan Detection Using
 * Sequential Hypothesis Testing", 2004, decides after as few attempts.)
 */
export function findScanEpisodes(links: Links): ReadonlySet<number> {
  const started = new Map<number, number>();
  const attempts = new Map<string, Attempt[]>();
  for (let link = 0; link < links.count; link += 1) {
    const seen = observations(links, link);
    const firstSeen = earliest(seen);
    const client = at(links.client, link);
    const before = started.get(client);
    if (before === undefined || firstSeen < before) started.set(client, firstSeen);
    const pod = solePod(seen, links.edges[at(links.members, at(links.starts, link))]?.client.address ?? '');
    if (pod === undefined) continue;
    const key = `${client}\0${pod}`;
    const known = attempts.get(key);
    if (known) known.push({ link, firstSeen });
    else attempts.set(key, [{ link, firstSeen }]);
  }
  const scans = new Set<number>();
  for (const list of attempts.values()) markEpisodes(list, started.get(clientOf(links, list)) ?? 0, scans);
  return scans;
}

function clientOf(links: Links, attempts: readonly Attempt[]): number {
  return at(links.client, attempts[0]?.link ?? 0);
}

function markEpisodes(attempts: readonly Attempt[], started: number, scans: Set<number>): void {
  if (attempts.length < EPISODE_TARGETS) return;
  const late = attempts.filter(({ firstSeen }) => firstSeen >= started + START_UP);
  const sorted = late.sort((a, b) => a.firstSeen - b.firstSeen || a.link - b.link);
  for (let i = 0; i + EPISODE_TARGETS <= sorted.length; i += 1) {
    const last = sorted[i + EPISODE_TARGETS - 1];
    const first = sorted[i];
    if (!first || !last || last.firstSeen - first.firstSeen > EPISODE_SPAN) continue;
    for (const { link } of sorted.slice(i, i + EPISODE_TARGETS)) scans.add(link);
  }
}

/** Everything seen of a link, whatever became of it. */
function observations(links: Links, link: number): Observation[] {
  const seen: Observation[] = [];
  for (let m = at(links.starts, link); m < at(links.starts, link + 1); m += 1) {
    const { passed, denied, unclear } = links.edges[at(links.members, m)] as Edge;
    if (passed) seen.push(passed);
    if (denied) seen.push(denied);
    if (unclear) seen.push(unclear);
  }
  return seen;
}

function earliest(seen: readonly Observation[]): number {
  let first = Number.POSITIVE_INFINITY;
  for (const { firstSeen } of seen) if (firstSeen < first) first = firstSeen;
  return first;
}

/** The only client pod of a link; undefined when there were several or it is not known. */
function solePod(seen: readonly Observation[], address: string): string | undefined {
  let pod: string | undefined;
  for (const observation of seen) {
    const clients = clientsOf(observation, address);
    const only = clients[0];
    if (clients.length !== 1 || (pod !== undefined && pod !== only)) return undefined;
    pod = only;
  }
  return pod;
}
