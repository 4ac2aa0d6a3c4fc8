import type { Edge, Observation } from '../model/edge.ts';
import { hasPorts } from '../model/ports.ts';
import { bitCount } from './bitset.ts';
import { clientsOf, sightings } from './evidence.ts';
import { at, edgesOfLink, type Links } from './links.ts';

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

/** What trust is judged by, in one walk over the edges; columns by link. Only what passed counts as evidence. */
export interface LinkFacts {
  readonly flags: Uint8Array;
  /** Distinct UTC days and hours. */
  readonly days: Uint16Array;
  readonly hours: Uint16Array;
  /** Distinct client pods, else addresses; 0 when the source tells neither. */
  readonly clients: Uint16Array;
  /** Milliseconds between the first and the last sight. */
  readonly span: Float64Array;
  /** Milliseconds since the epoch: the first attempt, whatever became of it. */
  readonly firstTried: Float64Array;
}

/** Addresses at which clouds hand out credentials to whoever asks. */
const METADATA_ADDRESSES = new Set(['169.254.169.254', 'fd00:ec2::254', '100.100.100.200']);

/** Gathers the facts of every link. */
export function findLinkFacts(links: Links): LinkFacts {
  const { count } = links;
  const facts: LinkFacts = {
    flags: new Uint8Array(count),
    days: new Uint16Array(count),
    hours: new Uint16Array(count),
    clients: new Uint16Array(count),
    span: new Float64Array(count),
    firstTried: new Float64Array(count),
  };
  for (let link = 0; link < count; link += 1) {
    const first = at(links.starts, link);
    const only = links.edges[at(links.members, first)] as Edge;
    if (at(links.starts, link + 1) - first === 1) ofOneEdge(facts, link, only);
    else ofSeveralEdges(facts, link, edgesOfLink(links, link));
  }
  return facts;
}

/** The rule rather than the exception, hence without any allocation. */
function ofOneEdge(facts: LinkFacts, link: number, edge: Edge): void {
  const { passed, denied, unclear } = edge;
  let flags = flagsOf(edge);
  if (passed && edge.oriented) {
    facts.days[link] = passed.activity.length;
    let hours = 0;
    for (const day of passed.activity) hours += bitCount(day.hours);
    facts.hours[link] = hours;
    facts.clients[link] = clientsOf(passed, edge.client.address).length;
    facts.span[link] = passed.lastSeen - passed.firstSeen;
  }
  facts.firstTried[link] = Math.min(startOf(passed), startOf(denied), startOf(unclear));
  const one = passed ?? denied ?? unclear;
  const alone =
    one && !(passed && (denied ?? unclear)) && !(denied && unclear)
      ? clientsOf(one, edge.client.address)
      : clientsOfAll([edge]);
  if (isOneAtATime(alone)) flags |= FLAGS.lone;
  facts.flags[link] = flags;
}

function ofSeveralEdges(facts: LinkFacts, link: number, edges: readonly Edge[]): void {
  const seen = sightings(edges.filter(({ oriented }) => oriented));
  facts.days[link] = seen.days.size;
  for (const mask of seen.days.values()) facts.hours[link] = at(facts.hours, link) + bitCount(mask);
  facts.clients[link] = seen.clients.size;
  facts.span[link] = seen.days.size === 0 ? 0 : seen.lastSeen - seen.firstSeen;
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
