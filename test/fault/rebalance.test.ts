import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ClickHouseFront, startClickHouseFront } from '../helpers/clickhouse-http-front.ts';
import type { ConsumerProcess } from '../helpers/kafka-consumer.ts';
import { mixedMessages } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { FAULT_ROUNDS, FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';

const PARTITIONS = 6;
let session: KafkaSession;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(() => session.close());

test.each(FAULT_SEEDS)(
  'seed %i: three consumers that come, go and die share a topic without loss or doubles',
  async (seed) => {
    const random = seededRandom(1_000 + seed);
    const front: ClickHouseFront = await startClickHouseFront();
    const topic = await session.topic({ partitions: PARTITIONS });
    const stage = scene({ brokers: session.brokers, topic, clickhouse: front.url, batchRows: 60 });
    const consumers: ConsumerProcess[] = [stage.start(), stage.start(), stage.start()];
    let [flows, poison, at] = [0, 0, 0];
    for (let round = 0; round < FAULT_ROUNDS; round++) {
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const mixed = mixedMessages(at, at + 200);
        await session.produce(topic, mixed.messages, partition);
        at += 200;
        flows += mixed.flows;
        poison += mixed.poison;
      }
      await sleep(random() * 1_500);
      const victim = Math.floor(random() * consumers.length);
      const ended = consumers[victim]?.kill(random() < 0.6 ? 'SIGKILL' : 'SIGTERM');
      // Now and then the successor joins before its predecessor is gone.
      if (random() < 0.5) await ended;
      consumers[victim] = stage.start();
    }
    const committed = async () =>
      (await session.committed(stage.group, topic)).reduce((sum, { offset }) => sum + offset, 0);
    await expect.poll(committed, { timeout: 180_000, interval: 500 }).toBe(at);
    expect(await Promise.all(consumers.map((consumer) => consumer.kill('SIGTERM')))).toEqual([0, 0, 0]);
    expect(await storedTotals({ data: '', clickhouse: front.url }, topic)).toEqual({
      rows: flows,
      doubles: 0,
      rejects: poison,
      rejectDoubles: 0,
      edgeRecords: flows,
    });
    await front.stop();
    stage.remove();
  },
);
