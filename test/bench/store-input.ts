import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/client.ts';
import { readEdges } from '../../src/store/read/edges.ts';
import { resolveWindow } from '../../src/store/read/window.ts';
import type { Store } from '../../src/store/store.ts';

const STEP = 400_000;

const PART = `INSERT INTO flows (ts, ts_end, source, cluster, node, vantage, oriented, proto, src_ip, dst_ip, dst_port,
    src_kind, dst_kind, src_ns, dst_ns, src_wl, dst_wl, src_wl_kind, dst_wl_kind, src_pod, dst_pod, src_labels,
    dst_labels, verdict, connections)
  SELECT toDateTime64('2026-11-01 00:00:00', 3, 'UTC') + intDiv(n, 2) % 2 * 3600 AS ts, ts, 'hubble', 'prod', 'node',
    if(n % 2 = 0, 'src', 'dst'), 'reported', 6, toIPv6('10.0.0.1'), toIPv6('10.0.0.2'), 8000 + e % 5, 'pod', 'pod',
    concat('ns-', toString(c % 200)), concat('ns-', toString(s % 200)), concat('wl-', toString(c)),
    concat('wl-', toString(s)), 'Deployment', 'Deployment', concat('wl-', toString(c), '-', toString(n % 2)),
    concat('wl-', toString(s), '-', toString(n % 3)), sipHash64(c), sipHash64(s), 'allow', 1
  FROM (SELECT number AS n, intDiv(number, 4) AS e, e % 10000 AS c, intDiv(e, 5) * 7919 % 10007 AS s
    FROM numbers({from:UInt64}, {count:UInt64}))`;

/** Fills a store with so many distinct edges between 10,000 workloads, each seen by both ends in two hours. */
async function fill(store: Store, edges: number): Promise<void> {
  for (let from = 0; from < edges * 4; from += STEP)
    await store.command(PART, { from, count: Math.min(STEP, edges * 4 - from) });
}

/** Reads so many edges from a fresh embedded store, and tells in a line what it took. */
export async function measureReading(size: number): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
  const store = await openStore({ data });
  await fill(store, size);
  const window = await resolveWindow(store, {});
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  const edges = await readEdges(store, window);
  const wall = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await store.close();
  rmSync(data, { recursive: true, force: true });
  return (
    `${edges.length.toLocaleString('en')} edges read: ${wall.toFixed(2)} s wall, ${((user + system) / 1e6).toFixed(2)} s CPU, ` +
    `heap ${Math.round(process.memoryUsage().heapUsed / 1e6)} MB, peak ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`
  );
}
