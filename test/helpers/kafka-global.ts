import type { TestProject } from 'vitest/node';
import { startBroker } from './kafka-broker.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port[,host:port]` of the Kafka that this test run uses. */
    kafkaBrokers: string;
  }
}

/** Starts one broker for all test files of a project; `KAFKA_BROKERS` points to another Kafka instead. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
  const elsewhere = process.env.KAFKA_BROKERS;
  if (elsewhere) {
    project.provide('kafkaBrokers', elsewhere);
    return undefined;
  }
  const broker = await startBroker();
  project.provide('kafkaBrokers', broker.address);
  return () => broker.remove();
}
