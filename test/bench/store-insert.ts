/**
 * What storing costs: encoding alone, then batches of several sizes into a fresh embedded store, in µs a row of wall
 * clock and of CPU (engine included). `node dist/test/bench/store-insert.js [rows]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PositionedFlow } from '../../src/model/batch.ts';
import { openStore } from '../../src/store/client.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { encodeFlows } from '../../src/store/write/flow-rows.ts';
import { sampleFlows } from '../store/sample-flows.ts';

const ROWS = Number(process.argv[2] ?? 300_000);

function report(what: string, rows: number, started: number, cpu: NodeJS.CpuUsage): void {
  const wall = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  const perRow = (microseconds: number) => (microseconds / rows).toFixed(2).padStart(8);
  console.log(
    `${what.padEnd(28)} ${perRow(wall * 1000)} µs/row wall ${perRow(user + system)} µs/row CPU ` +
      `${Math.round(rows / (wall / 1000)).toLocaleString('en')} rows/s`,
  );
}

function encodeOnly(rows: readonly PositionedFlow[]): void {
  for (const pass of ['cold', 'warm', 'warm']) {
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    let bytes = 0;
    for (const piece of encodeFlows(rows).pieces) bytes += piece.length;
    report(`encode, ${pass} (${Math.round(bytes / rows.length)} B/row)`, rows.length, started, cpu);
  }
}

async function insert(rows: readonly PositionedFlow[], size: number): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
  const store = await openStore({ data });
  const [started, cpu] = [performance.now(), process.cpuUsage()];
  for (let at = 0; at < rows.length; at += size)
    await writeBatch(store, {
      token: String(at),
      flows: encodeFlows(rows.slice(at, at + size)),
      rejects: [],
      labelSets: [],
      namespaces: [],
    });
  report(`insert, ${size.toLocaleString('en')} rows a batch`, rows.length, started, cpu);
  await store.close();
  rmSync(data, { recursive: true, force: true });
}

const rows = sampleFlows(ROWS).map((flow, offset) => ({
  flow,
  position: { topic: 'flows', partition: 0, offset, index: 0 },
}));
encodeOnly(rows);
for (const size of [5_000, 20_000, 50_000, 100_000]) await insert(rows, size);
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);
