import type { DayActivity, Edge, Observation } from '../../model/edge.ts';
import { hasPorts } from '../../model/ports.ts';
import { bitCount } from '../../util/bitset.ts';
import { column } from '../../util/columns.ts';
import { Numbering } from '../parties/numbering.ts';
import type { Parties } from '../parties/parties.ts';
import { type ActiveTime, activeTimeOf } from './active-time.ts';
import { clientsOf, sightings } from './evidence.ts';
import { at, edgesOfLink, type Links, linkOfEdges, numberAt } from './links.ts';

/** What can be true of a link, as bits of `LinkFacts.flags`. */
export const FLAGS = {
  learnable: 1,
  passed: 2,
  denied: 4,
  unclear: 8,
  metadata: 16,
  unknownEnd: 32,
  lone: 64,
} as const;

/**
 * What is known of links beyond their ends; columns by link. Only what passed counts as evidence. Everything that later
 * passes ask of every link is here: looking it up in the edges again would be a walk through all of memory each time.
 */
export interface LinkFacts {
  readonly flags: Uint8Array;
  /** Distinct UTC days and hours. */
  readonly days: Uint16Array;
  readonly hours: Uint16Array;
  /** Distinct client pods, else addresses; 0 when the source tells neither. */
  readonly clients: Uint16Array;
  readonly flows: Float64Array;
  readonly connections: Float64Array;
  /** Milliseconds since the epoch; without evidence infinity and 0. */
  readonly firstSeen: Float64Array;
  readonly lastSeen: Float64Array;
  /** Milliseconds since the epoch: the first attempt, whatever became of it. */
  readonly firstTried: Float64Array;
  /** When it was active, as a position in `activities`. */
  readonly activity: Int32Array;
  readonly activities: readonly (readonly DayActivity[])[];
  readonly activeTime: ActiveTime;
  /** The last moment at which anything passed. */
  readonly until: number;
}

