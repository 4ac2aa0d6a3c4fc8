import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { BatchBuilder } from '../../ingest/batch-builder.ts';
import { Framer } from '../../ingest/frames.ts';
import { runIngest } from '../../ingest/run-ingest.ts';
import { simulateFlows } from '../../src/app/simulate-flows.ts';
import { readSimulationGraph } from '../../src/app/simulate-input.ts';
import { LabelInterner } from '../../src/model/labels.ts';

/**
 * What it costs to make rows of full Hubble records (simulated, about 1.7 KB each), against bare `JSON.parse` of the
 * same bytes in the same run. Figures are CPU time of one thread, the best of several rounds, because machines are
 * shared; the last line is a whole ingest into the embedded engine by the clock. `RECORDS=600000` makes a 1 GB file.
 */
const RECORDS = Number(process.env.RECORDS ?? 100_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const BLOCK = 1024 * 1024;
const CHUNK_ROWS = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
const file = join(folder, 'flows.jsonl');

async function simulate(): Promise<Buffer> {
  const { graph } = await readSimulationGraph({ input: 'shop', days: 1, fromTruth: false }, process.stdin);
  await simulateFlows({ graph, compact: false, out: file, flows: RECORDS }, { stdout: process.stdout });
  return readFileSync(file);
}

function parseOnly(bytes: Buffer): number {
  let records = 0;
  for (let at = 0, end = bytes.indexOf(10); end >= 0; at = end + 1, end = bytes.indexOf(10, at)) {
    JSON.parse(bytes.toString('latin1', at, end));
    records += 1;
  }
  return records;
}

function frameOnly(bytes: Buffer): number {
  return eachFrame(bytes, () => {});
}

function eachFrame(bytes: Buffer, use: (frame: NonNullable<ReturnType<Framer['next']>>) => void): number {
  const framer = new Framer();
  let records = 0;
  for (let at = 0; at < bytes.length; at += BLOCK) {
    framer.feed(bytes.subarray(at, at + BLOCK));
    if (at + BLOCK >= bytes.length) framer.end();
    for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
      use(frame);
      records += 1;
    }
  }
  return records;
}

/** Pieces encoded so far; read at the end, so that nothing is optimised away. */
let encoded = 0;

function toRows(bytes: Buffer, format: string): number {
  const source = { topic: 'file:bench', partition: 0, format, cluster: 'bench' };
  const builder = new BatchBuilder({ ...source, interner: new LabelInterner(), now: Date.now });
  const flush = () => {
    encoded += builder.build('').flows.pieces.length;
  };
  const records = eachFrame(bytes, (frame) => {
    builder.addFrame(frame, () => '');
    if (builder.size >= CHUNK_ROWS) flush();
  });
  flush();
  return records;
}

/** Runs every step in turn, several times, and prints the best CPU time of each. */
function compare(steps: Readonly<Record<string, () => number>>): void {
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, step] of Object.entries(steps)) {
      const before = process.cpuUsage();
      const records = step();
      const { user, system } = process.cpuUsage(before);
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / records));
    }
  const floor = [...best.values()][0] ?? 0;
  for (const [name, cost] of best)
    console.log(`${name.padEnd(34)} ${cost.toFixed(2).padStart(6)} µs a record, ratio ${(floor / cost).toFixed(2)}`);
}

async function wholePath(size: number): Promise<void> {
  const started = performance.now();
  const { counts } = await runIngest({
    paths: [file],
    store: { data: join(folder, 'store') },
    stdin: process.stdin,
    recursive: false,
    format: 'auto',
    cluster: 'bench',
    now: Date.now,
  });
  const seconds = (performance.now() - started) / 1000;
  const rate = Math.round(counts.records / seconds).toLocaleString('en');
  const memory = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(
    `whole file into the embedded engine: ${rate} records/s, ${(size / 1e6 / seconds).toFixed(0)} MB/s, peak ${memory} MB`,
  );
}

try {
  const bytes = await simulate();
  const records = parseOnly(bytes);
  console.log(`${records.toLocaleString('en')} records of ${Math.round(bytes.length / records)} bytes`);
  compare({
    'JSON.parse alone': () => parseOnly(bytes),
    'framing + JSON.parse': () => frameOnly(bytes),
    '+ decode + fold + encode': () => toRows(bytes, 'hubble'),
    '+ decode + fold + encode (auto)': () => toRows(bytes, 'auto'),
  });
  console.log(`(${encoded} pieces encoded)`);
  await wholePath(bytes.length);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
