import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClickHouseFront, type FrontBehaviour, startClickHouseFront } from '../helpers/clickhouse-http-front.ts';
import { startProxy, type TcpProxy } from '../helpers/kafka-proxy.ts';
import { FAULT_ROUNDS, FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';
import { storedContents, Traffic } from '../helpers/kafka-traffic.ts';

/** The long form takes the store away for a minute. */
const AWAY_MS = FAULT_ROUNDS >= 50 ? 60_000 : 4_000;
/** How long the consumers here wait for an answer; the default would be a minute of nothing. */
const ANSWER_MS = 3_000;
const BEHAVIOURS: readonly FrontBehaviour[] = ['fail', 'fail-after', 'drop', 'hang', 'slow'];
let session: KafkaSession;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(() => session.close());

/** What can happen to a store; each is over when it returns. */
function faults(front: ClickHouseFront, proxy: TcpProxy): Readonly<Record<string, () => Promise<void>>> {
  const behaving = (how: FrontBehaviour) => async () => {
    await front.behave(how);
    await sleep(how === 'hang' || how === 'slow' ? 2 * ANSWER_MS : 1_500);
    await front.behave('pass');
  };
  return {
    ...Object.fromEntries(BEHAVIOURS.map((how) => [how, behaving(how)])),
    gone: async () => {
      await proxy.open(false);
      await sleep(AWAY_MS);
      await proxy.open(true);
    },
    stopped: async () => {
      process.kill(front.pid, 'SIGSTOP');
      await sleep(2 * ANSWER_MS);
      process.kill(front.pid, 'SIGCONT');
    },
  };
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

test.each(FAULT_SEEDS)(
  'seed %i: a store that fails, writes and fails, drops, hangs, is slow or gone costs time and nothing else',
  async (seed) => {
    const random = seededRandom(2_000 + seed);
    const front = await startClickHouseFront();
    const proxy = await startProxy(front.url);
    const traffic = new Traffic(session, await session.topic({ partitions: 2 }));
    const clickhouse = `${proxy.through(front.url)}?request_timeout=${ANSWER_MS}`;
    const stage = scene({ brokers: session.brokers, topic: traffic.topic, clickhouse });
    let consumer = stage.start();
    // A consumer that is started while the store is away ends; whatever supervises it starts it again.
    const keepRunning = () => {
      if (consumer.child.exitCode !== null) consumer = stage.start();
    };
    for (const [name, fault] of shuffled(Object.entries(faults(front, proxy)), random)) {
      await traffic.send(0, 400);
      await traffic.send(1, 400);
      const over = fault();
      await traffic.send(Math.floor(random() * 2), 400);
      // A consumer that dies meanwhile leaves its successor the range that may have been written.
      if (random() < 0.4 && name !== 'gone' && name !== 'stopped') {
        await sleep(random() * 1_000);
        await consumer.kill('SIGKILL');
        await over;
        consumer = stage.start();
      }
      await over;
      keepRunning();
    }
    const isDone = () => {
      keepRunning();
      return traffic.confirmed(stage.group);
    };
    await expect.poll(isDone, { timeout: 180_000, interval: 500 }).toBe(true);
    expect(await consumer.kill('SIGTERM')).toBe(0);
    expect(await storedContents({ data: '', clickhouse: front.url }, traffic.topic)).toEqual(
      traffic.expected().contents,
    );
    await proxy.close();
    await front.stop();
    stage.remove();
  },
);

test('a consumer without a store says so, and says when it has one again', async () => {
  const front = await startClickHouseFront();
  const proxy = await startProxy(front.url);
  const traffic = new Traffic(session, await session.topic());
  const stage = scene({ brokers: session.brokers, topic: traffic.topic, clickhouse: proxy.through(front.url) });
  const consumer = stage.start('--metrics-port', '0');
  const { metrics } = await consumer.line(({ message }) => message === 'consuming');
  const ready = async () => (await fetch(`http://${String(metrics)}/readyz`)).text();
  await expect.poll(ready, { timeout: 20_000 }).toBe('ok\n');
  await proxy.open(false);
  await traffic.send(0, 400);
  await expect.poll(ready, { timeout: 20_000 }).toBe('store does not answer\n');
  await proxy.open(true);
  await expect.poll(ready, { timeout: 30_000 }).toBe('ok\n');
  expect(await consumer.kill('SIGTERM')).toBe(0);
  await proxy.close();
  await front.stop();
  stage.remove();
});
