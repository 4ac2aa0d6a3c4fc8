import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { inject } from 'vitest';

/** A client of the broker of this test run, with what tests do to topics. */
export interface KafkaSession {
  readonly brokers: string;
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** Creates a topic with a unique name and gives the name. */
  topic(options?: { partitions?: number; config?: Readonly<Record<string, string>> }): Promise<string>;
  /** Sends to one partition, in order. */
  produce(topic: string, messages: readonly (string | Buffer | Message)[], partition?: number): Promise<void>;
  /** Committed offsets of a group, in partition order. */
  committed(group: string, topic: string): Promise<{ offset: number; metadata: string }[]>;
  /** Headers of all messages of a topic, as text. */
  headers(topic: string): Promise<Readonly<Record<string, string>>[]>;
  close(): Promise<void>;
}

/** Connects to `brokers`, by default to the broker that the test run has started. */
export async function kafkaSession(brokers: string = inject('kafkaBrokers')): Promise<KafkaSession> {
  const kafka = new kafkajs.Kafka({
    brokers: brokers.split(','),
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries: 12 },
  });
  const admin = kafka.admin();
  await admin.connect();
  const producer: Producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  return {
    brokers,
    kafka,
    admin,
    async topic({ partitions = 1, config = {} } = {}) {
      const topic = `t-${randomUUID().slice(0, 8)}`;
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.createTopics({
        waitForLeaders: false,
        topics: [{ topic, numPartitions: partitions, configEntries }],
      });
      await untilLed(admin, topic, partitions);
      return topic;
    },
    async produce(topic, messages, partition = 0) {
      const records = messages.map((message) =>
        typeof message === 'string' || Buffer.isBuffer(message)
          ? { partition, value: message }
          : { partition, ...message },
      );
      for (let at = 0; at < records.length; at += 1_000)
        await producer.send({ topic, acks: -1, messages: records.slice(at, at + 1_000) });
    },
    async committed(group, topic) {
      const [entry] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      return (entry?.partitions ?? [])
        .toSorted((a, b) => a.partition - b.partition)
        .map(({ offset, metadata }) => ({ offset: Number(offset), metadata: metadata ?? '' }));
    },
    headers: (topic) => readHeaders(kafka, admin, topic),
    async close() {
      await Promise.all([producer.disconnect(), admin.disconnect()]);
    },
  };
}

/** kafkajs waits for leaders too, but gives up when a busy broker does not know the new topic yet. */
async function untilLed(admin: Admin, topic: string, partitions: number): Promise<void> {
  for (;;) {
    const told = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => ({ topics: [] }));
    const led = told.topics[0]?.partitions.filter(({ leader }) => leader >= 0) ?? [];
    if (led.length === partitions) return;
    await sleep(100);
  }
}

async function readHeaders(kafka: Kafka, admin: Admin, topic: string): Promise<Record<string, string>[]> {
  const ends = await admin.fetchTopicOffsets(topic);
  const wanted = ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  const found: Record<string, string>[] = [];
  if (wanted === 0) return found;
  const consumer = kafka.consumer({ groupId: randomUUID() });
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage = async ({ message }: { message: { headers?: object } }) => {
      found.push(Object.fromEntries(Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)])));
      if (found.length === wanted) resolve();
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return found;
}
