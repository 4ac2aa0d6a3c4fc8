import { type Edge, OBSERVED_MEMBERS_LIMIT, type Observation } from '../../model/edge.ts';
import type { Reason, Vantage } from '../../model/enums.ts';
import { compareText } from '../../util/compare.ts';
import type { ActivityLists } from './activity-lists.ts';

/** How the attempts of one part of an edge ended. */
export type Outcome = 'passed' | 'denied' | 'unclear';

/** In the order in which the engine numbers them (`OUTCOME_SQL`) and in which attempts are accounted for. */
export const OUTCOMES: readonly Outcome[] = ['passed', 'denied', 'unclear'];

/** What one vantage of one source saw of an edge with one outcome: what the engine folds hours into. Lists are sorted and distinct. */
export interface EdgePart extends Omit<Observation, 'sourcePolicies'> {
  readonly outcome: Outcome;
  readonly vantage: Vantage;
  /** Flows of which it is not known who opened them, and those of which the ports alone tell. */
  readonly unoriented: number;
  readonly guessed: number;
  readonly allowedBy: readonly string[];
  readonly deniedBy: readonly string[];
  readonly serverNames: readonly string[];
}

/** What identifies an edge. */
export type EdgeKey = Pick<Edge, 'client' | 'server' | 'protocol' | 'port'>;

/**
 * Folds the parts of one edge. Where the destination reported, its word on what passed is final: what only the source
 * saw leave was an attempt, and its records are counted with what the destination saw become of it.
 */
export function foldEdge(key: EdgeKey, parts: readonly EdgePart[], activities: ActivityLists): Edge {
  const { client, server, protocol, port } = key;
  const told = parts.filter(({ vantage }) => atServer(vantage));
  const isFinal = told.length > 0;
  const became = OUTCOMES.find((outcome) => told.some((part) => part.outcome === outcome));
  const settle = (outcome: Outcome): Observation | undefined => {
    const own = parts.filter((part) => part.outcome === outcome && !(isFinal && isAttempt(part)));
    const attempted = isFinal && outcome === became ? flowsOf(parts.filter(isAttempt)) : 0;
    return own.length === 0 ? undefined : observe(outcome, own, { attempted, activities });
  };
  const serverNames = union(parts, (part) => part.serverNames);
  const oriented = parts.some(({ flows, unoriented }) => unoriented < flows);
  const [passed, denied, unclear] = OUTCOMES.map(settle);
  // The rule as one literal: an object that grows field by field takes more memory, and there are millions.
  if (passed && !denied && !unclear) return { client, server, protocol, port, serverNames, oriented, passed };
  const outcomes = { ...(passed && { passed }), ...(denied && { denied }), ...(unclear && { unclear }) };
  return { client, server, protocol, port, serverNames, oriented, ...outcomes };
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

function observe(
  outcome: Outcome,
  parts: readonly EdgePart[],
  { attempted, activities }: { readonly attempted: number; readonly activities: ActivityLists },
): Observation {
  const policies = ({ allowedBy, deniedBy }: EdgePart) => {
    if (outcome === 'unclear') return merged(deniedBy, allowedBy);
    return outcome === 'passed' ? allowedBy : deniedBy;
  };
  let [flows, connections] = [attempted, 0];
  let [firstSeen, lastSeen] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const part of parts) {
    flows += part.flows;
    connections = Math.max(connections, part.connections);
    firstSeen = Math.min(firstSeen, part.firstSeen);
    lastSeen = Math.max(lastSeen, part.lastSeen);
  }
  return {
    flows,
    connections,
    firstSeen,
    lastSeen,
    activity: activities.union(parts.map(({ activity }) => activity)),
    clientPods: members(parts, ({ clientPods }) => clientPods),
    serverPods: members(parts, ({ serverPods }) => serverPods),
    clientAddresses: members(parts, ({ clientAddresses }) => clientAddresses),
    serverAddresses: members(parts, ({ serverAddresses }) => serverAddresses),
    reasons: outcome === 'passed' ? NONE : (union(parts, ({ reasons }) => reasons) as readonly Reason[]),
    sourcePolicies: union(parts, policies),
  };
}

function flowsOf(parts: readonly EdgePart[]): number {
  return parts.reduce((total, { flows }) => total + flows, 0);
}

const NONE: readonly never[] = [];

function union(parts: readonly EdgePart[], list: (part: EdgePart) => readonly string[]): readonly string[] {
  let found: readonly string[] = NONE;
  for (const part of parts) found = merged(found, list(part));
  return found;
}

/** Sorted and distinct, as both are. What is said alike, which is the rule, is not copied. */
function merged(a: readonly string[], b: readonly string[]): readonly string[] {
  if (b.length === 0 || a === b) return a;
  return a.length === 0 ? b : [...new Set([...a, ...b])].sort(compareText);
}

function members(parts: readonly EdgePart[], list: (part: EdgePart) => readonly string[]): readonly string[] {
  const all = union(parts, list);
  return all.length > OBSERVED_MEMBERS_LIMIT ? all.slice(0, OBSERVED_MEMBERS_LIMIT) : all;
}
