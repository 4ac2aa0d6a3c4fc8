import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { Failure } from '../../src/util/failure.ts';
import { hopeless, protocolError, rootCause } from './client.ts';

export interface TopicWait {
  readonly brokers: readonly string[];
  /** Milliseconds. */
  readonly connectTimeout: number;
}

/**
 * Waits, with a client that does not retry by itself, until the brokers answer and all `topics` exist. Throws a `Failure`: `unreachable` when no broker answers in
 * time or it refuses us, `input` when a topic still does not exist then.
 */
export async function awaitTopics(kafka: Kafka, topics: readonly string[], wait: TopicWait): Promise<void> {
  const admin = kafka.admin();
  const deadline = Date.now() + wait.connectTimeout;
  try {
    for (;;) {
      const problem = await look(admin, topics, wait);
      if (problem === undefined) return;
      if (Date.now() + 500 >= deadline || hopeless(problem.cause) !== undefined)
        throw hopeless(problem.cause) ?? problem;
      await sleep(500);
    }
  } finally {
    await Promise.race([admin.disconnect().catch(() => undefined), sleep(2_000, undefined, { ref: false })]);
  }
}

async function look(
  admin: ReturnType<Kafka['admin']>,
  topics: readonly string[],
  { brokers }: TopicWait,
): Promise<Failure | undefined> {
  try {
    await admin.connect();
    const known = new Set(await admin.listTopics());
    const missing = topics.filter((topic) => !known.has(topic));
    if (missing.length === 0) return undefined;
    const which = missing.length === 1 ? `topic ${missing[0]} does` : `topics ${missing.join(', ')} do`;
    return new Failure('input', `${which} not exist on ${brokers.join(',')}`, 'Create it, or correct its name.');
  } catch (error) {
    const cause = rootCause(error);
    const reason = protocolError(error) || (cause instanceof Error ? cause.message : String(cause));
    const remedy = 'Check that Kafka runs there, and kafka.tls and kafka.sasl.';
    return new Failure('unreachable', `Kafka does not answer at ${brokers.join(',')}: ${reason}`, remedy, {
      cause: error,
    });
  }
}
