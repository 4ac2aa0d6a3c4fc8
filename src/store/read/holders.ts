import { labelSet } from '../../model/labels.ts';
import { type InventoryTable, inventoryRows } from '../schema/inventory-tables.ts';

/** What is known not to be a pod has no labels, which is not the same as unknown labels. */
const NO_LABELS = `toUInt64('${labelSet(new Map()).id}')`;

/** The end of what has no end yet. */
export const NEVER = "toDateTime64('2105-12-31 00:00:00', 3, 'UTC')";
const ALWAYS = "toDateTime64('1970-01-01 00:00:00', 3, 'UTC')";

/** How long after a pod has ended records about it may still be dated: the longest window clouds aggregate over. */
const LATE_MINUTES = 10;

/** Of one cluster, or of all. */
const OF_CLUSTER = 'cluster = {cluster:String}';

/**
 * Versions of the things in `table`, each with `begins` and `until`: from when (its creation, for the first version) to
 * the first snapshot that no longer lists it, though it lists things of its kind. Until then it is taken to live on.
 */
export function versionsSql(table: InventoryTable, where = OF_CLUSTER): string {
  const kind = { pods: "'Pod'", services: "'Service'", nodes: "'Node'", workloads: 'kind' }[table];
  const known = `SELECT *, ${kind} AS listed_as, min(first_seen) OVER (PARTITION BY cluster, uid) AS appeared
    FROM ${inventoryRows(table)} WHERE ${where}`;
  return `SELECT v.*, if(v.first_seen = v.appeared, least(v.since, v.first_seen), v.first_seen) AS begins,
    if(s.at = ${ALWAYS}, ${NEVER}, s.at) AS until
    FROM (${known}) AS v ASOF LEFT JOIN (SELECT cluster, arrayJoin(covers) AS listed_as, at FROM snapshots) AS s
    ON v.cluster = s.cluster AND v.listed_as = s.listed_as AND v.last_seen < s.at`;
}

/** Versions of pods, with `leaves`: when they gave their addresses back. */
export function podVersionsSql(where = OF_CLUSTER): string {
  return `SELECT *, if(ended > ${ALWAYS}, least(until, ended + toIntervalMinute(${LATE_MINUTES})), until) AS leaves
    FROM (${versionsSql('pods', where)})`;
}

const POD_VERSIONS = podVersionsSql();

/** Columns that say who holds an address. */
const WHO = ['kind', 'ns', 'wl', 'wl_kind', 'labels', 'peer', 'pod', 'service_id'];

const PODS = `SELECT cluster, arrayJoin(addresses) AS address, begins, leaves, 'pod' AS kind, namespace AS ns,
  workload AS wl, workload_kind AS wl_kind, labels, '' AS peer, pod, toUInt64(0) AS service_id
  FROM (${POD_VERSIONS}) WHERE NOT host_network`;

/** Host-network pods come and go under the address of their node: together they are the node. */
const HOSTS = `SELECT cluster, address, min(begins) AS begins, max(leaves) AS leaves, 'host' AS kind, '' AS ns, '' AS wl,
  '' AS wl_kind, ${NO_LABELS} AS labels, peer, '' AS pod, toUInt64(0) AS service_id FROM (
    SELECT cluster, arrayJoin(addresses) AS address, begins, until AS leaves, node AS peer FROM (${versionsSql('nodes')})
    UNION ALL
    SELECT cluster, arrayJoin(addresses) AS address, begins, leaves, node AS peer FROM (${POD_VERSIONS}) WHERE host_network
  ) GROUP BY cluster, address, peer`;

const SERVICES = `SELECT cluster, arrayJoin(addresses) AS address, begins, until AS leaves, 'service' AS kind,
  namespace AS ns, '' AS wl, '' AS wl_kind, ${NO_LABELS} AS labels, service AS peer, '' AS pod,
  cityHash64(cluster, uid, version) AS service_id FROM (${versionsSql('services')})`;

