import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { kafkaClient } from '../../ingest/kafka/client.ts';
import { KafkaSource } from '../../ingest/kafka/kafka.ts';
import { type Claim, ClaimLost, type SourceMessage } from '../../ingest/kafka/source.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';

let session: KafkaSession;
const open: KafkaSource[] = [];

beforeAll(async () => {
  session = await kafkaSession();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((source) => source.stop()));
});
afterAll(() => session.close());

interface Reader {
  readonly source: KafkaSource;
  readonly claims: Claim[];
  /** By partition. */
  readonly messages: Map<number, SourceMessage[]>;
  readonly errors: unknown[];
}

async function read(topic: string, group: string, start: 'earliest' | 'latest' = 'earliest'): Promise<Reader> {
  const log = createLog({ write: () => undefined, now: Date.now, level: 'error' });
  const connection = { brokers: session.brokers.split(','), clientId: 'test' };
  const source = new KafkaSource({
    kafka: kafkaClient(connection, log),
    log,
    topics: [topic],
    group,
    start,
    sessionTimeout: 6_000,
    maxBytesPerPartition: 1 << 20,
  });
  open.push(source);
  const reader: Reader = { source, claims: [], messages: new Map(), errors: [] };
  await source.start({
    assigned: (claims) => {
      reader.claims.splice(0, reader.claims.length, ...claims);
    },
    delivered: (claim, { messages }) => {
      reader.messages.set(claim.partition, [...(reader.messages.get(claim.partition) ?? []), ...messages]);
    },
    failed: (error) => reader.errors.push(error),
  });
  return reader;
}

const offsets = (reader: Reader, partition = 0) => (reader.messages.get(partition) ?? []).map(({ offset }) => offset);
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
const numbered = (count: number, size = 200) =>
  Array.from({ length: count }, (_, index) => `${index} ${'flow '.repeat(size / 5)}`);
const counting = (count: number) => Array.from({ length: count }, (_, index) => index);

describe.each(['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])('a topic stored as %s', (codec) => {
  test('is read whole, in order and unchanged', async () => {
    const topic = await session.topic({ config: { 'compression.type': codec } });
    const values = numbered(3_000);
    await session.produce(topic, values);
    const reader = await read(topic, randomUUID());
    await eventually(() => expect(offsets(reader)).toHaveLength(values.length));
    expect(reader.messages.get(0)?.map(({ value }) => value?.toString())).toEqual(values);
  });
});

test('commits carry metadata, and the next owner is told where the last one stood', async () => {
  const topic = await session.topic();
  const group = randomUUID();
  await session.produce(topic, numbered(10));
  const first = await read(topic, group);
  await eventually(() => expect(offsets(first)).toEqual(counting(10)));
  await first.source.commit(first.claims[0] as Claim, { offset: 4, metadata: 'microwall last=7 stamp=1' });
  await first.source.stop();
  const second = await read(topic, group);
  await eventually(() => expect(offsets(second)).toEqual([4, 5, 6, 7, 8, 9]));
  expect(second.claims[0]?.committed).toEqual({ offset: 4, metadata: 'microwall last=7 stamp=1' });
});

test('a second member takes partitions over; the claims of the first end and can commit nothing more', async () => {
  const topic = await session.topic({ partitions: 2 });
  const group = randomUUID();
  for (const partition of [0, 1]) await session.produce(topic, numbered(5), partition);
  const first = await read(topic, group);
  await eventually(() => expect(first.messages.size).toBe(2));
  const old = [...first.claims];
  const second = await read(topic, group);
  await eventually(() => expect(first.claims).toHaveLength(1));
  await eventually(() => expect(second.messages.size).toBe(1));
  expect(old.every(({ lost }) => lost)).toBe(true);
  for (const claim of old)
    await expect(first.source.commit(claim, { offset: 5, metadata: '' })).rejects.toBeInstanceOf(ClaimLost);
  expect(await session.committed(group, topic)).not.toContainEqual({ offset: 5, metadata: '' });
});

test('a paused partition delivers nothing until it is resumed, and nothing is left out', async () => {
  const topic = await session.topic();
  const reader = await read(topic, randomUUID());
  await eventually(() => expect(reader.claims).toHaveLength(1));
  reader.source.pause(reader.claims[0] as Claim);
  await session.produce(topic, numbered(50));
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(offsets(reader)).toEqual([]);
  reader.source.resume(reader.claims[0] as Claim);
  await eventually(() => expect(offsets(reader)).toEqual(counting(50)));
});

test('a group that starts at the latest offset reads only what comes afterwards', async () => {
  const topic = await session.topic();
  await session.produce(topic, numbered(20));
  const reader = await read(topic, randomUUID(), 'latest');
  await eventually(() => expect(reader.claims[0]?.committed.offset).toBe(20));
  await session.produce(topic, numbered(5));
  await eventually(() => expect(offsets(reader)).toEqual([20, 21, 22, 23, 24]));
});

test('messages deleted before they were read are passed over', async () => {
  const topic = await session.topic();
  const group = randomUUID();
  await session.produce(topic, numbered(30));
  const first = await read(topic, group);
  await eventually(() => expect(offsets(first)).toHaveLength(30));
  await first.source.commit(first.claims[0] as Claim, { offset: 3, metadata: '' });
  await first.source.stop();
  // kafkajs finds the leader only after it has looked at the topic.
  await session.admin.fetchTopicOffsets(topic);
  await session.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '20' }] });
  const second = await read(topic, group);
  await eventually(() => expect(offsets(second)).toEqual(counting(30).slice(20)));
});

test('aborted transactions are not delivered and do not stop what follows', async () => {
  const topic = await session.topic();
  const producer = session.kafka.producer({ transactionalId: randomUUID(), maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const transact = async (value: string, end: 'commit' | 'abort') => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [{ value, partition: 0 }] });
    await transaction[end]();
  };
  await transact('kept', 'commit');
  for (let round = 0; round < 5; round++) await transact('dropped', 'abort');
  await transact('kept too', 'commit');
  await producer.disconnect();
  const reader = await read(topic, randomUUID());
  await eventually(() => expect(offsets(reader)).toHaveLength(2));
  expect(reader.messages.get(0)?.map(({ value }) => value?.toString())).toEqual(['kept', 'kept too']);
});
