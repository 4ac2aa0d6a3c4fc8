import { arrange } from '../../../src/dialects/profiles.ts';
import { type Compiled, compile, prepare } from '../../../src/evaluate/compile/compile.ts';
import { decide } from '../../../src/evaluate/decide/decide.ts';
import { edgeTraffic } from '../../../src/evaluate/match/traffic.ts';
import { toPolicies } from '../../../src/learn/pairs/to-policies.ts';
import type { Edge, EdgeEndpoint } from '../../../src/model/edge.ts';
import { type Inventory, workloadId } from '../../../src/model/inventory.ts';
import { LabelInterner } from '../../../src/model/labels.ts';
import type { Learned } from '../../../src/model/pair.ts';
import { assignLabels } from '../../../src/report/assign-labels.ts';
import { workloadReferenceOf } from '../../../src/simulate/graph.ts';
import type { GroundTruthWorkload } from '../../../src/simulate/ground-truth-document.ts';
import type { Tuple } from './tuples.ts';

/** What a learned set allows of some tuples. */
export interface Allowed {
  /** Both sides allow it. */
  readonly tuples: ReadonlySet<string>;
  /** Those of them that a rule lets through: some policy selects one end at least. */
  readonly byRule: ReadonlySet<string>;
  /** Tuples between isolated sides that one side's rules grant and the other's do not. */
  readonly lopsided: readonly string[];
}

const assignmentsOf = ({ assignments }: Learned) =>
  new Map(assignments.map(({ workload, labels }) => [workloadId(workload), labels]));

function compileLearned(learned: Learned, inventory: Inventory): Compiled {
  const policies = toPolicies(learned).map(({ policy }) => policy);
  return compile(arrange('kubernetes', policies, []), inventory);
}

interface Cluster {
  readonly workloads: readonly GroundTruthWorkload[];
  readonly cluster: string;
  readonly inventory: Inventory;
}

/** Puts the question of every tuple to the policies, with the proposed labels on the workloads. */
export function allowedTuples(
  learned: Learned,
  tuples: ReadonlyMap<string, Tuple>,
  { workloads, cluster, inventory }: Cluster,
): Allowed {
  const ends = endpointsOf(learned, workloads, cluster);
  const compiled = compileLearned(learned, { ...inventory, workloads: [] });
  prepare(compiled, ends.values());
  const allowed = new Set<string>();
  const byRule = new Set<string>();
  const lopsided: string[] = [];
  for (const [text, { client, server, protocol, port }] of tuples) {
    const [from, to] = [ends.get(client), ends.get(server)];
    if (!from || !to) continue;
    const { decision, egress, ingress } = decide(compiled, { client: from, server: to, protocol, port });
    if (decision === 'allow') allowed.add(text);
    if (decision === 'allow' && egress.selectedBy.length + ingress.selectedBy.length > 0) byRule.add(text);
    const isolated = egress.selectedBy.length > 0 && ingress.selectedBy.length > 0;
    if (isolated && egress.decision !== ingress.decision) lopsided.push(text);
  }
  return { tuples: allowed, byRule, lopsided };
}

/** Every workload as its pods look once the labels are put on; what controllers add is left out. */
function endpointsOf(
  learned: Learned,
  workloads: readonly GroundTruthWorkload[],
  cluster: string,
): ReadonlyMap<string, EdgeEndpoint> {
  const interner = new LabelInterner();
  const assigned = assignmentsOf(learned);
  return new Map(
    workloads.map((workload) => {
      const { namespace, name, kind, labels } = workload;
      const added = assigned.get(workloadId({ namespace, kind, name })) ?? [];
      const all = interner.intern(new Map([...Object.entries(labels), ...added]));
      const owner = { namespace, workload: name, workloadKind: kind, labels: all };
      return [workloadReferenceOf(workload), { cluster, kind: 'pod', ...owner, peer: '', address: '' }];
    }),
  );
}

/** Flows and tuple-hours of later edges, and how many of them the learned set denies. */
export interface HeldOut {
  readonly flows: number;
  readonly deniedFlows: number;
  readonly tupleHours: number;
  readonly deniedTupleHours: number;
}

/** Replays later traffic that is legitimate. */
export function replayLater(learned: Learned, edges: readonly Edge[], inventory: Inventory): HeldOut {
  const scene = assignLabels(edges, inventory, assignmentsOf(learned));
  const compiled = compileLearned(learned, scene.inventory);
  prepare(
    compiled,
    scene.edges.flatMap(({ client, server }) => [client, server]),
  );
  const total = { flows: 0, deniedFlows: 0, tupleHours: 0, deniedTupleHours: 0 };
  for (const edge of scene.edges) {
    if (!edge.passed) continue;
    const hours = hoursOf(edge);
    total.flows += edge.passed.flows;
    total.tupleHours += hours;
    if (decide(compiled, edgeTraffic(edge, edge.passed)).decision !== 'deny') continue;
    total.deniedFlows += edge.passed.flows;
    total.deniedTupleHours += hours;
  }
  return total;
}

/** Distinct hours in which an edge was seen. */
export function hoursOf({ passed }: Edge): number {
  let hours = 0;
  for (const { hours: mask } of passed?.activity ?? []) for (let bits = mask; bits !== 0; bits &= bits - 1) hours++;
  return hours;
}
