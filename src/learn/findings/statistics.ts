import type { CoverageEstimate } from '../../model/pair.ts';
import { Random } from '../../util/random.ts';
import type { LinkFacts } from '../links/link-facts.ts';
import { at, type Links } from '../links/links.ts';
import { type SightingTable, tabulateSightings } from '../links/sighting-table.ts';
import type { Parties } from '../parties/parties.ts';
import { isTrusted, RULE_CODE, type Trust } from '../trust/rules.ts';

/** How often each link was seen, as far as estimates need it. */
export interface Incidences {
  /** Hours and days of the window. */
  readonly hours: number;
  readonly days: number;
  /** Links, and the sum of the hours in which each was seen. */
  readonly links: number;
  readonly linkHours: number;
  /** Links seen in exactly one and exactly two hours. */
  readonly once: number;
  readonly twice: number;
}

/** Missing mass: the share of coming link-hours that will belong to links never seen before (Good–Turing, by Chao). */
export function missingMass({ hours, linkHours, once, twice }: Incidences): number {
  if (linkHours === 0) return 1;
  if (once === 0) return 0;
  const [T, Q1, Q2] = [hours, once, twice];
  return (Q1 / linkHours) * (((T - 1) * Q1) / ((T - 1) * Q1 + 2 * Q2 || 1));
}

/** Links that exist and were not seen: Chao2, which is a lower bound. */
export function unseenAtLeast({ hours, once, twice }: Incidences): number {
  const share = hours > 0 ? (hours - 1) / hours : 0;
  if (once === 0) return 0;
  return twice > 0 ? (share * once * once) / (2 * twice) : (share * once * (once - 1)) / 2;
}

const SAMPLED = new Set([RULE_CODE['one-day'], RULE_CODE['one-client'], RULE_CODE['seen-once']]);

/**
 * How much of what will happen has been seen. The sampling unit is the hour, never the flow: flows within an hour are
 * copies of each other. Species are links between pods that may be legitimate; scans would count as rarities. The
 * interval comes from drawing whole days again and again, because hours of one day are alike.
 */
export function estimateCoverage(
  links: Links,
  facts: LinkFacts,
  { trust, parties }: { readonly trust: Trust; readonly parties: Parties },
): CoverageEstimate {
  const table = tabulateSightings(facts, sampledLinks(links, trust, parties));
  const incidences = countIncidences(
    table,
    table.days.map(() => 1),
  );
  const mass = missingMass(incidences);
  const spread = 1.96 * deviation(drawDays(table));
  const { hours, days, linkHours, once, twice } = incidences;
  return {
    ...{ hours, days, links: incidences.links, linkHours, seenOnce: once, seenTwice: twice },
    coverage: round(1 - mass),
    missingMass: round(mass),
    interval: [round(Math.max(0, mass - spread)), round(Math.min(1, mass + spread))],
    unseenAtLeast: round(unseenAtLeast(incidences)),
    newPerDay: round(days > 0 ? (mass * linkHours) / days : 0),
  };
}

function sampledLinks(links: Links, trust: Trust, { all }: Parties): Int32Array {
  const inside = Uint8Array.from(all, ({ outside }) => (outside ? 0 : 1));
  const sampled = new Int32Array(links.count);
  let count = 0;
  for (let link = 0; link < links.count; link += 1) {
    if (!isTrusted(trust, link) && !SAMPLED.has(at(trust, link))) continue;
    if (at(inside, at(links.client, link)) + at(inside, at(links.server, link)) < 2) continue;
    sampled[count] = link;
    count += 1;
  }
  return sampled.subarray(0, count);
}

/** Draws of the interval, and the seed that makes them the same every time. */
const DRAWS = 200;
const SEED = 20_011;

/** The estimate again and again, from as many days drawn at random, with repetition. */
function drawDays(table: SightingTable): number[] {
  const random = new Random(SEED, table.days.length);
  return Array.from({ length: DRAWS }, () => {
    const weights = table.days.map(() => 0);
    for (let i = 0; i < weights.length; i += 1) {
      const drawn = random.below(weights.length);
      weights[drawn] = (weights[drawn] ?? 0) + 1;
    }
    return missingMass(countIncidences(table, weights));
  });
}

/** Incidences when day `i` counts `weights[i]` times. */
function countIncidences(table: SightingTable, weights: readonly number[]): Incidences {
  const weigh = (column: readonly number[]): number =>
    column.reduce((sum, value, i) => sum + value * (weights[i] ?? 0), 0);
  let [once, twice] = [0, 0];
  for (const { hours, links } of table.patterns) {
    const seen = weigh(hours);
    if (seen === 1) once += links;
    if (seen === 2) twice += links;
  }
  return {
    ...{ hours: weigh(table.hoursByDay), days: table.days.length, links: table.links, once, twice },
    linkHours: weigh(table.linkHoursByDay),
  };
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Six digits are more than anybody needs, and the same on every machine. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
