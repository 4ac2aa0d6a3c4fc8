import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startClickHouseFront } from '../helpers/clickhouse-http-front.ts';
import type { ConsumerProcess } from '../helpers/kafka-consumer.ts';
import { FAULT_ROUNDS, FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';
import { storedContents, Traffic } from '../helpers/kafka-traffic.ts';

const PARTITIONS = 6;
/** Members come and go faster than some of them join; then the round is over all the same. */
const PATIENCE_MS = 15_000;
let session: KafkaSession;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(() => session.close());

/** What a member says when it stores, and when the group has been divided anew. */
const MOMENTS = ['announced', 'inserted', 'confirmed', 'joined the consumer group'];

/** Waits until one of the members has said `moment`, and gives its number; any other when none does. */
async function whoSays(moment: string | undefined, consumers: readonly ConsumerProcess[]): Promise<number> {
  const first = consumers.map(async (consumer, at) => {
    await consumer.line(({ message }) => message === moment);
    return at;
  });
  return Promise.race([Promise.any(first).catch(() => 0), sleep(PATIENCE_MS, 0)]);
}

test.each(FAULT_SEEDS)(
  'seed %i: three consumers that come, go and die share a topic without loss or doubles',
  async (seed) => {
    const random = seededRandom(1_000 + seed);
    const front = await startClickHouseFront();
    const traffic = new Traffic(session, await session.topic({ partitions: PARTITIONS }));
    const [brokers, topic, clickhouse] = [session.brokers, traffic.topic, front.url];
    const stage = scene({ brokers, topic, clickhouse, batchRows: 60, decodeThreads: seed % 3 });
    const consumers = [stage.start(), stage.start(), stage.start()];
    for (let round = 0; round < FAULT_ROUNDS; round++) {
      for (let partition = 0; partition < PARTITIONS; partition++) await traffic.send(partition, 150);
      const speaker = await whoSays(MOMENTS[Math.floor(random() * MOMENTS.length)], consumers);
      await sleep(random() < 0.5 ? 0 : random() * 200);
      // The one that has just said it, or another, in the middle of the rebalance that it causes.
      const victim = random() < 0.5 ? speaker : Math.floor(random() * consumers.length);
      const ended = consumers[victim]?.kill(random() < 0.6 ? 'SIGKILL' : 'SIGTERM');
      // Now and then the successor joins before its predecessor is gone.
      if (random() < 0.5) await ended;
      consumers[victim] = stage.start();
    }
    await expect.poll(() => traffic.confirmed(stage.group), { timeout: 300_000, interval: 500 }).toBe(true);
    expect(await Promise.all(consumers.map((consumer) => consumer.kill('SIGTERM')))).toEqual([0, 0, 0]);
    const stored = await storedContents({ data: '', clickhouse: front.url }, traffic.topic);
    expect(stored).toEqual(traffic.expected().contents);
    await front.stop();
    stage.remove();
  },
);
