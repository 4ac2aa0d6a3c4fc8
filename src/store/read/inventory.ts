import type { Inventory, Workload } from '../../model/inventory.ts';
import type { LabelSet } from '../../model/labels.ts';
import { compareText } from '../../util/compare.ts';
import type { Store } from '../store.ts';
import { readAccounts } from './accounts.ts';
import { type EdgeRelation, edgeRelation } from './edge-relation.ts';
import { readLabelSets } from './endpoints.ts';
import { readListed } from './listed.ts';
import type { TimeWindow } from './window.ts';

/** More pods of one workload than this are not counted apart. */
const REPLICAS_LIMIT = 1_000;

const FROM_ALWAYS: TimeWindow = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Pods and their workloads on one side of the edges, hour by hour. */
const side = (prefix: 'src' | 'dst', relation: EdgeRelation) =>
  `SELECT cluster, ${prefix}_ns AS ns, ${prefix}_wl_kind AS kind, ${prefix}_wl AS wl, ${prefix}_labels AS labels, ` +
  `hour, groupUniqArrayArray(${REPLICAS_LIMIT})(${prefix}_pods) AS pods FROM ${relation.sql} AS e ` +
  `WHERE ${prefix}_kind = 'pod' GROUP BY cluster, ns, kind, wl, labels, hour`;

/**
 * The workloads and namespaces that flows and snapshots told of: one workload per distinct label set, those without
 * traffic included. A snapshot's word counts for ports, accounts and wanted pods; otherwise the account is that of the
 * identity in flows, and `replicas` the most pods seen in one hour (rollouts replace pods, so all pods of a week would
 * count a workload several times over). Ordered by cluster, namespace, kind, name and label set.
 */
export async function readInventory(store: Store, window: TimeWindow = FROM_ALWAYS): Promise<Inventory> {
  const labelSets = await readLabelSets(store);
  const accounts = await readAccounts(store, window);
  const workloads = new Map<string, Workload>();
  for (const workload of await readListed(store, window, labelSets)) workloads.set(keyOf(workload), workload);
  for (const seen of await readSeen(store, window, labelSets)) {
    const listed = workloads.get(keyOf(seen));
    const replicas = Math.max(seen.replicas, listed?.replicas ?? 0);
    workloads.set(keyOf(seen), listed === undefined ? seen : { ...listed, replicas });
  }
  const known = [...workloads.values()].map((workload) =>
    workload.serviceAccount === '' ? { ...workload, serviceAccount: accounts.of(workload) } : workload,
  );
  return { workloads: known.sort(compareWorkloads), namespaces: await readNamespaces(store) };
}

type LabelSets = ReadonlyMap<string, LabelSet>;

function keyOf({ cluster, namespace, kind, name, labels }: Workload): string {
  return [cluster, namespace, kind, name, labels.id].join('\0');
}

/** Workloads that took part in traffic. */
async function readSeen(store: Store, window: TimeWindow, labelSets: LabelSets): Promise<Workload[]> {
  const relation = await edgeRelation(store, window);
  const hourly = `SELECT cluster, ns, kind, wl, labels, hour, length(groupUniqArrayArray(${REPLICAS_LIMIT})(pods)) AS pods
    FROM (${side('src', relation)} UNION ALL ${side('dst', relation)}) GROUP BY cluster, ns, kind, wl, labels, hour`;
  const sql = `SELECT cluster, ns, kind, wl, labels, toUInt32(max(pods)) FROM (${hourly}) GROUP BY cluster, ns, kind, wl, labels`;
  const workloads: Workload[] = [];
  for await (const rows of store.stream(sql, relation.parameters)) {
    for (const row of rows) {
      const [cluster, namespace, kind, name, labels] = row.map(String) as [string, string, string, string, string];
      const set = labelSets.get(labels) ?? { id: labels, labels: new Map<string, string>() };
      const replicas = Number(row[5]);
      workloads.push({ cluster, namespace, kind, name, labels: set, namedPorts: [], serviceAccount: '', replicas });
    }
  }
  return workloads;
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