/**
 * Who held which address of which cluster from `begins` to before `leaves`, without gaps or overlaps: a row with
 * `held = 0` says that nobody is known to. Whoever came last holds an address, because the one before must have left.
 * One row is found for a moment by an ASOF JOIN on `begins`; an address without any row is not in the inventory.
 */
const HOLDERS_SQL = `SELECT cluster, address, span.1 AS begins, span.2 AS leaves, span.3 AS held, ${WHO.join(', ')}
  FROM (
    SELECT cluster, address, ${WHO.join(', ')}, arrayJoin(arrayConcat(
      [(begins, least(leaves, next), 1)],
      if(leaves < next, [(leaves, next, 0)], []),
      if(place = 1, [(${ALWAYS}, begins, 0)], [])
    )) AS span
    FROM (
      SELECT *, leadInFrame(begins, 1, ${NEVER}) OVER w AS next, row_number() OVER w AS place FROM (
        ${PODS} UNION ALL ${HOSTS} UNION ALL ${SERVICES}
      ) WHERE begins < leaves AND address != toIPv6('::')
      WINDOW w AS (PARTITION BY cluster, address ORDER BY begins, kind, peer, ns, pod
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
    )
  ) WHERE span.1 < span.2`;

/**
 * Behind each Service (by its version) and port: which workloads, on which pod port, from when to when. Groups of pods
 * that no policy could tell apart are one entry.
 */
const BACKENDS_SQL = `SELECT service_id, groupArray((proto, port, target, kind, ns, wl, wl_kind, labels, begins, leaves)) AS backends
  FROM (
    SELECT s.service_id AS service_id, s.of.2 AS proto, s.of.3 AS port,
      if(match(s.of.4, '^[0-9]+$'), toUInt16OrZero(s.of.4), arrayFirst(x -> x.1 = s.of.4 AND x.2 = s.of.2, p.ports).3) AS target,
      if(p.host_network, 'host', 'pod') AS kind, p.namespace AS ns, p.workload AS wl, p.workload_kind AS wl_kind,
      p.labels AS labels, min(p.begins) AS begins, max(p.leaves) AS leaves
    FROM (
      SELECT cluster, namespace, cityHash64(cluster, uid, version) AS service_id, arrayJoin(ports) AS of, selector
      FROM ${inventoryRows('services')} WHERE ${OF_CLUSTER} AND notEmpty(selector)
    ) AS s INNER JOIN (${POD_VERSIONS}) AS p ON s.cluster = p.cluster AND s.namespace = p.namespace
    WHERE arrayAll(key -> mapContains(p.all_labels, key) AND p.all_labels[key] = s.selector[key], mapKeys(s.selector))
    GROUP BY service_id, proto, port, target, kind, ns, wl, wl_kind, labels
  ) GROUP BY service_id`;

/** Holders together with what is behind them. */
export const HOLDERS_WITH_BACKENDS_SQL = `SELECT h.* EXCEPT (service_id), b.backends AS backends FROM (${HOLDERS_SQL}) AS h
  LEFT JOIN (${BACKENDS_SQL}) AS b ON h.service_id = b.service_id`;

/** Kinds and label sets of the workloads of each name: of their pods, or of their templates when no pod was seen. */
export const OWNERS_SQL = `SELECT cluster, ns, wl, if(notEmpty(of_pods), of_pods, of_templates) AS sets FROM (
    SELECT cluster, ns, wl, groupUniqArrayIf((kind, labels), is_pod) AS of_pods,
      groupUniqArrayIf((kind, labels), NOT is_pod) AS of_templates
    FROM (
      SELECT cluster, namespace AS ns, workload AS wl, workload_kind AS kind, labels, true AS is_pod FROM ${inventoryRows('pods')} WHERE ${OF_CLUSTER}
      UNION ALL
      SELECT cluster, namespace AS ns, workload AS wl, kind, labels, false AS is_pod FROM ${inventoryRows('workloads')} WHERE ${OF_CLUSTER}
    ) GROUP BY cluster, ns, wl
  )`;
