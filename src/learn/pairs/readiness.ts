import { workloadId } from '../../model/inventory.ts';
import type { BlindSpot, CoverageEstimate, PolicyPair, Readiness } from '../../model/pair.ts';
import { compareText } from '../../util/compare.ts';
import { type LinkFacts, spanOf } from '../links/link-facts.ts';
import { at, type Links, numberAt } from '../links/links.ts';
import type { Parties } from '../parties/parties.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A full week, and a day to see it come round. */
const FEWEST_DAYS = 8;
/** Unseen traffic may make up this share of what comes. */
const MOST_MISSING = 0.001;
/** A grant counts as settled when nothing was added for so many times the usual pause of the pair's rarest link. */
const PAUSES = 3;

/** Kinds that work by a schedule, which flows do not tell. */
const SCHEDULED = new Set(['CronJob', 'Job']);

/** Workloads whose schedule the window cannot show, and those that were never active in it; sorted. */
export function findBlindSpots(links: Links, facts: LinkFacts, { all }: Parties): BlindSpot[] {
  const days = new Uint16Array(all.length);
  const isSeen = new Uint8Array(all.length);
  const see = (end: number, own: number): void => {
    isSeen[end] = 1;
    if (own > at(days, end)) days[end] = own;
  };
  for (let link = 0; link < links.count; link += 1) {
    see(at(links.client, link), at(facts.days, link));
    see(at(links.server, link), at(facts.days, link));
  }
  return all
    .filter(({ subject }) => subject)
    .flatMap(({ index, workloads }) => {
      const scheduled = workloads.some(({ kind }) => SCHEDULED.has(kind)) && at(days, index) < 2;
      const because = isSeen[index] === 0 ? 'it was not active' : scheduled ? 'it ran on one day only' : undefined;
      return because === undefined ? [] : workloads.map((workload) => ({ workload, because }));
    })
    .sort((a, b) => compareText(workloadId(a.workload), workloadId(b.workload)));
}

/** What the readiness of a pair is judged by besides its own links. */
export interface ReadinessContext {
  readonly links: Links;
  readonly facts: LinkFacts;
  readonly coverage: CoverageEstimate;
  readonly blindSpots: ReadonlyMap<string, string>;
  /** Milliseconds since the epoch: the last moment of the window. */
  readonly until: number;
}

/** Judges one pair by its trusted links; every clause that fails is said in a sentence of its own. */
export function judgeReadiness(
  pair: Pick<PolicyPair, 'service' | 'client'>,
  own: readonly number[],
  context: ReadinessContext,
): Readiness {
  const { facts, coverage } = context;
  let [linkHours, once] = [0, 0];
  for (const link of own) {
    linkHours += at(facts.hours, link);
    if (at(facts.hours, link) === 1) once += 1;
  }
  const failing: string[] = [];
  if (coverage.days < FEWEST_DAYS)
    failing.push(`the window has ${coverage.days} days; ${FEWEST_DAYS} show a full week`);
  if (coverage.interval[1] > MOST_MISSING)
    failing.push(`up to ${percent(coverage.interval[1])} of what comes may be unseen; at most 0.1 % is wanted`);
  failing.push(...blindMembers(pair, context.blindSpots), ...recentChange(own, context));
  return { nextIsNew: Math.round((1e6 * (once + 1)) / (linkHours + 1)) / 1e6, failing };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function blindMembers(
  { service, client }: Pick<PolicyPair, 'service' | 'client'>,
  blindSpots: ReadonlyMap<string, string>,
): string[] {
  if (blindSpots.size === 0) return [];
  const found = [...service.members, ...client.members].map(workloadId).filter((id) => blindSpots.has(id));
  return [...new Set(found)].sort(compareText).map((id) => `${id}: ${blindSpots.get(id)}`);
}

/** The newest link has to be older than a day, and than three usual pauses of the rarest. */
function recentChange(own: readonly number[], { facts, until }: ReadinessContext): string[] {
  let [newest, pause] = [0, 0];
  for (const link of own) {
    if (at(facts.days, link) === 0) continue;
    newest = Math.max(newest, numberAt(facts.firstTried, link));
    pause = Math.max(pause, spanOf(facts, link) / Math.max(1, at(facts.hours, link) - 1));
  }
  const wanted = Math.max(DAY, PAUSES * pause);
  if (newest === 0 || until - newest >= wanted) return [];
  const hours = (time: number): number => Math.floor(time / HOUR);
  return [`its last change is ${hours(until - newest)} hours old; ${hours(wanted)} without one are wanted`];
}
