import { z } from 'zod';
import { type Override, settingsFailure } from '../../src/config/load-settings.ts';
import { durationSetting, sizeSetting } from '../../src/config/units.ts';
import { LOG_LEVELS } from '../../src/telemetry/log.ts';
import { FORMAT_NAMES, FORMAT_OPTIONS } from '../batch/interpreter.ts';

const TOPIC_NAME = /^[A-Za-z0-9._-]{1,249}$/;

const text = z.string().min(1, 'must not be empty');

const address = text.regex(/^(\[[0-9a-fA-F:]+\]|[^:\s,]+):\d{1,5}$/, 'write host:port');

const topicName = text.regex(TOPIC_NAME, 'is no valid topic name');

const format = text.refine((name) => FORMAT_NAMES.includes(name), {
  error: `is no known format; known are ${FORMAT_NAMES.join(', ')}`,
});

const topic = z.strictObject({
  name: topicName,
  format: format.default('auto'),
  cluster: z.string({ error: 'is mandatory: without it the namespaces of two clusters would merge' }).min(1),
  options: z
    .record(
      z.string().refine((name) => Object.hasOwn(FORMAT_OPTIONS, name), {
        error: `is no known option; known are ${Object.keys(FORMAT_OPTIONS).join(', ')}`,
      }),
      z.string(),
    )
    .default({}),
});

const secret = { password: text.optional(), passwordFile: text.optional() };

const sasl = z
  .strictObject({
    mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer']),
    username: text.optional(),
    ...secret,
    /** Read again for every connection, so that a rotated token is picked up. */
    tokenFile: text.optional(),
  })
  .superRefine((value, context) => {
    const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (value.mechanism === 'oauthbearer') {
      if (value.tokenFile === undefined) problem('tokenFile', 'is needed for oauthbearer');
      return;
    }
    if (value.username === undefined) problem('username', `is needed for ${value.mechanism}`);
    if ((value.password === undefined) === (value.passwordFile === undefined))
      problem('password', 'set either password (environment) or passwordFile');
  });

const tls = z.union(
  [
    z.boolean(),
    z.strictObject({
      caFile: text.optional(),
      certFile: text.optional(),
      keyFile: text.optional(),
      serverName: text.optional(),
    }),
  ],
  { error: 'write true, false or caFile, certFile, keyFile, serverName' },
);

/**
 * A little more than the largest batch that brokers take by default (1 MiB and 12 bytes). Larger fetches leave the
 * caches of the processor and outlive more collections before they are decoded: four times as much costs 1 µs a record.
 */
export const FETCH_BYTES = 1_152 * 1024;

/** Everything `microwall consume` can be told. Times in milliseconds, sizes in bytes once read. */
export const consumeSchema = z.strictObject({
  kafka: z.strictObject({
    brokers: z.array(address, { error: 'list at least one host:port' }).min(1, 'list at least one host:port'),
    group: text.default('microwall'),
    clientId: text.default('microwall'),
    /** Where a group that has committed nothing yet begins. */
    start: z.enum(['earliest', 'latest']).default('earliest'),
    tls: tls.default(false),
    sasl: sasl.optional(),
    sessionTimeout: durationSetting.default(30_000),
    /** How long the first contact may take. */
    connectTimeout: durationSetting.default(30_000),
    /** Fetched at once from one partition at most. */
    fetchBytes: sizeSetting.default(FETCH_BYTES),
    /** Messages that cannot be decoded are sent there too, with the reason in their headers. */
    deadLetterTopic: topicName.optional(),
  }),
  topics: z.array(topic, { error: 'list at least one topic' }).min(1, 'list at least one topic'),
  batch: z
    .strictObject({
      rows: z.coerce.number().int().min(1).max(500_000).default(200_000),
      bytes: sizeSetting.default(256 * 2 ** 20),
      /** Six times as long while the partition is far behind. */
      age: durationSetting.default(5_000),
      /** Inserts that run at the same time. */
      writers: z.coerce.number().int().min(1).max(64).default(1),
    })
    .prefault({}),
  /** Bytes of messages and rows held over all partitions before fetching pauses. */
  memory: sizeSetting.default(256 * 2 ** 20),
  /** Threads that decode; 0 = the main thread does it. Absent = one less than there are cores, at most 4. */
  decodeThreads: z.coerce.number().int().min(0).max(64).optional(),
  store: z
    .strictObject({
      data: text.default('.microwall'),
      clickhouse: text.optional(),
      username: text.optional(),
      ...secret,
    })
    .prefault({}),
  /** Address of /metrics, /healthz and /readyz; absent = none. */
  listen: address.optional(),
  log: z.strictObject({ level: z.enum(LOG_LEVELS).default('info') }).prefault({}),
  /** How long SIGTERM may take to write what is held. */
  drainTimeout: durationSetting.default(25_000),
});

