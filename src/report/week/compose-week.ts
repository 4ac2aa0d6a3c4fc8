import type { Edge } from '../../model/edge.ts';
import type { Inventory, Workload } from '../../model/inventory.ts';
import type { Policy } from '../../model/policy.ts';
import { type ClassifiedEdge, countClasses, type EdgeClass } from '../check/classify.ts';
import { type Decide, judgeEdges } from '../check/judge.ts';
import type { StagedPolicies } from '../check/result.ts';
import { countWorkloads, seenWorkloads, withListed } from '../workloads.ts';
import { blindSpots } from './blind-spots.ts';
import { coverage } from './coverage.ts';
import { type DecisionOf, leastPrivilege } from './least-privilege.ts';
import { newEntries } from './new-edges.ts';
import { unprotectedWorkloads } from './unprotected.ts';
import { type GrantsOf, grantsIn, unusedGrants } from './unused-grants.ts';
import { flowsOf, type NewEdges, type TimeWindow, type WeekReport } from './week.ts';

/** What the store knows of the window and of the time before it. */
export interface WeekInput {
  readonly window: TimeWindow;
  readonly before: TimeWindow;
  readonly edges: readonly Edge[];
  /** Edges of the window before, of equal length. */
  readonly previous: readonly Edge[];
  /** Edges of all stored time before the window. */
  readonly earlier: readonly Edge[];
  readonly inventory: Inventory;
  readonly policies: readonly Policy[];
  readonly staged?: StagedPolicies | undefined;
  readonly decide: Decide;
  /** The same without its trail. */
  readonly decision: DecisionOf;
  readonly grantsOf: GrantsOf;
  /** Workloads that the report covers although they may have had no traffic. */
  readonly listed?: readonly Workload[];
  readonly lostEvents?: number;
}

/** The report over one window, from what was seen and what the policies say to it. */
export function composeWeek(input: WeekInput): WeekReport {
  const { edges, decide, window, before } = input;
  const entries = judgeEdges(edges, decide);
  const workloads = withListed(seenWorkloads(edges, input.inventory), input.listed ?? []);
  const grants = grantsIn(input.policies);
  const newEdges = compareWithBefore(input, entries);
  return {
    window,
    before,
    policies: input.policies.filter((policy) => !policy.staged).length,
    ...(input.staged && { staged: input.staged }),
    edges: edges.length,
    flows: edges.reduce((sum, edge) => sum + flowsOf(edge), 0),
    workloads: countWorkloads(workloads),
    summary: countClasses(entries),
    flowsOf: sumFlows(entries),
    coverage: coverage(entries),
    leastPrivilege: leastPrivilege(edges, workloads, input.decision),
    wouldDeny: entries.filter((entry) => entry.class === 'escaped'),
    misdropped: entries.filter((entry) => entry.class === 'misdropped'),
    unusedGrants: unusedGrants(grants, input),
    grants: grants.length,
    ...(newEdges === undefined ? {} : { newEdges }),
    unprotected: unprotectedWorkloads(workloads, decide),
    blindSpots: blindSpots(edges, entries, input.lostEvents ?? null),
  };
}

const HOUR_MS = 3_600_000;

function compareWithBefore(
  { earlier, previous, before }: WeekInput,
  entries: readonly ClassifiedEdge[],
): NewEdges | undefined {
  if (earlier.length === 0) return undefined;
  const begin = earlier.reduce((first, edge) => Math.min(first, firstSeen(edge)), Number.POSITIVE_INFINITY);
  return { entries: newEntries(entries, previous), partlyCovered: begin >= before.from + HOUR_MS };
}

function firstSeen({ passed, denied, unclear }: Edge): number {
  const times = [passed, denied, unclear].flatMap((seen) => (seen === undefined ? [] : [seen.firstSeen]));
  return Math.min(...times);
}

function sumFlows(entries: readonly ClassifiedEdge[]): Record<EdgeClass, number> {
  const sums = { permitted: 0, escaped: 0, rejected: 0, misdropped: 0, uncertain: 0 };
  for (const entry of entries) sums[entry.class] += entry.observation.flows;
  return sums;
}
