import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { BatchBuilder } from '../../ingest/batch/builder.ts';
import { runIngest } from '../../ingest/files/run-ingest.ts';
import { Framer } from '../../ingest/frames/frames.ts';
import { simulateFlows } from '../../src/app/simulate-flows.ts';
import { readSimulationGraph } from '../../src/app/simulate-input.ts';
import type { Batch } from '../../src/model/batch.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { openStore } from '../../src/store/client.ts';
import { writeBatch } from '../../src/store/write/batch.ts';

/**
 * What it costs to make rows of full Hubble records (simulated, about 1.7 KB each), against bare `JSON.parse` of the
 * same bytes in the same run. Figures are CPU time of one thread, the best of several rounds, because machines are
 * shared; the last line is a whole ingest into the embedded engine by the clock. `RECORDS=600000` makes a 1 GB file.
 */
const RECORDS = Number(process.env.RECORDS ?? 200_000);
const ROUNDS = Number(process.env.ROUNDS ?? 5);
const BLOCK = 1024 * 1024;
const CHUNK_ROWS = 50_000;

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

function splitOnly(bytes: Buffer): number {
  let fields = 0;
  const lines = bytes.toString('latin1').split('\n');
  for (const line of lines) fields += line.split(' ').length;
  return fields > lines.length ? lines.length : 0;
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
let batches = 0;

function toRows(bytes: Buffer, format: string, keep?: (batch: Batch) => void): number {
  const source = { topic: 'file:bench', partition: 0, format, cluster: 'bench' };
  const builder = new BatchBuilder({ ...source, interner: new LabelInterner(), now: Date.now });
  const flush = () => {
    const batch = builder.build(`bench-${batches++}`);
    encoded += batch.flows.pieces.length;
    keep?.(batch);
  };
  const records = eachFrame(bytes, (frame) => {
    builder.addFrame(frame, () => '');
    if (builder.size >= CHUNK_ROWS) flush();
  });
  flush();
  return records;
}

type Steps = Readonly<Record<string, () => number>>;

/** Runs every step in turn, several times, and prints the best CPU time of each; the first one is the floor. */
function compare(steps: Steps): void {
  const best = new Map<string, number>();
  for (let round = 0; round < ROUNDS; round++)
    for (const [name, step] of Object.entries(steps)) {
      const before = process.cpuUsage();
      const records = step();
      const { user, system } = process.cpuUsage(before);
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, (user + system) / records));
    }
  const floor = [...best.values()][0] ?? 0;
  for (const [name, cost] of best) tell(name, cost, `ratio ${(floor / cost).toFixed(2)}`);
}

function tell(name: string, cost: number, more: string): void {
  const rate = Math.round(1e6 / cost).toLocaleString('en');
  console.log(
    `${name.padEnd(40)} ${cost.toFixed(2).padStart(6)} µs CPU a record ${rate.padStart(9)} records/s ${more}`,
  );
}

/** Inserts into the embedded engine, edges included; the first batch is not counted. */
async function insert(bytes: Buffer): Promise<void> {
  const kept: Batch[] = [];
  toRows(bytes, 'hubble', (batch) => kept.push(batch));
  const store = await openStore({ data: join(folder, 'insert') });
  const [first, ...others] = kept;
  if (first) await writeBatch(store, first);
  const before = process.cpuUsage();
  for (const batch of others) await writeBatch(store, batch);
  const { user, system } = process.cpuUsage(before);
  const rows = others.reduce((sum, { flows }) => sum + flows.rows, 0);
  await store.close();
  if (rows > 0) tell('insert (rows and edges, all threads)', (user + system) / rows, `${kept.length} batches`);
}

/** The lines of a test scenario, again and again; their times repeat, which changes nothing here. */
function scenario(name: string): Buffer {
  const lines = readFileSync(join('test/scenarios', name));
  return Buffer.concat(Array<Buffer>(Math.ceil((RECORDS * 200) / lines.length)).fill(lines));
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
  await insert(bytes);
  const goldmane = scenario('goldmane-emitter/input.ndjson');
  console.log('Goldmane, as its emitter writes it');
  compare({
    'JSON.parse alone': () => parseOnly(goldmane),
    'framing + decode + fold + encode': () => toRows(goldmane, 'goldmane'),
  });
  const aws = scenario('aws-vpc-default-format/input.log');
  console.log('AWS VPC lines, which are no JSON');
  compare({
    'splitting lines at blanks alone': () => splitOnly(aws),
    'framing + decode + fold + encode': () => toRows(aws, 'aws-vpc'),
  });
  console.log(`(${encoded} pieces encoded)`);
  await wholePath(bytes.length);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
