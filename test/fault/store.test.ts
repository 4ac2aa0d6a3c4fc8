import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClickHouseFront, startClickHouseFront } from '../helpers/clickhouse-http-front.ts';
import { mixedMessages } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { startProxy, type TcpProxy } from '../helpers/kafka-proxy.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';

let session: KafkaSession;
let front: ClickHouseFront;
let proxy: TcpProxy;

beforeAll(async () => {
  [session, front] = await Promise.all([kafkaSession(), startClickHouseFront()]);
  proxy = await startProxy(front.url);
});
afterAll(async () => {
  await proxy.close();
  await Promise.all([session.close(), front.stop()]);
});

test('a store that fails, fails after writing, drops connections, stalls or is gone costs time and nothing else', async () => {
  const topic = await session.topic({ partitions: 2 });
  const stage = scene({ brokers: session.brokers, topic, clickhouse: proxy.through(front.url) });
  const consumer = stage.start('--metrics-port', '0');
  let [flows, poison, at] = [0, 0, 0];
  const send = async () => {
    const mixed = mixedMessages(at, at + 800);
    await session.produce(topic, mixed.messages, (at / 800) % 2);
    at += 800;
    flows += mixed.flows;
    poison += mixed.poison;
  };
  await send();
  const { metrics } = await consumer.line(({ message }) => message === 'consuming');
  await consumer.line(({ message }) => message === 'confirmed');
  for (const fault of ['fail', 'fail-after', 'drop'] as const) {
    await front.behave(fault);
    await send();
    await sleep(1_500);
    await front.behave('pass');
    await send();
  }
  await proxy.open(false);
  await send();
  const ready = async () => (await fetch(`http://${String(metrics)}/readyz`)).text();
  await expect.poll(ready, { timeout: 20_000 }).toBe('store does not answer\n');
  await proxy.open(true);
  process.kill(front.pid, 'SIGSTOP');
  await send();
  await sleep(4_000);
  process.kill(front.pid, 'SIGCONT');
  const committed = async () =>
    (await session.committed(stage.group, topic)).reduce((sum, { offset }) => sum + offset, 0);
  await expect.poll(committed, { timeout: 120_000 }).toBe(at);
  await expect.poll(ready, { timeout: 20_000 }).toBe('ok\n');
  expect(await consumer.kill('SIGTERM')).toBe(0);
  expect(await storedTotals({ data: '', clickhouse: front.url }, topic)).toEqual({
    rows: flows,
    doubles: 0,
    rejects: poison,
    rejectDoubles: 0,
    edgeRecords: flows,
  });
  stage.remove();
});
