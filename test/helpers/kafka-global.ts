import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { startBroker } from './kafka-broker.ts';
import { buildForTests } from './kafka-consumer.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port[,host:port]` of the Kafka that this test run uses. */
    kafkaBrokers: string;
    /** Folder with the command line built from the sources of this test run. */
    microwallBuild: string;
  }
}

/** Starts one broker for all test files of a project; `KAFKA_BROKERS` points to another Kafka instead. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
  const build = buildForTests();
  project.provide('microwallBuild', build);
  const elsewhere = process.env.KAFKA_BROKERS;
  const broker = elsewhere ? undefined : await startBroker();
  project.provide('kafkaBrokers', elsewhere || (broker?.address ?? ''));
  return async () => {
    rmSync(build, { recursive: true, force: true });
    await broker?.remove();
  };
}
