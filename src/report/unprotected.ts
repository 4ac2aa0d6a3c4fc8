import { workloadEndpoint } from '../evaluate/facts.ts';
import type { EdgeEndpoint } from '../model/edge.ts';
import { type Workload, workloadId } from '../model/inventory.ts';
import { UNKNOWN_LABELS } from '../model/labels.ts';
import type { Decide } from './judge.ts';
import type { UnprotectedWorkload } from './week.ts';

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
 * workload with several label sets is protected only when all of them are.
 */
export function unprotectedWorkloads(workloads: readonly Workload[], decide: Decide): UnprotectedWorkload[] {
  const found = new Map<string, UnprotectedWorkload>();
  for (const workload of workloads) {
    const own = workloadEndpoint(workload);
    const out = decide({ client: own, server: STRANGER, ...ODD_PORT }).egress;
    const into = decide({ client: STRANGER, server: own, ...ODD_PORT }).ingress;
    const egress = out.because === 'noPolicySelects';
    const ingress = into.because === 'noPolicySelects';
    if (!egress && !ingress) continue;
    const key = `${workload.cluster}\0${workloadId(workload)}`;
    const other = found.get(key);
    found.set(key, {
      workload: other?.workload ?? workload,
      egress: egress || other?.egress === true,
      ingress: ingress || other?.ingress === true,
    });
  }
  return [...found.values()];
}
