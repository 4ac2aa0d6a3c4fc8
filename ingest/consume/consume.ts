import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { LabelInterner } from '../../src/model/labels.ts';
import { openStore } from '../../src/store/client.ts';
import { storeFailure } from '../../src/store/engine/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { type Endpoint, serveTelemetry } from '../../src/telemetry/endpoint.ts';
import type { Log } from '../../src/telemetry/log.ts';
import { Failure } from '../../src/util/failure.ts';
import { LABEL_SET_LIMIT } from '../batch/builder.ts';
import { type DecodePool, startDecodePool } from '../batch/decode-pool.ts';
import type { RangeBuilder } from '../batch/lane.ts';
import { messageBuilder } from '../batch/message-builder.ts';
import { kafkaClient } from '../kafka/client.ts';
import { type KafkaDeadLetters, kafkaDeadLetters } from '../kafka/dead-letters.ts';
import { KafkaSource } from '../kafka/kafka.ts';
import type { Claim } from '../kafka/source.ts';
import { awaitTopics } from '../kafka/topics.ts';
import type { ConsumeSettings } from './config.ts';
import { clickhouseUrl, kafkaConnection } from './connection.ts';
import { letHeapGrow } from './heap.ts';
import { createMetrics } from './metrics.ts';
import { Pump } from './pump.ts';

export interface ConsumeOptions {
  readonly settings: ConsumeSettings;
  readonly log: Log;
  /** Aborted to end: what is held is written, then the group is left. */
  readonly signal: AbortSignal;
  /** End by itself when nothing has arrived for so many milliseconds. */
  readonly untilIdle?: number | undefined;
}

/** How often ages, idleness and the end are looked at. */
const TICK_MS = 200;

/**
 * Consumes until the signal, or until nothing more arrives. Throws a `Failure` when broker or store are out of reach at
 * the start, and whatever made going on impossible later. Once running, outages are waited out.
 */
export async function consume({ settings, log, signal, untilIdle }: ConsumeOptions): Promise<void> {
  const { kafka: wanted, batch, memory } = settings;
  const names = settings.topics.map(({ name }) => name);
  letHeapGrow();

  // 1. Reach the broker and the store, in this order: the broker is the cheaper question.
  const connection = kafkaConnection(settings);
  const kafka = kafkaClient(connection, log);
  const letterTopic = wanted.deadLetterTopic;
  await awaitTopics(
    kafkaClient(connection, log, 0),
    letterTopic === undefined ? names : [...names, letterTopic],
    wanted,
  );
  const store = await openStore({ data: settings.store.data, clickhouse: clickhouseUrl(settings) });

  // 2. Wire the parts.
  const metrics = createMetrics();
  const source = new KafkaSource({
    kafka,
    log,
    topics: names,
    group: wanted.group,
    start: wanted.start,
    sessionTimeout: wanted.sessionTimeout,
    maxBytesPerPartition: wanted.fetchBytes,
  });
  const letters = letterTopic === undefined ? undefined : kafkaDeadLetters(kafka, letterTopic);
  const stop = new AbortController();
  let fatal: unknown;
  const threads = settings.decodeThreads ?? defaultThreads();
  const pool = threads === 0 ? undefined : startDecodePool(threads, (error) => pump.failed(error));
  const pump = new Pump({
    source,
    builder: builders(settings, pool),
    write: (rows) => writeBatch(store, rows),
    passing: (error) => isPassing(error, store),
    deadLetters: letters,
    limits: batch,
    memory,
    writers: batch.writers,
    metrics,
    log,
    now: () => performance.now(),
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal: stop.signal }).catch(() => undefined),
    failed: (error) => {
      fatal = error;
    },
  });

  // 3. Run.
  let endpoint: Endpoint | undefined;
  try {
    endpoint = await serve(settings, { metrics, pump, failed: () => fatal !== undefined });
    const { group } = wanted;
    log.info('consuming', { topics: names, group, store: store.location, metrics: endpoint?.address, threads });
    if (!signal.aborted) await source.start(pump);
    await untilEnd({ pump, source, signal, untilIdle, failed: () => fatal !== undefined });

    // 4. Drain, unless there is nothing to save.
    if (fatal === undefined) await drain(pump, settings.drainTimeout, log);
  } finally {
    pump.abandon();
    stop.abort();
    await close({ source, letters, endpoint, store, pool, log });
  }
  if (fatal !== undefined) throw storeFailure(fatal, store.location);
  log.info('stopped', { ...metrics.totals });
}