export type ConsumeSettings = z.output<typeof consumeSchema>;

/** Environment variables and the settings they stand for. `CLICKHOUSE_URL` is understood by every command. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  CLICKHOUSE_URL: 'store.clickhouse',
  MICROWALL_BATCH_AGE: 'batch.age',
  MICROWALL_BATCH_BYTES: 'batch.bytes',
  MICROWALL_BATCH_ROWS: 'batch.rows',
  MICROWALL_BATCH_WRITERS: 'batch.writers',
  MICROWALL_BROKERS: 'kafka.brokers',
  MICROWALL_CLICKHOUSE: 'store.clickhouse',
  MICROWALL_CLICKHOUSE_PASSWORD: 'store.password',
  MICROWALL_CLICKHOUSE_PASSWORD_FILE: 'store.passwordFile',
  MICROWALL_CLICKHOUSE_USERNAME: 'store.username',
  MICROWALL_CLUSTER: 'cluster',
  MICROWALL_DATA: 'store.data',
  MICROWALL_DEAD_LETTER_TOPIC: 'kafka.deadLetterTopic',
  MICROWALL_DECODE_THREADS: 'decodeThreads',
  MICROWALL_GROUP: 'kafka.group',
  MICROWALL_KAFKA_SASL_MECHANISM: 'kafka.sasl.mechanism',
  MICROWALL_KAFKA_SASL_PASSWORD: 'kafka.sasl.password',
  MICROWALL_KAFKA_SASL_PASSWORD_FILE: 'kafka.sasl.passwordFile',
  MICROWALL_KAFKA_SASL_TOKEN_FILE: 'kafka.sasl.tokenFile',
  MICROWALL_KAFKA_SASL_USERNAME: 'kafka.sasl.username',
  MICROWALL_KAFKA_TLS: 'kafka.tls',
  MICROWALL_KAFKA_TLS_CA_FILE: 'kafka.tls.caFile',
  MICROWALL_KAFKA_TLS_CERT_FILE: 'kafka.tls.certFile',
  MICROWALL_KAFKA_TLS_KEY_FILE: 'kafka.tls.keyFile',
  MICROWALL_LISTEN: 'listen',
  MICROWALL_LOG_LEVEL: 'log.level',
  MICROWALL_MEMORY: 'memory',
  MICROWALL_START: 'kafka.start',
  MICROWALL_TOPICS: 'topics',
};

/** Values of the environment as overrides; empty variables count as unset. */
export function environmentOverrides(env: Readonly<Record<string, string | undefined>>): Override[] {
  return Object.entries(ENVIRONMENT).flatMap(([name, path]) => {
    const value = env[name];
    return value === undefined || value === '' ? [] : [{ path, value: readText(path, value), origin: name }];
  });
}

function readText(path: string, value: string): unknown {
  if (path === 'kafka.brokers') return splitList(value);
  if (path === 'topics') return splitList(value).map(parseTopic);
  if (path === 'kafka.tls') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

/** `a:1, b:2` → its parts. */
export function splitList(value: string): string[] {
  return value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** `flows`, `flows=hubble`, `flows=hubble@prod` → a topic. */
export function parseTopic(value: string): { name: string; format?: string; cluster?: string } {
  const match = /^([^=@]*)(?:=([^@]*))?(?:@(.*))?$/.exec(value);
  if (!match?.[1]) throw settingsFailure([`topic "${value}": write NAME, NAME=FORMAT or NAME=FORMAT@CLUSTER`]);
  const [, name, of, cluster] = match;
  return { name, ...(of ? { format: of } : {}), ...(cluster ? { cluster } : {}) };
}

/** Settings before validation may carry `cluster`: it is given to every topic that names none, then removed. */
export const consumeInput = z.preprocess((input) => {
  if (typeof input !== 'object' || input === null || !('cluster' in input)) return input;
  const { cluster, ...rest } = input as Record<string, unknown>;
  const topics = 'topics' in rest && Array.isArray(rest.topics) ? rest.topics : undefined;
  return topics === undefined ? rest : { ...rest, topics: topics.map((entry) => ({ cluster, ...entry })) };
}, consumeSchema);
