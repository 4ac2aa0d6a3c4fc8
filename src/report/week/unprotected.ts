import { workloadEndpoint } from '../../evaluate/match/facts.ts';
import type { EdgeEndpoint } from '../../model/edge.ts';
import { type Workload, workloadId } from '../../model/inventory.ts';
import { UNKNOWN_LABELS } from '../../model/labels.ts';
import type { SideVerdict } from '../../model/verdict.ts';
import type { Decide } from '../check/judge.ts';
import type { Protection, UnprotectedWorkload } from './week.ts';

/** An address from the documentation block of RFC 5737: nobody's, so no rule means it in particular. */
const STRANGER: EdgeEndpoint = {
  cluster: '',
  kind: 'external',
  namespace: '',
  workload: '',
  workloadKind: '',
  labels: UNKNOWN_LABELS,
  peer: '',
  address: '192.0.2.1',
};

const ODD_PORT = { protocol: 6, port: 1 };

/**
 * Workloads that no policy selects in some direction, found by asking what happens between them and a stranger. A
 * workload with several label sets is covered only when all of them are.
 */
export function unprotectedWorkloads(workloads: readonly Workload[], decide: Decide): UnprotectedWorkload[] {
  const found = new Map<string, UnprotectedWorkload>();
  for (const workload of workloads) {
    const own = workloadEndpoint(workload);
    const egress = protection(workload, decide({ client: own, server: STRANGER, ...ODD_PORT }).egress);
    const ingress = protection(workload, decide({ client: STRANGER, server: own, ...ODD_PORT }).ingress);
    const key = `${workload.cluster}\0${workloadId(workload)}`;
    const other = found.get(key) ?? { workload, egress, ingress };
    found.set(key, {
      workload: other.workload,
      egress: worse(egress, other.egress),
      ingress: worse(ingress, other.ingress),
    });
  }
  return [...found.values()].filter(({ egress, ingress }) => egress === 'open' || ingress === 'open');
}

function protection({ labels }: Workload, { because, decision }: SideVerdict): Protection {
  if (because === 'noPolicySelects') return 'open';
  return decision === 'uncertain' && labels.id === UNKNOWN_LABELS.id ? 'unknown' : 'covered';
}

const WORST: readonly Protection[] = ['open', 'unknown', 'covered'];

function worse(a: Protection, b: Protection): Protection {
  return WORST.indexOf(a) < WORST.indexOf(b) ? a : b;
}
