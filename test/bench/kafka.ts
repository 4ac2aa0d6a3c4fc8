import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import kafkajs, { type Kafka, Partitioners } from 'kafkajs';
import { consumeInput, FETCH_BYTES } from '../../ingest/consume/config.ts';
import { consume } from '../../ingest/consume/consume.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startBroker } from '../helpers/kafka-broker.ts';
import { hubbleFlow } from '../helpers/kafka-flows.ts';

/**
 * The whole path from a real broker to rows and edges in the embedded engine, without and with threads that decode,
 * against its floors in the same run: bare `JSON.parse`, and kafkajs reading the same topic and doing nothing. What it
 * takes to start and to end (opening the engine, making its tables, noticing that nothing more comes) is measured with
 * an empty topic and taken off, because a consumer starts once.
 * `BACKLOG=5000000` then lets the command line read a backlog of so many small messages and tells its peak memory.
 */
const RECORDS = Number(process.env.RECORDS ?? 1_000_000);
const BACKLOG = Number(process.env.BACKLOG ?? 0);
const THREADS = Number(process.env.THREADS ?? 1);
const PARTITIONS = 4;
const RECORD_BYTES = 1_500;
const SEND_BYTES = 1 << 19;
/** After so many milliseconds without a message everything is read. */
const IDLE_MS = 1_000;

interface Cost {
  /** Seconds by the clock and of CPU, of all threads. */
  readonly wall: number;
  readonly cpu: number;
  /** Largest resident memory, MiB. */
  readonly memory: number;
}

/** Runs `work` and measures what it took. */
async function measure(work: () => Promise<void> | void): Promise<Cost> {
  let memory = 0;
  const sampler = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage.rss() / 2 ** 20);
  }, 50);
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  clearInterval(sampler);
  return { wall: (performance.now() - start) / 1e3, cpu: (user + system) / 1e6, memory };
}

/** A record with as many labels as the full records of real exporters have. */
function fullRecord(at: number): string {
  const record = JSON.parse(hubbleFlow(at)) as {
    flow: { source: { labels: string[] }; destination: { labels: string[] } };
  };
  for (let label = 0; JSON.stringify(record).length < RECORD_BYTES - 40; label++)
    (label % 2 === 0 ? record.flow.source : record.flow.destination).labels.push(
      `k8s:team.example.org/label-${label}=value-${label}`,
    );
  return JSON.stringify(record);
}

const RECORD_POOL = Array.from({ length: 2_000 }, (_, at) => fullRecord(at));

/** Fills a new topic with `records` of `pool`, so many to a message. */
async function produce(kafka: Kafka, pool: readonly string[], records: number, perMessage: number): Promise<string> {
  const topic = `bench-${randomUUID()}`;
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let at = 0; at < records; ) {
    const messages = [];
    for (let bytes = 0; bytes < SEND_BYTES && at < records; at += perMessage) {
      const value = Array.from({ length: perMessage }, (_, index) => pool[(at + index) % pool.length]).join('\n');
      bytes += value.length;
      messages.push({ value, partition: (at / perMessage) % PARTITIONS });
    }
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
  return topic;
}

/** kafkajs alone, with the fetch sizes of the consumer. */
async function readOnly(kafka: Kafka, topic: string, perMessage: number): Promise<void> {
  const consumer = kafka.consumer({
    groupId: randomUUID(),
    maxBytesPerPartition: FETCH_BYTES,
    maxBytes: 8 * FETCH_BYTES,
    maxWaitTimeInMs: 250,
  });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let seen = 0;
  await new Promise<void>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { messages: unknown[] } }) => {
      seen += batch.messages.length;
      if (seen * perMessage >= RECORDS) resolve();
    };
    consumer.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await consumer.disconnect();
}

interface Path {
  readonly kafka: Kafka;
  readonly brokers: string;
  readonly topic: string;
  readonly messages: number;
  readonly threads: number;
}

async function confirmed(kafka: Kafka, groupId: string, topic: string): Promise<number> {
  const admin = kafka.admin();
  await admin.connect();
  const [entry] = await admin.fetchOffsets({ groupId, topics: [topic] });
  await admin.disconnect();
  return (entry?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
}

async function wholePath({ kafka, brokers, topic, messages, threads }: Path): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
  const group = randomUUID();
  const settings = consumeInput.parse({
    kafka: { brokers: [brokers], group },
    topics: [{ name: topic, format: 'hubble', cluster: 'bench' }],
    store: { data },
    decodeThreads: threads,
  });
  const log = createLog({ write: (line) => process.stderr.write(line), now: Date.now, level: 'error' });
  await consume({ settings, log, signal: new AbortController().signal, untilIdle: IDLE_MS });
  const read = await confirmed(kafka, group, topic);
  if (read !== messages) throw new Error(`${read} of ${messages} messages were read`);
  rmSync(data, { recursive: true, force: true });
}

