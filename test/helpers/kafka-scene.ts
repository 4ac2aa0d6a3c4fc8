import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConsumerProcess, startConsumer } from './kafka-consumer.ts';

/** A topic with its consumer group, store folder and settings file, for tests that hurt consumers. */
export interface Scene {
  readonly data: string;
  readonly group: string;
  start(...args: readonly string[]): ConsumerProcess;
  remove(): void;
}

export interface SceneOptions {
  readonly brokers: string;
  readonly topic: string;
  /** Several processes can share a server, never an embedded folder. */
  readonly clickhouse?: string;
  readonly batchRows?: number;
  /** Topic for messages that cannot be decoded. */
  readonly letters?: string;
  /** Threads that decode; 0 decodes beside the Kafka client. */
  readonly decodeThreads?: number;
  /** Data folder; by default one that `remove` removes. */
  readonly data?: string;
}

/** Small batches and short timeouts: many ranges, many commits, quick takeovers. */
export function scene({
  brokers,
  topic,
  clickhouse,
  batchRows = 150,
  letters,
  decodeThreads,
  ...options
}: SceneOptions): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'microwall-fault-'));
  const data = options.data ?? join(folder, 'data');
  const group = randomUUID();
  const config = join(folder, 'consume.json');
  const settings = {
    kafka: { brokers: brokers.split(','), group, sessionTimeout: '3s', fetchBytes: '128KiB', deadLetterTopic: letters },
    topics: [{ name: topic, format: 'hubble', cluster: 'prod' }],
    batch: { rows: batchRows, age: '300ms' },
    decodeThreads,
    store: clickhouse ? { clickhouse } : { data },
    log: { level: 'debug' },
  };
  writeFileSync(config, JSON.stringify(settings));
  return {
    data,
    group,
    start: (...args) => startConsumer(['--config', config, ...args]),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
