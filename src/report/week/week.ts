import type { Edge } from '../../model/edge.ts';
import type { Workload } from '../../model/inventory.ts';
import type { ClassifiedEdge, EdgeClass } from '../check/classify.ts';
import type { StagedPolicies } from '../check/result.ts';
import type { LeastPrivilege } from './least-privilege.ts';
import type { UnusedGrant } from './unused-grants.ts';

/** Milliseconds since the epoch; `from` included, `to` excluded. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** Share of `flows` whose ends are under policy; an end that policies cannot select does not count against it. */
export interface Coverage {
  readonly flows: number;
  /** Under policy at every such end, and at one at least. */
  readonly covered: number;
  readonly partly: number;
}

/** `open`: no policy in force selects the workload in this direction; `unknown`: its labels are not known. */
export type Protection = 'open' | 'covered' | 'unknown';

/** A workload that is open in some direction. */
export interface UnprotectedWorkload {
  readonly workload: Workload;
  readonly egress: Protection;
  readonly ingress: Protection;
}

/** What the report cannot see, counted where it can be. */
export interface BlindSpots {
  /** Edges and flows lost for other reasons than policy, or with an unknown verdict. */
  readonly unclearEdges: number;
  readonly unclearFlows: number;
  /** Edges of which it is not known who opened them. */
  readonly unorientedEdges: number;
  /** Edges with an end that is a pod with unknown labels. */
  readonly unlabelledEdges: number;
  /** Edges for which the verdict hinges on something unknown. */
  readonly uncertainEdges: number;
  /** Events that sources say they lost before they could report them; null when nobody counted. */
  readonly lostEvents: number | null;
}

/** Edges that the window before did not have; absent when there is nothing to compare with. */
export interface NewEdges {
  readonly entries: readonly ClassifiedEdge[];
  /** When the data before the window begins, if that is inside the window it is compared with. */
  readonly partlyCovered: boolean;
}

/** Everything `report` says; formats see only this. */
export interface WeekReport {
  readonly window: TimeWindow;
  readonly before: TimeWindow;
  /** Judged as in force. */
  readonly policies: number;
  /** Absent: none is staged. */
  readonly staged?: StagedPolicies;
  readonly edges: number;
  readonly flows: number;
  readonly workloads: number;
  readonly summary: Readonly<Record<EdgeClass, number>>;
  readonly flowsOf: Readonly<Record<EdgeClass, number>>;
  readonly coverage: Coverage;
  readonly leastPrivilege: LeastPrivilege;
  /** Escaped and misdropped entries, worst first. */
  readonly wouldDeny: readonly ClassifiedEdge[];
  readonly misdropped: readonly ClassifiedEdge[];
  readonly unusedGrants: readonly UnusedGrant[];
  /** Allow rules in force, the whole of which `unusedGrants` is a part. */
  readonly grants: number;
  readonly newEdges?: NewEdges;
  readonly unprotected: readonly UnprotectedWorkload[];
  readonly blindSpots: BlindSpots;
}

/** Flow records of all outcomes of an edge. */
export function flowsOf(edge: Edge): number {
  return (edge.passed?.flows ?? 0) + (edge.denied?.flows ?? 0) + (edge.unclear?.flows ?? 0);
}