function line(what: string, { wall, cpu, memory }: Cost, floor?: Cost): void {
  const each = (seconds: number) => ((seconds / RECORDS) * 1e6).toFixed(1).padStart(6);
  const rate = Math.round(RECORDS / wall)
    .toLocaleString('en')
    .padStart(9);
  const ratio = floor
    ? `  ${(floor.cpu / cpu).toFixed(2)} of the floor (CPU), ${(floor.wall / wall).toFixed(2)} (clock)`
    : '';
  process.stdout.write(
    `${what.padEnd(48)}${rate} records/s ${each(wall)} µs ${each(cpu)} µs CPU ${memory.toFixed(0).padStart(5)} MiB${ratio}\n`,
  );
}

/** The command line reads a backlog until nothing is left; gives its peak memory in MiB, from the kernel. */
async function readBacklog(brokers: string, topic: string): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
  const main = new URL('../../src/cli/main.js', import.meta.url).pathname;
  const options = { brokers, topic: `${topic}=hubble`, group: randomUUID(), cluster: 'bench', data, 'until-idle': '5' };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [main, 'consume', '--quiet', ...flags], { stdio: 'inherit' });
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(statusOf(child.pid))?.[1] ?? 0) / 1024);
  }, 200);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(sampler);
  rmSync(data, { recursive: true, force: true });
  if (code !== 0) throw new Error(`the consumer ended with ${code}`);
  return peak;
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}

async function backlog(kafka: Kafka, brokers: string): Promise<void> {
  const pool = Array.from({ length: 2_000 }, (_, at) => hubbleFlow(at));
  const topic = await produce(kafka, pool, BACKLOG, 1);
  const started = performance.now();
  const peak = await readBacklog(brokers, topic);
  const seconds = (performance.now() - started) / 1e3;
  process.stdout.write(
    `backlog of ${BACKLOG.toLocaleString('en')} messages of ${pool[0]?.length} bytes: ${seconds.toFixed(0)} s, peak memory ${peak.toFixed(0)} MiB\n`,
  );
}

/** `cost` without what starting and ending takes. */
function net({ wall, cpu, memory }: Cost, around: Cost): Cost {
  return { wall: wall - around.wall, cpu: cpu - around.cpu, memory };
}

interface Floors {
  readonly parse: Cost;
  /** Starting and ending. */
  readonly around: Cost;
}

async function compare(kafka: Kafka, brokers: string, perMessage: number, { parse, around }: Floors): Promise<void> {
  const topic = await produce(kafka, RECORD_POOL, RECORDS, perMessage);
  const read = await measure(() => readOnly(kafka, topic, perMessage));
  line(`kafkajs alone, ${perMessage} a message`, read);
  const both = { wall: read.wall + parse.wall, cpu: read.cpu + parse.cpu, memory: read.memory };
  for (const threads of [0, THREADS]) {
    const messages = Math.ceil(RECORDS / perMessage);
    const path = await measure(() => wholePath({ kafka, brokers, topic, messages, threads }));
    const how = threads === 0 ? 'main thread only' : `decoded in ${threads} thread${threads > 1 ? 's' : ''}`;
    line(`whole path, ${perMessage} a message, ${how}`, net(path, around), perMessage === 1 ? both : parse);
  }
}

async function main(): Promise<void> {
  const elsewhere = process.env.KAFKA_BROKERS;
  const broker = elsewhere ? undefined : await startBroker();
  const brokers = elsewhere ?? broker?.address ?? '';
  const kafka = new kafkajs.Kafka({ brokers: [brokers], logLevel: kafkajs.logLevel.NOTHING });
  process.stdout.write(
    `${RECORDS.toLocaleString('en')} full Hubble records of ${RECORD_BYTES} bytes, ${PARTITIONS} partitions\n`,
  );
  const parse = await measure(() => {
    for (let at = 0; at < RECORDS; at++) JSON.parse(RECORD_POOL[at % RECORD_POOL.length] ?? '');
  });
  line('JSON.parse alone', parse);
  const nothing = await produce(kafka, RECORD_POOL, 0, 1);
  const empty = { kafka, brokers, topic: nothing, messages: 0, threads: 0 };
  await wholePath(empty);
  const around = await measure(() => wholePath(empty));
  process.stdout.write(
    `starting and ending, not counted below: ${around.wall.toFixed(1)} s, ${around.cpu.toFixed(1)} s CPU\n`,
  );
  for (const perMessage of [1, 100]) await compare(kafka, brokers, perMessage, { parse, around });
  if (BACKLOG > 0) await backlog(kafka, brokers);
  await broker?.remove();
}

await main();
