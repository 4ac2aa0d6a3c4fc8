import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startConsumer } from '../helpers/kafka-consumer.ts';
import { hubbleFlow, POISON } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';

let session: KafkaSession;
let folder: string;
let group: string;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(() => session.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'microwall-consume-'));
  group = randomUUID();
  return () => rmSync(folder, { recursive: true, force: true });
});

const flows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => hubbleFlow(from + index));
const arguments_ = (...topics: string[]) => [
  ...['--brokers', session.brokers, '--group', group, '--cluster', 'prod', '--data', join(folder, 'data')],
  ...topics.flatMap((topic) => ['--topic', topic]),
];
const stored = (topic: string) => storedTotals({ data: join(folder, 'data') }, topic);
const exactly = (rows: number, rejects = 0, edgeRecords = rows) => ({
  rows,
  doubles: 0,
  rejects,
  rejectDoubles: 0,
  edgeRecords,
});

test('the short form stores what is there, ends when idle, and starts again where it stood', async () => {
  const topic = await session.topic({ partitions: 3 });
  for (const partition of [0, 1, 2])
    await session.produce(topic, flows(partition * 500, partition * 500 + 500), partition);
  expect(await startConsumer([...arguments_(`${topic}=hubble`), '--until-idle', '2']).ended).toBe(0);
  expect(await stored(topic)).toEqual(exactly(1_500));
  await session.produce(topic, flows(1_500, 1_600));
  expect(await startConsumer([...arguments_(`${topic}=auto`), '--until-idle', '2']).ended).toBe(0);
  expect(await stored(topic)).toEqual(exactly(1_600));
  expect((await session.committed(group, topic)).map(({ metadata }) => metadata)).toEqual(['', '', '']);
});

test('twenty kinds of poison among good messages: every one is a reject, a dead letter, and stops nothing', async () => {
  const topic = await session.topic();
  const letters = await session.topic();
  const good = flows(0, 40);
  await session.produce(
    topic,
    POISON.flatMap(([, value], index) => [good[2 * index] ?? '', value, good[2 * index + 1] ?? '']),
  );
  const ended = startConsumer([
    ...arguments_(`${topic}=hubble`),
    '--until-idle',
    '2',
    '--dead-letter-topic',
    letters,
  ]).ended;
  expect(await ended).toBe(0);
  expect(await stored(topic)).toEqual(exactly(40, POISON.length));
  const [entry] = await session.admin.fetchTopicOffsets(letters);
  expect(Number(entry?.offset)).toBe(POISON.length);
});

test('many records in one message, plain and gzipped, keep positions of their own', async () => {
  const topic = await session.topic();
  const packed = flows(0, 100).join('\n');
  await session.produce(topic, [packed, gzipSync(packed), `[${flows(200, 300).join(',')}]`]);
  expect(await startConsumer([...arguments_(`${topic}=hubble`), '--until-idle', '2']).ended).toBe(0);
  expect(await stored(topic)).toEqual(exactly(300));
});

test('SIGTERM writes what is held, commits it and exits with 0', async () => {
  const topic = await session.topic();
  await session.produce(topic, flows(0, 300));
  const consumer = startConsumer([...arguments_(topic), '--batch-age', '10m']);
  await consumer.line(({ message }) => message === 'joined the consumer group');
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await consumer.kill('SIGTERM')).toBe(0);
  expect(await stored(topic)).toEqual(exactly(300));
  expect(await session.committed(group, topic)).toEqual([{ offset: 300, metadata: '' }]);
});

test('metrics, health and readiness are served while it runs', async () => {
  const topic = await session.topic();
  await session.produce(topic, [...flows(0, 10), 'no flow']);
  const consumer = startConsumer([...arguments_(`${topic}=hubble`), '--metrics-port', '0', '--batch-age', '200ms']);
  const { metrics } = await consumer.line(({ message }) => message === 'consuming');
  const get = async (path: string) => (await fetch(`http://${String(metrics)}${path}`)).text();
  await expect.poll(() => get('/readyz'), { timeout: 20_000 }).toBe('ok\n');
  expect(await get('/healthz')).toBe('ok\n');
  await expect.poll(() => get('/metrics'), { timeout: 20_000 }).toContain(`microwall_flows_total{topic="${topic}"} 10`);
  const text = await get('/metrics');
  expect(text).toMatch(new RegExp(`microwall_rejects_total\\{topic="${topic}",reason="[a-z-]+"\\} 1`));
  expect(text).toContain(`microwall_lag_messages{topic="${topic}",partition="0"} 0`);
  expect(text).toMatch(/microwall_insert_seconds_count [1-9]/);
  expect(await consumer.kill('SIGTERM')).toBe(0);
});

describe('what cannot start says why', () => {
  test('no broker: exit 3 within the time given', async () => {
    const config = [
      '--brokers',
      '127.0.0.1:1',
      '--topic',
      'flows',
      '--cluster',
      'prod',
      '--data',
      join(folder, 'data'),
    ];
    const consumer = startConsumer([...config, '--connect-timeout', '2s']);
    expect(await consumer.ended).toBe(3);
    expect(consumer.noise.join('\n')).toContain('Kafka does not answer at 127.0.0.1:1');
  });

  test('a topic that does not exist: exit 2', async () => {
    const consumer = startConsumer([...arguments_('no-such-topic'), '--connect-timeout', '1s']);
    expect(await consumer.ended).toBe(2);
    expect(consumer.noise.join('\n')).toContain('topic no-such-topic does not exist');
  });
});