/** Addresses at which clouds hand out credentials to whoever asks. */
const METADATA_ADDRESSES = new Set(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200']);

/** Milliseconds between the first and the last sight of a link with evidence. */
export function spanOf({ firstSeen, lastSeen }: LinkFacts, link: number): number {
  return numberAt(lastSeen, link) - numberAt(firstSeen, link);
}

interface Walk {
  readonly facts: Columns;
  readonly activities: Numbering<readonly DayActivity[]>;
  /** Whether the pods of a list can be one replica over time; links share their lists. */
  readonly lone: Map<readonly string[], boolean>;
}

const NEVER: readonly DayActivity[] = [];

/** Gathers the facts of every link. */
export function findLinkFacts(links: Links, parties: Parties): LinkFacts {
  const activities = new Numbering<readonly DayActivity[]>();
  activities.numberOf(NEVER);
  const walk = { facts: noFacts(links.count), activities, lone: new Map() };
  let until = 0;
  const linkOf = linkOfEdges(links);
  // In the order of edges, not of links: that is how they lie in memory.
  for (let i = 0; i < linkOf.length; i += 1) {
    const link = at(linkOf, i);
    const edge = links.edges[i] as Edge;
    if (edge.passed && edge.passed.lastSeen > until) until = edge.passed.lastSeen;
    if (at(links.starts, link + 1) - at(links.starts, link) === 1) ofOneEdge(walk, link, edge);
    else if (at(links.members, at(links.starts, link)) === i) ofSeveralEdges(walk, link, edgesOfLink(links, link));
  }
  addEnds(walk.facts, links, parties);
  addActivity(walk.facts, activities.values);
  const activeTime = activeTimeOf(walk.facts.activity, activities.values);
  return { ...walk.facts, activities: activities.values, activeTime, until };
}

/** What the ends alone tell. */
function addEnds({ flags }: Columns, { count, client, server, protocol, port }: Links, { all }: Parties): void {
  const unknown = Uint8Array.from(all, ({ kind }) => (kind === 'unknown' ? 1 : 0));
  for (let link = 0; link < count; link += 1) {
    const own = at(protocol, link);
    const isUntold = own === 0 || (at(port, link) === 0 && hasPorts(own));
    if (isUntold || at(unknown, at(client, link)) + at(unknown, at(server, link)) > 0)
      flags[link] = at(flags, link) | FLAGS.unknownEnd;
  }
}

/** Counts days and hours once for each activity: there are far fewer of them than links. */
function addActivity({ activity, days, hours }: Columns, activities: LinkFacts['activities']): void {
  const hoursOf = Uint16Array.from(activities, (list) => list.reduce((sum, day) => sum + bitCount(day.hours), 0));
  const daysOf = Uint16Array.from(activities, (list) => list.length);
  for (let link = 0; link < activity.length; link += 1) {
    days[link] = at(daysOf, at(activity, link));
    hours[link] = at(hoursOf, at(activity, link));
  }
}

type Columns = Omit<LinkFacts, 'activities' | 'activeTime' | 'until'>;

function noFacts(count: number): Columns {
  return {
    flags: column.uint8(count),
    days: column.uint16(count),
    hours: column.uint16(count),
    clients: column.uint16(count),
    flows: column.float64(count),
    connections: column.float64(count),
    firstSeen: column.float64(count).fill(Number.POSITIVE_INFINITY),
    lastSeen: column.float64(count),
    firstTried: column.float64(count),
    activity: column.int32(count),
  };
}

/** The rule rather than the exception, hence without any allocation. */
function ofOneEdge({ facts, activities, lone }: Walk, link: number, edge: Edge): void {
  const { passed, denied, unclear } = edge;
  if (passed && edge.oriented) {
    facts.clients[link] = clientsOf(passed, edge.client).length;
    facts.flows[link] = passed.flows;
    facts.connections[link] = passed.connections;
    facts.firstSeen[link] = passed.firstSeen;
    facts.lastSeen[link] = passed.lastSeen;
    facts.activity[link] = activities.numberOf(passed.activity);
  }
  const isPlain = passed && !denied && !unclear;
  facts.firstTried[link] = isPlain ? passed.firstSeen : firstTry(edge);
  const who = isPlain ? clientsOf(passed, edge.client) : clientsOfAll([edge]);
  facts.flags[link] = isLone(who, lone) ? flagsOf(edge) | FLAGS.lone : flagsOf(edge);
}

function isLone(pods: readonly string[], known: Map<readonly string[], boolean>): boolean {
  if (pods.length < 2) return pods.length === 1;
  let lone = known.get(pods);
  if (lone === undefined) {
    lone = isOneAtATime(pods);
    known.set(pods, lone);
  }
  return lone;
}

function ofSeveralEdges({ facts, activities }: Walk, link: number, edges: readonly Edge[]): void {
  const seen = sightings(edges.filter(({ oriented }) => oriented));
  const days = [...seen.days].sort(([a], [b]) => a - b);
  facts.clients[link] = seen.clients.size;
  facts.flows[link] = seen.flows;
  facts.connections[link] = seen.connections;
  facts.firstSeen[link] = seen.firstSeen;
  facts.lastSeen[link] = seen.lastSeen;
  facts.activity[link] = activities.numberOf(days.map(([day, hours]) => ({ day, hours })));
  let flags = isOneAtATime(clientsOfAll(edges)) ? FLAGS.lone : 0;
  let firstTried = Number.POSITIVE_INFINITY;
  for (const edge of edges) {
    flags |= flagsOf(edge);
    firstTried = Math.min(firstTried, firstTry(edge));
  }
  facts.firstTried[link] = firstTried;
  facts.flags[link] = flags;
}

function flagsOf({ server, passed, denied, unclear, oriented }: Edge): number {
  let flags = 0;
  if (passed) flags |= oriented ? FLAGS.passed | FLAGS.learnable : FLAGS.passed;
  if (denied) flags |= FLAGS.denied;
  if (unclear) flags |= FLAGS.unclear;
  if (server.address !== '' && METADATA_ADDRESSES.has(server.address)) flags |= FLAGS.metadata;
  return flags;
}

function firstTry({ passed, denied, unclear }: Edge): number {
  return Math.min(startOf(passed), startOf(denied), startOf(unclear));
}

function startOf(observation: Observation | undefined): number {
  return observation ? observation.firstSeen : Number.POSITIVE_INFINITY;
}

/** Everybody who tried, whatever became of it. */
export function clientsOfAll(edges: readonly Edge[]): string[] {
  const found = new Set<string>();
  for (const { client, passed, denied, unclear } of edges)
    for (const observation of [passed, denied, unclear])
      if (observation) for (const pod of clientsOf(observation, client)) found.add(pod);
  return [...found];
}

/** More generations than this in one window are no rollouts of one pod any more. */
const GENERATIONS = 8;

/**
 * Whether pods can be one and the same replica over time: there is one, or a rollout replaced each by the next. Pods of
 * one generation share all of their name but the end, so two of one generation ran side by side and vouch for each other.
 */
function isOneAtATime(pods: readonly string[]): boolean {
  if (pods.length < 2) return pods.length === 1;
  // Pods come sorted, so two of one generation mostly stand side by side.
  if (pods.length > GENERATIONS || areOfOneGeneration(pods[0] ?? '', pods[1] ?? '')) return false;
  return new Set(pods.map(generationOf)).size === pods.length;
}

function areOfOneGeneration(a: string, b: string): boolean {
  const dash = a.lastIndexOf('-');
  if (b.lastIndexOf('-') !== dash) return false;
  for (let i = 0; i < dash; i += 1) if (a.charCodeAt(i) !== b.charCodeAt(i)) return false;
  return true;
}

function generationOf(pod: string): string {
  const dash = pod.lastIndexOf('-');
  return dash < 0 ? '' : pod.slice(0, dash);
}
