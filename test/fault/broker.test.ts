import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../helpers/kafka-broker.ts';
import { mixedMessages } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { kafkaSession } from '../helpers/kafka-session.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startBroker();
});
afterAll(() => broker.remove());

test('the broker is stopped, killed and started again while it is read: nothing is lost or doubled', async () => {
  const session = await kafkaSession(broker.address);
  const topic = await session.topic({ partitions: 2 });
  const stage = scene({ brokers: broker.address, topic });
  const consumer = stage.start();
  let [flows, poison] = [0, 0];
  const send = async (from: number, to: number) => {
    const mixed = mixedMessages(from, to);
    flows += mixed.flows;
    poison += mixed.poison;
    await session.produce(topic, mixed.messages, from % 2);
  };
  await send(0, 3_000);
  await consumer.line(({ message }) => message === 'inserted');
  await broker.stop('SIGKILL');
  await sleep(2_000);
  await broker.start();
  await send(3_001, 5_000);
  await broker.stop('SIGTERM');
  await sleep(8_000);
  await broker.start();
  await send(5_000, 6_000);
  await expect
    .poll(async () => (await session.committed(stage.group, topic)).reduce((sum, { offset }) => sum + offset, 0), {
      timeout: 120_000,
    })
    .toBe(flows + poison);
  expect(await consumer.kill('SIGTERM')).toBe(0);
  expect(await storedTotals({ data: stage.data }, topic)).toEqual({
    rows: flows,
    doubles: 0,
    rejects: poison,
    rejectDoubles: 0,
    edgeRecords: flows,
  });
  await session.close();
  stage.remove();
});
