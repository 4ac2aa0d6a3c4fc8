import type { Store } from '../store.ts';
import { HOLDERS_WITH_BACKENDS_SQL, OWNERS_SQL } from './holders.ts';

const BUILT_TABLES: readonly { readonly table: string; readonly columns: string; readonly sql: string }[] = [
  {
    table: 'address_holders',
    columns: 'address, begins, leaves, held, kind, ns, wl, wl_kind, labels, peer, pod, backends',
    sql: HOLDERS_WITH_BACKENDS_SQL,
  },
  { table: 'workload_names', columns: 'ns, wl, sets', sql: OWNERS_SQL },
];

/** Rows of the newest finished build of each cluster, as a sub-query. */
export function builtRows(table: 'address_holders' | 'workload_names'): string {
  return `(SELECT * FROM ${table} WHERE (cluster, built) IN (SELECT cluster, max(built) FROM inventory_builds GROUP BY cluster))`;
}

/**
 * Works out who held which address when from all snapshots of `cluster`, unless nothing has come since that was done.
 * A build is numbered by the time at which it begins, when its snapshots are in the store already: of two that run at
 * the same time the later one has seen the snapshots of both, and it is the one that counts.
 */
export async function buildInventory(store: Store, cluster: string): Promise<void> {
  const [state] = await store.query(
    `SELECT toString(toUnixTimestamp64Milli(now64(3))),
       (SELECT toString(uniqExact(at, digest)) FROM snapshots WHERE cluster = {cluster:String}),
       (SELECT toString(argMax(snapshots, built)) FROM inventory_builds WHERE cluster = {cluster:String})`,
    { cluster },
  );
  const [built, snapshots, seen] = state ?? [];
  if (snapshots === seen) return;
  for (const { table, columns, sql } of BUILT_TABLES)
    await store.command(
      `INSERT INTO ${table} (cluster, built, ${columns}) SELECT cluster, {built:UInt64}, ${columns} FROM (${sql})`,
      { cluster, built },
    );
  await store.command('INSERT INTO inventory_builds SELECT {cluster:String}, {built:UInt64}, {snapshots:UInt64}', {
    cluster,
    built,
    snapshots,
  });
  await dropBuilds(store, cluster);
}

/** Removes builds that no reader can be at any more: all but the newest two. */
async function dropBuilds(store: Store, cluster: string): Promise<void> {
  const old = await store.query(
    `SELECT DISTINCT toString(cityHash64(cluster, built)) FROM address_holders WHERE cluster = {cluster:String} AND built <
       (SELECT min(built) FROM (SELECT built FROM inventory_builds WHERE cluster = {cluster:String} ORDER BY built DESC LIMIT 2))`,
    { cluster },
  );
  for (const [partition] of old)
    for (const { table } of BUILT_TABLES)
      await store.command(`ALTER TABLE ${table} DROP PARTITION ${BigInt(String(partition))}`);
}
