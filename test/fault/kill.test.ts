import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsumerProcess } from '../helpers/kafka-consumer.ts';
import { mixedMessages } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { FAULT_ROUNDS, FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';

const PARTITIONS = 3;
let session: KafkaSession;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(() => session.close());

/** Log lines of the consumer that mark a moment at which dying hurts most. */
const MOMENTS = ['announced', 'inserted', 'confirmed', 'joined the consumer group', 'consuming'];

/** Kills the consumer a moment after it has said something for the n-th time, wherever it is by then. */
async function killSomewhere(consumer: ConsumerProcess, random: () => number): Promise<void> {
  const moment = MOMENTS[Math.floor(random() * MOMENTS.length)];
  const times = moment?.includes(' ') || moment === 'consuming' ? 1 : 1 + Math.floor(random() * 6);
  for (let seen = 0; seen < times; seen++) await consumer.line(({ message }) => message === moment);
  await sleep(random() < 0.5 ? 0 : random() * 60);
  await consumer.kill('SIGKILL');
}

test.each(FAULT_SEEDS)('seed %i: killed again and again, every row is stored exactly once', async (seed) => {
  const random = seededRandom(seed);
  const topic = await session.topic({ partitions: PARTITIONS });
  const stage = scene({ brokers: session.brokers, topic });
  let [flows, poison, sent] = [0, 0, 0];
  const send = async (count: number) => {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const mixed = mixedMessages(sent, sent + count);
      sent += count;
      flows += mixed.flows;
      poison += mixed.poison;
      await session.produce(topic, mixed.messages, partition);
    }
  };
  for (let round = 0; round < FAULT_ROUNDS; round++) {
    await send(700 + Math.floor(random() * 600));
    await killSomewhere(stage.start(), random);
  }
  expect(await stage.start('--until-idle', '4').ended).toBe(0);
  expect(await storedTotals({ data: stage.data }, topic)).toEqual({
    rows: flows,
    doubles: 0,
    rejects: poison,
    rejectDoubles: 0,
    edgeRecords: flows,
  });
  stage.remove();
});
