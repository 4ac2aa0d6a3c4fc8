import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Kafka, Partitioners } from 'kafkajs';
import { consume } from '../../ingest/consume.ts';
import { consumeInput } from '../../ingest/consume-config.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { startBroker } from '../helpers/kafka-broker.ts';
import { hubbleFlow } from '../helpers/kafka-flows.ts';

/**
 * The whole path from a real broker to rows and edges in the embedded engine, against its floors in the same run: bare
 * `JSON.parse`, and kafkajs reading the same topic and doing nothing. `RECORDS=5000000` shows that memory stays flat.
 */
const RECORDS = Number(process.env.RECORDS ?? 400_000);
const PARTITIONS = 4;
const RECORD_BYTES = 1_500;

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

async function produce(kafka: Kafka, topic: string, perMessage: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  for (let at = 0; at < RECORDS; ) {
    const messages = [];
    for (let bytes = 0; bytes < 1 << 19 && at < RECORDS; at += perMessage) {
      const value = Array.from(
        { length: perMessage },
        (_, index) => RECORD_POOL[(at + index) % RECORD_POOL.length],
      ).join('\n');
      bytes += value.length;
      messages.push({ value, partition: (at / perMessage) % PARTITIONS });
    }
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
}

/** kafkajs alone, with the fetch sizes of the consumer. */
async function readOnly(kafka: Kafka, topic: string, perMessage: number): Promise<void> {
  const consumer = kafka.consumer({
    groupId: randomUUID(),
    maxBytesPerPartition: 4 << 20,
    maxBytes: 32 << 20,
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

async function wholePath(kafka: Kafka, brokers: string, topic: string, perMessage: number): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'microwall-bench-'));
  const group = randomUUID();
  const settings = consumeInput.parse({
    kafka: { brokers: [brokers], group },
    topics: [{ name: topic, format: 'hubble', cluster: 'bench' }],
    store: { data },
  });
  const end = new AbortController();
  const log = createLog({ write: (line) => process.stderr.write(line), now: Date.now, level: 'error' });
  const running = consume({ settings, log, signal: end.signal });
  const admin = kafka.admin();
  await admin.connect();
  for (let done = 0; done < RECORDS / perMessage; ) {
    await sleep(100);
    const [entry] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    done = (entry?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
  }
  end.abort();
  await running;
  await admin.disconnect();
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
    `${what.padEnd(44)}${rate} records/s ${each(wall)} µs ${each(cpu)} µs CPU ${memory.toFixed(0).padStart(5)} MiB${ratio}\n`,
  );
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
  for (const perMessage of [1, 100]) {
    const topic = `bench-${randomUUID()}`;
    await produce(kafka, topic, perMessage);
    const read = await measure(() => readOnly(kafka, topic, perMessage));
    line(`kafkajs alone, ${perMessage} a message`, read);
    const floor = { wall: read.wall + parse.wall, cpu: read.cpu + parse.cpu, memory: read.memory };
    line(
      `whole path, ${perMessage} a message`,
      await measure(() => wholePath(kafka, brokers, topic, perMessage)),
      perMessage === 1 ? floor : parse,
    );
  }
  await broker?.remove();
}

await main();
