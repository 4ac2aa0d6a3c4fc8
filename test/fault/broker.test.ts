import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../helpers/kafka-broker.ts';
import { FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';
import { storedContents, Traffic } from '../helpers/kafka-traffic.ts';

let broker: TestBroker;
let session: KafkaSession;

beforeAll(async () => {
  broker = await startBroker();
  session = await kafkaSession(broker.address);
});
afterAll(async () => {
  await session.close();
  await broker.remove();
});

const MOMENTS = ['announced', 'inserted', 'confirmed'];

test.each(FAULT_SEEDS)('seed %i: the broker is killed, stopped and started again while it is read', async (seed) => {
  const random = seededRandom(3_000 + seed);
  const traffic = new Traffic(session, await session.topic({ partitions: 2 }));
  const stage = scene({ brokers: broker.address, topic: traffic.topic });
  const consumer = stage.start();
  await traffic.send(0, 3_000);
  await consumer.line(({ message }) => message === 'joined the consumer group');
  for (const signal of random() < 0.5 ? (['SIGKILL', 'SIGTERM'] as const) : (['SIGTERM', 'SIGKILL'] as const)) {
    await traffic.send(1, 1_500);
    const moment = MOMENTS[Math.floor(random() * MOMENTS.length)];
    await Promise.race([consumer.line(({ message }) => message === moment), sleep(10_000)]);
    await sleep(random() * 100);
    await broker.stop(signal);
    await sleep(random() * 10_000);
    await broker.start();
    await traffic.send(0, 1_000);
  }
  await expect.poll(() => traffic.confirmed(stage.group), { timeout: 120_000, interval: 500 }).toBe(true);
  expect(await consumer.kill('SIGTERM')).toBe(0);
  expect(await storedContents({ data: stage.data }, traffic.topic)).toEqual(traffic.expected().contents);
  stage.remove();
});
