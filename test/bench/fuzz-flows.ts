import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchBuilder } from '../../ingest/batch/builder.ts';
import { addCounts, newCounts } from '../../ingest/batch/builder-counts.ts';
import type { PositionedFlow, Reject } from '../../src/model/batch.ts';
import { openStore } from '../../src/store/client.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { FlowRows } from '../../src/store/write/flow-rows.ts';
import { type Mutant, mutant } from './fuzz-flows/mutate.ts';
import { accountedFor, addInput, FlowReader, isSame, type Reading, readingOf } from './fuzz-flows/reader.ts';
import { rowFault } from './fuzz-flows/row-fault.ts';
import { flowSeeds } from './fuzz-flows/seeds.ts';
import { NO_INPUT, startWatchdog } from './fuzz-flows/watchdog.ts';

/**
 * Mutated flow records of every format and in every envelope, through the code that a Kafka message takes. No input
 * throws or takes more than a second; each ends in rows, rejects, skips or losses; rows are sound; reading the
 * same bytes again, in another order and by a fresh reader, gives the same; memory does not grow; and the embedded
 * engine takes all that came out. `fuzz-flows [COUNT] [FIRST]`; the same number is the same input. `OUTSIDE=0` leaves
 * out samples that are not part of the project.
 */
const [count = 1_000_000, first = 0] = process.argv.slice(2).map(Number);
const LIMIT_MS = 1_000;
const GROUP = 200;
const INSERT_ROWS = 100_000;
const MB = 2 ** 20;
/** Beyond what the engine takes: groups of inputs, memories of decoders, one insert. */
const RSS_LIMIT = 1_500 * MB;
const GROWTH_LIMIT = 100 * MB;

const wanted = flowSeeds(process.env.OUTSIDE !== '0');
const options = Object.assign({}, ...wanted.seeds.map((seed) => seed.options)) as Reading['options'];
const folder = mkdtempSync(join(tmpdir(), 'microwall-fuzz-'));
const store = await openStore({ data: join(folder, 'data') });
const current = startWatchdog(wanted.outside, tmpdir());

const total = newCounts();
const faults: string[] = [];
let slowest = { took: 0, number: 0 };
let [rows, rejects] = [new FlowRows(), [] as Reject[]];
const expected = { rows: 0, rejects: 0 };

function fault(number: number, what: string): void {
  const { name, bytes } = mutant(number, wanted.seeds);
  if (faults.length < 20) writeFileSync(join(tmpdir(), `fuzz-flows-${number}.bin`), bytes);
  faults.push(`${number} (${name}): ${what}`);
  console.error(`FAULT ${faults.at(-1)}`);
}

function taken(row: PositionedFlow): void {
  const wrong = rowFault(row);
  if (wrong !== undefined) fault(row.position.offset, `a row with ${wrong}`);
  rows.add(row);
}

function read(builder: BatchBuilder, number: number, { bytes }: Mutant): void {
  Atomics.store(current, 0, number);
  const before = accountedFor(builder);
  const start = performance.now();
  attempt(builder, number, bytes);
  const took = performance.now() - start;
  if (took > slowest.took) slowest = { took, number };
  if (took > LIMIT_MS) timeAgain(number, bytes);
  if (accountedFor(builder) === before) fault(number, 'gave nothing and says nothing of it');
}

/** A busy machine makes everything slow, so only what also took the processor for as long, each time, is at fault. */
function timeAgain(number: number, bytes: Buffer): void {
  const times = [1, 2, 3].map(() => {
    const cpu = process.cpuUsage();
    attempt(new FlowReader().builderFor(readingOf(groupOf(number), options)), number, bytes);
    const { user, system } = process.cpuUsage(cpu);
    return (user + system) / 1_000;
  });
  const quickest = Math.min(...times);
  if (quickest > LIMIT_MS) fault(number, `took ${quickest.toFixed(0)} ms for ${bytes.length} bytes`);
}

