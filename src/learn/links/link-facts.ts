import type { DayActivity, Edge, Observation } from '../../model/edge.ts';
import { hasPorts } from '../../model/ports.ts';
import { bitCount } from '../../util/bitset.ts';
import { Numbering } from '../parties/numbering.ts';
import { clientsOf, sightings } from './evidence.ts';
import { at, edgesOfLink, type Links, linkOfEdges } from './links.ts';

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
  /** Milliseconds between the first and the last sight. */
  readonly span: Float64Array;
  /** Milliseconds since the epoch: the first attempt, whatever became of it. */
  readonly firstTried: Float64Array;
  /** When it was active, as a position in `activities`. */
  readonly activity: Int32Array;
  readonly activities: readonly (readonly DayActivity[])[];
  /** The last moment at which anything passed. */
  readonly until: number;
}

/** Addresses at which clouds hand out credentials to whoever asks. */
const METADATA_ADDRESSES = new Set(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200']);

interface Walk {
  readonly facts: Columns;
  readonly activities: Numbering<readonly DayActivity[]>;
  /** Whether the pods of a list can be one replica over time; links share their lists. */
  readonly lone: Map<readonly string[], boolean>;
}

const NEVER: readonly DayActivity[] = [];

/** Gathers the facts of every link. */
export function findLinkFacts(links: Links): LinkFacts {
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
  return { ...walk.facts, activities: activities.values, until };
}

type Columns = Omit<LinkFacts, 'activities' | 'until'>;

function noFacts(count: number): Columns {
  return {
    flags: new Uint8Array(count),
    days: new Uint16Array(count),
    hours: new Uint16Array(count),
    clients: new Uint16Array(count),
    flows: new Float64Array(count),
    connections: new Float64Array(count),
    firstSeen: new Float64Array(count).fill(Number.POSITIVE_INFINITY),
    lastSeen: new Float64Array(count),
    span: new Float64Array(count),
    firstTried: new Float64Array(count),
    activity: new Int32Array(count),
  };
}

/** The rule rather than the exception, hence without any allocation. */
function ofOneEdge({ facts, activities, lone }: Walk, link: number, edge: Edge): void {
  const { passed, denied, unclear } = edge;
  let flags = flagsOf(edge);
  if (passed && edge.oriented) {
    facts.days[link] = passed.activity.length;
    let hours = 0;
    for (const day of passed.activity) hours += bitCount(day.hours);
    facts.hours[link] = hours;
    facts.clients[link] = clientsOf(passed, edge.client.address).length;
    facts.flows[link] = passed.flows;
    facts.connections[link] = passed.connections;
    facts.firstSeen[link] = passed.firstSeen;
    facts.lastSeen[link] = passed.lastSeen;
    facts.span[link] = passed.lastSeen - passed.firstSeen;
    facts.activity[link] = activities.numberOf(passed.activity);
  }
  facts.firstTried[link] = Math.min(startOf(passed), startOf(denied), startOf(unclear));
  const one = passed ?? denied ?? unclear;
  const alone =
    one && !(passed && (denied ?? unclear)) && !(denied && unclear)
      ? clientsOf(one, edge.client.address)
      : clientsOfAll([edge]);
  if (isLone(alone, lone)) flags |= FLAGS.lone;
  facts.flags[link] = flags;
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
  facts.days[link] = days.length;
  for (const [, mask] of days) facts.hours[link] = at(facts.hours, link) + bitCount(mask);
  facts.clients[link] = seen.clients.size;
  facts.flows[link] = seen.flows;
  facts.connections[link] = seen.connections;
  facts.firstSeen[link] = seen.firstSeen;
  facts.lastSeen[link] = seen.lastSeen;
  facts.span[link] = days.length === 0 ? 0 : seen.lastSeen - seen.firstSeen;
  facts.activity[link] = activities.numberOf(days.map(([day, hours]) => ({ day, hours })));
  let flags = isOneAtATime(clientsOfAll(edges)) ? FLAGS.lone : 0;
  let firstTried = Number.POSITIVE_INFINITY;
  for (const edge of edges) {
    flags |= flagsOf(edge);
    firstTried = Math.min(firstTried, startOf(edge.passed), startOf(edge.denied), startOf(edge.unclear));
  }
  facts.firstTried[link] = firstTried;
  facts.flags[link] = flags;
}

function flagsOf({ client, server, protocol, port, passed, denied, unclear, oriented }: Edge): number {
  let flags = 0;
  if (passed) flags |= oriented ? FLAGS.passed | FLAGS.learnable : FLAGS.passed;
  if (denied) flags |= FLAGS.denied;
  if (unclear) flags |= FLAGS.unclear;
  if (server.address !== '' && METADATA_ADDRESSES.has(server.address)) flags |= FLAGS.metadata;
  if (client.kind === 'unknown' || server.kind === 'unknown') flags |= FLAGS.unknownEnd;
  if (protocol === 0 || (port === 0 && hasPorts(protocol))) flags |= FLAGS.unknownEnd;
  return flags;
}

function startOf(observation: Observation | undefined): number {
  return observation ? observation.firstSeen : Number.POSITIVE_INFINITY;
}

/** Everybody who tried, whatever became of it. */
export function clientsOfAll(edges: readonly Edge[]): string[] {
  const found = new Set<string>();
  for (const { client, passed, denied, unclear } of edges)
    for (const observation of [passed, denied, unclear])
      if (observation) for (const pod of clientsOf(observation, client.address)) found.add(pod);
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
