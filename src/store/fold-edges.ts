import {
  type DayActivity,
  type Edge,
  type EdgeEndpoint,
  OBSERVED_MEMBERS_LIMIT,
  type Observation,
} from '../model/edge.ts';
import type { Reason, Vantage } from '../model/enums.ts';
import { compareText } from '../util/compare.ts';

/** How the attempts of one part of an edge ended. */
export type Outcome = 'passed' | 'denied' | 'unclear';

/** In the order in which the engine numbers them (`OUTCOME_SQL`) and in which attempts are accounted for. */
export const OUTCOMES: readonly Outcome[] = ['passed', 'denied', 'unclear'];

/** What one vantage of one source saw of an edge with one outcome: what the engine folds hours into. */
export interface EdgePart {
  readonly outcome: Outcome;
  readonly vantage: Vantage;
  readonly flows: number;
  readonly connections: number;
  /** Flows of which it is not known who opened them, and those of which the ports alone tell. */
  readonly unoriented: number;
  readonly guessed: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** Hours since the epoch, distinct, in any order. */
  readonly hours: readonly number[];
  readonly clientPods: readonly string[];
  readonly serverPods: readonly string[];
  readonly clientAddresses: readonly string[];
  readonly serverAddresses: readonly string[];
  readonly reasons: readonly Reason[];
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  readonly serverNames: readonly string[];
}

/** What identifies an edge. */
export interface EdgeKey {
  readonly client: EdgeEndpoint;
  readonly server: EdgeEndpoint;
  readonly protocol: number;
  readonly port: number;
}

/**
 * Folds the parts of one edge. Where the destination reported, its word on what passed is final: what only the source
 * saw leave was an attempt, and its records are counted with what the destination saw become of it.
 */
export function foldEdge(key: EdgeKey, parts: readonly EdgePart[]): Edge {
  const final = parts.some(({ vantage }) => atServer(vantage));
  const attempts = final ? parts.filter(isAttempt) : [];
  const settled = final ? parts.filter((part) => !isAttempt(part)) : parts;
  const became = OUTCOMES.find((outcome) => parts.some((part) => atServer(part.vantage) && part.outcome === outcome));
  const edge: { -readonly [K in keyof Edge]: Edge[K] } = {
    client: key.client,
    server: key.server,
    protocol: key.protocol,
    port: key.port,
    serverNames: union(parts, ({ serverNames }) => serverNames),
    oriented: parts.some(({ flows, unoriented }) => unoriented < flows),
  };
  for (const outcome of OUTCOMES) {
    const own = settled.filter((part) => part.outcome === outcome);
    const attempted = outcome === became ? sum(attempts, ({ flows }) => flows) : 0;
    if (own.length > 0) edge[outcome] = observe(outcome, own, attempted);
  }
  return edge;
}

/** Whether who opened these connections is known, if at all, from ports alone. */
export function isGuess(parts: readonly EdgePart[]): boolean {
  return parts.every(({ flows, unoriented, guessed }) => unoriented + guessed >= flows);
}

function atServer(vantage: Vantage): boolean {
  return vantage === 'dst' || vantage === 'both';
}

function isAttempt(part: EdgePart): boolean {
  return part.outcome === 'passed' && !atServer(part.vantage);
}

function observe(outcome: Outcome, parts: readonly EdgePart[], attempted: number): Observation {
  const policies = (part: EdgePart) =>
    outcome === 'passed' ? part.allowedBy : [...part.deniedBy, ...(outcome === 'unclear' ? part.allowedBy : [])];
  return {
    flows: sum(parts, ({ flows }) => flows) + attempted,
    connections: Math.max(...parts.map(({ connections }) => connections)),
    firstSeen: Math.min(...parts.map(({ firstSeen }) => firstSeen)),
    lastSeen: Math.max(...parts.map(({ lastSeen }) => lastSeen)),
    activity: activityOf(parts),
    clientPods: members(parts, ({ clientPods }) => clientPods),
    serverPods: members(parts, ({ serverPods }) => serverPods),
    clientAddresses: members(parts, ({ clientAddresses }) => clientAddresses),
    serverAddresses: members(parts, ({ serverAddresses }) => serverAddresses),
    reasons: outcome === 'passed' ? [] : (union(parts, ({ reasons }) => reasons) as Reason[]),
    sourcePolicies: union(parts, policies),
  };
}

/** The hours of all parts by day. */
function activityOf(parts: readonly EdgePart[]): DayActivity[] {
  const days = new Map<number, number>();
  for (const { hours } of parts) {
    for (const hour of hours) {
      const day = Math.floor(hour / 24);
      days.set(day, (days.get(day) ?? 0) | (1 << (hour % 24)));
    }
  }
  return [...days.keys()].sort((a, b) => a - b).map((day) => dayActivity(day, days.get(day) ?? 0));
}

/** Days repeat from edge to edge; a few of each are kept, so that a million edges share them. */
function dayActivity(day: number, hours: number): DayActivity {
  const slot = (Math.imul(day, 40_503) ^ Math.imul(hours, 2_654_435_761)) >>> 18;
  const known = recentDays[slot];
  if (known !== undefined && known.day === day && known.hours === hours) return known;
  const made = { day, hours };
  recentDays[slot] = made;
  return made;
}

/** Direct-mapped: a collision only costs an object. */
const recentDays: (DayActivity | undefined)[] = new Array(1 << 14).fill(undefined);

function sum(parts: readonly EdgePart[], count: (part: EdgePart) => number): number {
  return parts.reduce((total, part) => total + count(part), 0);
}

/** Sorted and distinct. What several parts say alike, which is the rule, is not copied. */
function union(parts: readonly EdgePart[], list: (part: EdgePart) => readonly string[]): readonly string[] {
  if (parts.length === 1) return sorted(list(parts[0] as EdgePart));
  const [first, ...others] = parts.map(list);
  if (first === undefined || others.every((other) => other === first || other.length === 0)) return sorted(first ?? []);
  return sorted([...new Set([...first, ...others.flat()])]);
}

function sorted(list: readonly string[]): readonly string[] {
  return list.every((text, at) => at === 0 || (list[at - 1] as string) < text)
    ? list
    : [...new Set(list)].sort(compareText);
}

function members(parts: readonly EdgePart[], list: (part: EdgePart) => readonly string[]): readonly string[] {
  const all = union(parts, list);
  return all.length > OBSERVED_MEMBERS_LIMIT ? all.slice(0, OBSERVED_MEMBERS_LIMIT) : all;
}