function attempt(builder: BatchBuilder, number: number, bytes: Buffer): void {
  try {
    addInput(builder, number, bytes);
  } catch (error) {
    fault(number, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function groupOf(number: number): number {
  return Math.floor(number / GROUP);
}

/** Reads a group twice: with all that was remembered of earlier ones, and by a reader that has seen nothing yet. */
function readGroup(reader: FlowReader, from: number, to: number): void {
  const reading = readingOf(groupOf(from), options);
  const [builder, fresh] = [reader.builderFor(reading), new FlowReader().builderFor(reading)];
  for (let number = from; number < to; number++) {
    const input = mutant(number, wanted.seeds);
    read(builder, number, input);
    attempt(fresh, number, input.bytes);
  }
  addCounts(total, builder.counts);
  const [batch, again] = [builder.build(''), fresh.build('')];
  for (const { position, reason, detail } of batch.rejects)
    if (reason === 'decoder-failed') fault(position.offset, detail);
  if (!isSame(batch, again)) fault(from, `this or one of the next ${GROUP} gives something else when it is read again`);
  rejects.push(...batch.rejects);
}

async function insert(): Promise<void> {
  Atomics.store(current, 0, NO_INPUT);
  expected.rows += rows.count;
  expected.rejects += rejects.length;
  const batch = { token: `fuzz-${expected.rows}-${expected.rejects}`, ...rows.take(), rejects, namespaces: [] };
  rejects = [];
  await writeBatch(store, batch);
}

/** Of this process without the engine, after collecting garbage. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const reader = new FlowReader(taken);
const settledAt = first + Math.ceil(count / 5);
let [settled, peak] = [0, 0];
for (let from = first; from < first + count; from += GROUP) {
  readGroup(reader, from, Math.min(from + GROUP, first + count));
  if (rows.count + rejects.length >= INSERT_ROWS) await insert();
  if (settled === 0 && from >= settledAt) settled = held();
  if ((from - first) % (10 * GROUP) > 0) continue;
  peak = Math.max(peak, process.memoryUsage.rss());
  console.error(`${from - first} of ${count}, ${Math.round(peak / MB)} MB, ${faults.length} faults …`);
}
await insert();

const [stored] = await store.query(`SELECT (SELECT count() FROM flows), (SELECT count() FROM rejects),
  (SELECT count() - uniqExact(offset, index) FROM flows), (SELECT sum(records) FROM edges_1h)`);
const due = [expected.rows, expected.rejects, 0, expected.rows];
if (String(stored) !== String(due)) faults.push(`stored, rejects, doubles, in edges: ${stored} instead of ${due}`);
const growth = held() - settled;
if (growth > GROWTH_LIMIT) faults.push(`${Math.round(growth / MB)} MB more are held than after the first fifth`);
if (peak > RSS_LIMIT) faults.push(`peak memory of ${Math.round(peak / MB)} MB`);

const listed = (map: ReadonlyMap<string, number>) =>
  [...map]
    .sort(([, a], [, b]) => b - a)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');
console.log(`${count} inputs from number ${first}, made of ${wanted.seeds.length} records`);
if (!wanted.outside) console.log('outside samples: skipped, because they are absent or not wanted');
const reasons = new Map([...total.rejected].map(([reason, { count: times }]) => [reason, times]));
console.log(`stored: ${total.rows} rows, ${total.rejects} rejects; events lost: ${total.lost}`);
console.log(`rows by format: ${listed(total.formats)}`);
console.log(`rejects by reason: ${listed(reasons)}`);
console.log(`skips by reason: ${listed(total.skipped)}`);
console.log(`slowest: number ${slowest.number}, ${slowest.took.toFixed(0)} ms`);
console.log(`memory: peak ${Math.round(peak / MB)} MB with the engine, growth ${Math.round(growth / MB)} MB`);
for (const text of faults.slice(0, 20)) console.log(`FAULT ${text}`);
if (faults.length > 0) {
  console.log(`${faults.length} faults; the first 20 inputs are saved in ${tmpdir()} as fuzz-flows-NUMBER.bin`);
  process.exitCode = 1;
}
await store.close();
rmSync(folder, { recursive: true, force: true });
