import type { Workload } from '../../model/inventory.ts';
import type { LabelSet } from '../../model/labels.ts';
import type { Store } from '../store.ts';
import { NEVER, podVersionsSql, versionsSql } from './holders.ts';
import { hoursOf, type TimeWindow } from './window.ts';

const IN_WINDOW = "begins < toDateTime({to:UInt32}, 'UTC') AND leaves > toDateTime({from:UInt32}, 'UTC')";

/**
 * Forms of workloads that existed in the window: of their pods, with the pods that were there at the end of it, and of
 * their templates. Pods in their node's network are the node: no policy selects them.
 */
const FORMS_SQL = `SELECT cluster, ns, kind, wl, labels, is_pod, max(service_account), arrayDistinct(arrayFlatten(groupArray(ports))),
    toUInt32(if(is_pod, uniqExactIf(uid, leaves >= least(toDateTime64({to:UInt32}, 3, 'UTC'), ${NEVER})), max(replicas)))
  FROM (
    SELECT cluster, namespace AS ns, workload_kind AS kind, workload AS wl, labels, true AS is_pod, service_account,
      arrayFilter(x -> x.1 != '', ports) AS ports, uid, toUInt32(0) AS replicas, begins, leaves
    FROM (${podVersionsSql('NOT host_network')})
    UNION ALL
    SELECT cluster, namespace AS ns, kind, workload AS wl, labels, false AS is_pod, service_account,
      arrayFilter(x -> x.1 != '', ports) AS ports, uid, replicas, begins, until AS leaves
    FROM (${versionsSql('workloads', 'true')})
  ) WHERE ${IN_WINDOW} GROUP BY cluster, ns, kind, wl, labels, is_pod
  ORDER BY is_pod, cluster, ns, kind, wl, labels`;

type FormRow = [string, string, string, string, string, boolean, string, [string, number, number][], number];

/** Workloads that snapshots list, one for each label set of their pods; those without pods by their template. */
export async function readListed(
  store: Store,
  window: TimeWindow,
  labelSets: ReadonlyMap<string, LabelSet>,
): Promise<Workload[]> {
  const templates = new Map<string, Workload>();
  const ofPods: Workload[] = [];
  for (const row of (await store.query(FORMS_SQL, hoursOf(window))) as unknown as FormRow[]) {
    const [cluster, namespace, kind, name, labels, isPod, serviceAccount, ports, replicas] = row;
    const workload: Workload = {
      ...{ cluster, namespace, kind, name, serviceAccount, replicas },
      labels: labelSets.get(labels) ?? { id: labels, labels: new Map() },
      namedPorts: ports.map(([port, protocol, number]) => ({ name: port, protocol, port: number })),
      portsKnown: true,
    };
    if (isPod) ofPods.push(workload);
    else templates.set(nameOf(workload), workload);
  }
  // Admission may add labels to pods: where there are pods, the template says only how many are wanted.
  const idle = new Map(templates);
  for (const one of ofPods) idle.delete(nameOf(one));
  const wanted = (one: Workload) => Math.max(one.replicas, templates.get(nameOf(one))?.replicas ?? 0);
  return [...ofPods.map((one) => ({ ...one, replicas: wanted(one) })), ...idle.values()];
}

function nameOf({ cluster, namespace, kind, name }: Workload): string {
  return [cluster, namespace, kind, name].join('\0');
}
