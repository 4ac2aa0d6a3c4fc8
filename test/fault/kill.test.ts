import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ConsumerProcess } from '../helpers/kafka-consumer.ts';
import { FAULT_ROUNDS, FAULT_SEEDS, seededRandom } from '../helpers/kafka-random.ts';
import { scene } from '../helpers/kafka-scene.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';
import { storedContents, Traffic } from '../helpers/kafka-traffic.ts';

const PARTITIONS = 3;
/** A consumer that has nothing left to say is killed all the same. */
const PATIENCE_MS = 60_000;
let session: KafkaSession;

beforeAll(async () => {
  session = await kafkaSession();
});
afterAll(() => session.close());

/** Log lines of the consumer that mark a moment at which dying hurts most. */
const MOMENTS = ['announced', 'inserted', 'confirmed', 'joined the consumer group', 'consuming'];

/** Kills the consumer when it has said something for the n-th time, at once or a moment later, wherever it is by then. */
async function killSomewhere(consumer: ConsumerProcess, random: () => number): Promise<void> {
  const moment = MOMENTS[Math.floor(random() * MOMENTS.length)];
  const isOnce = moment === 'consuming' || moment === 'joined the consumer group';
  const times = isOnce ? 1 : 1 + Math.floor(random() * 6);
  const delay = random() < 0.5 ? 0 : random() * (moment === 'consuming' ? 2_000 : 60);
  let seen = 0;
  const said = consumer.line(({ message }) => {
    if (message === moment) seen += 1;
    // Not in a later turn, which may come late where much else is going on.
    if (seen === times && delay === 0) void consumer.kill('SIGKILL');
    return seen === times;
  });
  await Promise.race([said.then(() => sleep(delay)), sleep(PATIENCE_MS)]);
  await consumer.kill('SIGKILL');
}

/** Where a consumer was that has said these things and no more. */
function pointOf({ lines }: ConsumerProcess): string {
  const said = (message: string) => new Set(lines.flatMap((line) => (line.message === message ? [line.token] : [])));
  const [announced, inserted, confirmed] = [said('announced'), said('inserted'), said('confirmed')];
  if (said('joined the consumer group').size === 0) return 'while joining';
  if ([...inserted].some((token) => !confirmed.has(token))) return 'between insert and commit';
  return [...announced].some((token) => !inserted.has(token)) ? 'inside an insert' : 'elsewhere';
}

test.each(FAULT_SEEDS)('seed %i: killed again and again, every row is stored exactly once', async (seed) => {
  const random = seededRandom(seed);
  const letters = await session.topic();
  const traffic = new Traffic(session, await session.topic({ partitions: PARTITIONS }));
  const stage = scene({ brokers: session.brokers, topic: traffic.topic, letters, decodeThreads: seed % 3 });
  const points: Record<string, number> = {};
  for (let round = 0; round < FAULT_ROUNDS; round++) {
    for (let partition = 0; partition < PARTITIONS; partition++)
      await traffic.send(partition, 300 + Math.floor(random() * 400));
    const consumer = stage.start();
    await killSomewhere(consumer, random);
    points[pointOf(consumer)] = (points[pointOf(consumer)] ?? 0) + 1;
  }
  expect(await stage.start('--until-idle', '4').ended).toBe(0);
  process.stderr.write(`seed ${seed}: ${FAULT_ROUNDS} kills: ${JSON.stringify(points)}\n`);
  const { contents, rejected } = traffic.expected();
  expect(await storedContents({ data: stage.data }, traffic.topic)).toEqual(contents);
  const sent = (await session.headers(letters)).map((of) => `${of['microwall-partition']}/${of['microwall-offset']}`);
  expect([...new Set(sent)].sort()).toEqual(rejected);
  stage.remove();
});
