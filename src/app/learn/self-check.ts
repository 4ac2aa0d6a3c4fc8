import { compile, prepare } from '../../evaluate/compile/compile.ts';
import { decide } from '../../evaluate/decide/decide.ts';
import { edgeTraffic } from '../../evaluate/match/traffic.ts';
import type { Edge } from '../../model/edge.ts';
import { endpointName } from '../../model/endpoint.ts';
import type { Inventory } from '../../model/inventory.ts';
import { workloadId } from '../../model/inventory.ts';
import type { Assignment } from '../../model/pair.ts';
import { type PolicySet, policyName } from '../../model/policy.ts';
import { protocolName } from '../../model/ports.ts';
import { assignLabels } from '../../report/assign-labels.ts';

/** What a replay of learned policies over the traffic they were learned from found. */
export interface SelfCheck {
  readonly checked: number;
  readonly uncertain: number;
  /** Trusted edges that would be denied: always a bug of the learner. */
  readonly denied: readonly string[];
}

/** At most this many denied edges are spelled out. */
const EXAMPLES = 5;

/** Replays policies over the edges that they have to allow, with the labels that they assume put on. */
export function selfCheck(
  policySet: PolicySet,
  scene: {
    readonly edges: readonly Edge[];
    readonly inventory: Inventory;
    readonly assignments: readonly Assignment[];
  },
): SelfCheck {
  const labels = new Map(scene.assignments.map(({ workload, labels }) => [workloadId(workload), labels]));
  const { edges, inventory } = assignLabels(scene.edges, scene.inventory, labels);
  const compiled = compile(policySet, inventory);
  prepare(
    compiled,
    edges.flatMap(({ client, server }) => [client, server]),
  );
  let uncertain = 0;
  const denied: string[] = [];
  for (const edge of edges) {
    const { decision, egress, ingress } = decide(compiled, edgeTraffic(edge, edge.passed));
    if (decision === 'uncertain') uncertain += 1;
    if (decision !== 'deny' || denied.length >= EXAMPLES) continue;
    const by = (egress.decision === 'deny' ? egress : ingress).policy;
    const port = `${protocolName(edge.protocol)}/${edge.port}`;
    denied.push(`${endpointName(edge.client)} → ${endpointName(edge.server)} ${port} by ${by ? policyName(by) : '?'}`);
  }
  return { checked: edges.length, uncertain, denied };
}
