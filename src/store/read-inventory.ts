import type { Inventory, Workload } from '../model/inventory.ts';
import { compareText } from '../util/compare.ts';
import { readLabelSets } from './read-endpoints.ts';
import type { Store } from './store.ts';
import { hoursOf, IN_HOURS, type TimeWindow } from './window.ts';

/** More pods of one workload than this are not counted apart. */
const REPLICAS_LIMIT = 1_000;

const FROM_ALWAYS: TimeWindow = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Pods and their workloads on one side of the edges, hour by hour. */
const side = (prefix: 'src' | 'dst') =>
  `SELECT cluster, ${prefix}_ns AS ns, ${prefix}_wl_kind AS kind, ${prefix}_wl AS wl, ${prefix}_labels AS labels, ` +
  `hour, groupUniqArrayArray(${REPLICAS_LIMIT})(${prefix}_pods) AS pods FROM edges_1h ` +
  `WHERE ${IN_HOURS} AND ${prefix}_kind = 'pod' GROUP BY cluster, ns, kind, wl, labels, hour`;

/**
 * What flows told about workloads and namespaces: one workload per distinct label set, with the most pods seen in one
 * hour (rollouts replace pods, so all pods of a week would count a workload several times over), and the newest labels
 * of each namespace. Ordered by cluster, namespace, kind, name and label set.
 */
export async function readInventory(store: Store, window: TimeWindow = FROM_ALWAYS): Promise<Inventory> {
  const labelSets = await readLabelSets(store);
  const hourly = `SELECT cluster, ns, kind, wl, labels, hour, length(groupUniqArrayArray(${REPLICAS_LIMIT})(pods)) AS pods
    FROM (${side('src')} UNION ALL ${side('dst')}) GROUP BY cluster, ns, kind, wl, labels, hour`;
  const sql = `SELECT cluster, ns, kind, wl, labels, toUInt32(max(pods)) FROM (${hourly}) GROUP BY cluster, ns, kind, wl, labels`;
  const workloads: Workload[] = [];
  for await (const rows of store.stream(sql, hoursOf(window))) {
    for (const [cluster, namespace, kind, name, labels, replicas] of rows as [
      string,
      string,
      string,
      string,
      string,
      number,
    ][]) {
      const set = labelSets.get(labels) ?? { id: labels, labels: new Map<string, string>() };
      workloads.push({ cluster, namespace, kind, name, labels: set, namedPorts: [], serviceAccount: '', replicas });
    }
  }
  return { workloads: workloads.sort(compareWorkloads), namespaces: await readNamespaces(store) };
}

function compareWorkloads(a: Workload, b: Workload): number {
  return (
    compareText(a.cluster, b.cluster) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.kind, b.kind) ||
    compareText(a.name, b.name) ||
    compareText(a.labels.id, b.labels.id)
  );
}

/** Newest labels of every namespace by `cluster/name`; among labels seen at the same moment the last in text order. */
async function readNamespaces(store: Store): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  const rows = await store.query(
    'SELECT cluster, namespace, argMax(labels, (seen, toString(labels))) FROM namespaces ' +
      'GROUP BY cluster, namespace ORDER BY cluster, namespace',
  );
  return new Map(
    (rows as [string, string, Record<string, string>][]).map(([cluster, namespace, labels]) => [
      `${cluster}/${namespace}`,
      new Map(Object.entries(labels).sort(([a], [b]) => compareText(a, b))),
    ]),
  );
}