/** The Kafka client keeps one core busy; beyond four threads it is what is waited for. */
function defaultThreads(): number {
  return Math.min(4, Math.max(0, availableParallelism() - 1));
}

function builders({ topics }: ConsumeSettings, pool: DecodePool | undefined): (claim: Claim) => RangeBuilder {
  const interner = new LabelInterner(LABEL_SET_LIMIT);
  const byName = new Map(topics.map((topic) => [topic.name, topic]));
  return ({ topic, partition }) => {
    const wanted = byName.get(topic);
    if (!wanted) throw new Error(`a partition of ${topic} was assigned, which is not subscribed`);
    const { format, cluster, options } = wanted;
    const settings = { topic, partition, format, cluster, options };
    return pool?.builder(settings) ?? messageBuilder({ ...settings, interner });
  };
}

/** Outages, overload and full disks pass; a wrong table or a mistake of ours does not. */
function isPassing(error: unknown, store: Store): boolean {
  const failure = storeFailure(error, store.location);
  if (failure instanceof Failure) return failure.kind === 'unreachable';
  return error instanceof Error && error.name.startsWith('KafkaJS');
}

function serve(
  { listen }: ConsumeSettings,
  parts: { readonly metrics: ReturnType<typeof createMetrics>; readonly pump: Pump; readonly failed: () => boolean },
): Promise<Endpoint> | undefined {
  if (listen === undefined) return undefined;
  const colon = listen.lastIndexOf(':');
  return serveTelemetry({
    host: listen.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(listen.slice(colon + 1)),
    registry: parts.metrics.registry,
    healthy: () => (parts.failed() ? 'failed' : 'ok'),
    ready: () => (!parts.pump.joined ? 'not in the group yet' : parts.pump.troubled ? 'store does not answer' : 'ok'),
  });
}

interface Running {
  readonly pump: Pump;
  readonly source: KafkaSource;
  readonly signal: AbortSignal;
  readonly untilIdle: number | undefined;
  readonly failed: () => boolean;
}

async function untilEnd({ pump, source, signal, untilIdle, failed }: Running): Promise<void> {
  while (!signal.aborted && !failed()) {
    await sleep(TICK_MS, undefined, { signal }).catch(() => undefined);
    pump.tick();
    if (untilIdle === undefined || pump.idle() < untilIdle) continue;
    // A broker that is away sends nothing either: idle is only what the broker confirms.
    if (await source.reachable()) return;
  }
}

async function drain(pump: Pump, timeout: number, log: Log): Promise<void> {
  const late = sleep(timeout, 'late' as const, { ref: false });
  const end = await Promise.race([pump.drain().then(() => 'drained' as const), late]);
  if (end === 'late')
    log.warn('not everything held could be written in time; the next start reads it again', { timeout });
}

interface Parts {
  readonly source: KafkaSource;
  readonly letters: KafkaDeadLetters | undefined;
  readonly endpoint: Endpoint | undefined;
  readonly store: Store;
  readonly pool: DecodePool | undefined;
  readonly log: Log;
}

async function close({ source, letters, endpoint, store, pool, log }: Parts): Promise<void> {
  const closed = await Promise.allSettled([source.stop(), letters?.close(), endpoint?.close(), pool?.close()]);
  for (const result of [...closed, ...(await Promise.allSettled([store.close()]))])
    if (result.status === 'rejected') log.warn('closing failed', { error: result.reason });
}
