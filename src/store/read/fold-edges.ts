import { type Edge, OBSERVED_MEMBERS_LIMIT, type Observation } from '../../model/edge.ts';
import type { Reason, Vantage } from '../../model/enums.ts';
import { compareText } from '../../util/compare.ts';
import type { ActivityLists } from './activity-lists.ts';

/** How the attempts of one part of an edge ended. */
export type Outcome = 'passed' | 'denied' | 'unclear';

/** In the order in which the engine numbers them (`OUTCOME_SQL`) and in which attempts are accounted for. */
export const OUTCOMES: readonly Outcome[] = ['passed', 'denied', 'unclear'];

/** What one vantage of one source saw of an edge with one outcome: what the engine folds hours into. */
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
  const final = parts.some(({ vantage }) => atServer(vantage));
  const attempts = final ? parts.filter(isAttempt) : [];
  const settled = final ? parts.filter((part) => !isAttempt(part)) : parts;
  const became = OUTCOMES.find((outcome) => parts.some((part) => atServer(part.vantage) && part.outcome === outcome));
  const edge: { -readonly [K in keyof Edge]: Edge[K] } = {
    ...key,
    serverNames: union(parts, ({ serverNames }) => serverNames),
    oriented: parts.some(({ flows, unoriented }) => unoriented < flows),
  };
  for (const outcome of OUTCOMES) {
    const own = settled.filter((part) => part.outcome === outcome);
    const attempted = outcome === became ? sum(attempts, ({ flows }) => flows) : 0;
    if (own.length > 0) edge[outcome] = observe(outcome, own, { attempted, activities });
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

function observe(
  outcome: Outcome,
  parts: readonly EdgePart[],
  { attempted, activities }: { readonly attempted: number; readonly activities: ActivityLists },
): Observation {
  const policies = (part: EdgePart) =>
    outcome === 'passed' ? part.allowedBy : [...part.deniedBy, ...(outcome === 'unclear' ? part.allowedBy : [])];
  return {
    flows: sum(parts, ({ flows }) => flows) + attempted,
    connections: Math.max(...parts.map(({ connections }) => connections)),
    firstSeen: Math.min(...parts.map(({ firstSeen }) => firstSeen)),
    lastSeen: Math.max(...parts.map(({ lastSeen }) => lastSeen)),
    activity: activities.union(parts.map(({ activity }) => activity)),
    clientPods: members(parts, ({ clientPods }) => clientPods),
    serverPods: members(parts, ({ serverPods }) => serverPods),
    clientAddresses: members(parts, ({ clientAddresses }) => clientAddresses),
    serverAddresses: members(parts, ({ serverAddresses }) => serverAddresses),
    reasons: outcome === 'passed' ? [] : (union(parts, ({ reasons }) => reasons) as Reason[]),
    sourcePolicies: union(parts, policies),
  };
}

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
