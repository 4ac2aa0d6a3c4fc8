import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Consumer, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs';
import type { Log } from '../../src/telemetry/log.ts';
import { Failure } from '../../src/util/failure.ts';
import { KafkaClaim, toMessages } from './claim.ts';
import { hopeless, protocolError } from './client.ts';
import type { CommittedOffset } from './ledger.ts';
import { committedOffsets } from './offsets.ts';
import { type Claim, ClaimLost, type FlowSource, type SourceListener } from './source.ts';

export interface KafkaSourceOptions {
  readonly kafka: Kafka;
  readonly log: Log;
  readonly topics: readonly string[];
  readonly group: string;
  /** Where a group without committed offsets begins. */
  readonly start: 'earliest' | 'latest';
  /** Milliseconds after which the group gives up on a silent member. */
  readonly sessionTimeout: number;
  readonly maxBytesPerPartition: number;
}

/** A claim is rejected by the coordinator with one of these once the group has moved on. */
const FENCED = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID']);

/** How long to wait for data that does not come; also how late a resumed partition is fetched again. */
const FETCH_WAIT_MS = 250;

/**
 * Reads a consumer group through kafkajs and closes the gaps it is known for:
 * - Partitions taken away are not announced: every claim ends when a JoinGroup answer arrives, which is before kafkajs
 *   adopts the new generation, so that nothing of the old one can be committed under the new one.
 * - `consumer.commitOffsets` repeats a commit across generations; the unrepeated form of `eachBatch` is used instead,
 *   and the broker fences it by generation.
 * - Batches fetched before a rebalance may be delivered after it: a batch counts only where it continues our position.
 * - A consumer that crashes for good or falls silent is replaced.
 */
export class KafkaSource implements FlowSource {
  readonly #options: KafkaSourceOptions;
  readonly #admin: Admin;
  #listener: SourceListener | undefined;
  #consumer: Consumer | undefined;
  #claims = new Map<string, KafkaClaim>();
  /** Resolves once the claims of the current generation are known. */
  #settled: Promise<void> = Promise.resolve();
  #generation = 0;
  #alive = 0;
  #stopped = false;
  #watchdog: NodeJS.Timeout | undefined;

  constructor(options: KafkaSourceOptions) {
    this.#options = options;
    this.#admin = options.kafka.admin();
  }

  async start(listener: SourceListener): Promise<void> {
    this.#listener = listener;
    try {
      await this.#admin.connect();
      await this.#join();
    } catch (error) {
      const remedy = 'Check that the brokers run and stay reachable.';
      const message = `cannot join the group ${this.#options.group}: ${(error as Error).message}`;
      throw hopeless(error) ?? new Failure('unreachable', message, remedy, { cause: error });
    }
    const patience = Math.max(2 * this.#options.sessionTimeout, 60_000);
    this.#watchdog = setInterval(() => {
      if (Date.now() - this.#alive > patience) this.#replace('the Kafka consumer has fallen silent');
    }, 5_000);
  }

  pause(claim: Claim): void {
    this.#steer(claim, (consumer, partitions) => consumer.pause(partitions));
  }

  resume(claim: Claim): void {
    this.#steer(claim, (consumer, partitions) => consumer.resume(partitions));
  }

  async commit(claim: Claim, position: CommittedOffset): Promise<void> {
    const own = this.#claims.get(nameOf(claim.topic, claim.partition));
    for (let wait = 100; ; wait = Math.min(wait * 2, 5_000)) {
      if (own !== claim || own.lost || this.#stopped) throw new ClaimLost(claim);
      try {
        await own.commit(position);
        return;
      } catch (error) {
        if (FENCED.has(protocolError(error))) own.lost = true;
        else this.#options.log.warn('commit failed, trying again', { ...position, topic: claim.topic, error });
      }
      if (!own.lost) await sleep(wait);
    }
  }

  async reachable(): Promise<boolean> {
    return this.#admin.fetchTopicMetadata({ topics: [...this.#options.topics] }).then(
      () => true,
      () => false,
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#watchdog);
    this.#loseAll();
    // A request that is still under way would open the connection of the admin client again.
    const closeAdmin = async () => {
      await this.#settled;
      await this.#admin.disconnect();
    };
    // kafkajs can hang while it disconnects from a broker that is gone.
    const left = Promise.allSettled([this.#consumer?.disconnect(), closeAdmin()]);
    await Promise.race([left, sleep(10_000, undefined, { ref: false })]);
  }

  async #join(): Promise<void> {
    const { kafka, group, topics, start, sessionTimeout, maxBytesPerPartition } = this.#options;
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout,
      heartbeatInterval: Math.min(3_000, sessionTimeout / 4),
      maxBytesPerPartition,
      maxBytes: 8 * maxBytesPerPartition,
      minBytes: 1,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
    });
    this.#consumer = consumer;
    this.#alive = Date.now();
    this.#observe(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: start === 'earliest' });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => this.#eachBatch(consumer, payload) });
    if (this.#stopped) await consumer.disconnect();
  }

  #observe(consumer: Consumer): void {
    const { events } = consumer;
    const current = () => consumer === this.#consumer && !this.#stopped;
    const alive = () => {
      if (current()) this.#alive = Date.now();
    };
    consumer.on(events.HEARTBEAT, alive);
    consumer.on(events.FETCH, alive);
    consumer.on(events.REQUEST, ({ payload }) => {
      if (payload.apiName === 'JoinGroup' && current()) this.#loseAll();
    });
    consumer.on(events.GROUP_JOIN, (event) => {
      alive();
      if (current()) this.#settled = this.#settle(event, this.#generation);
    });
    consumer.on(events.CRASH, ({ payload }) => {
      if (!current()) return;
      this.#loseAll();
      if (payload.restart) return;
      const failure = hopeless(payload.error);
      if (failure) this.#listener?.failed(failure);
      else this.#replace(payload.error.message);
    });
  }

  #loseAll(): void {
    this.#generation += 1;
    for (const claim of this.#claims.values()) claim.lost = true;
  }

  /** Finds out where the claims of a generation begin; tries again until the next generation. */
  async #settle({ payload }: ConsumerGroupJoinEvent, generation: number): Promise<void> {
    const { group, start, log } = this.#options;
    for (let wait = 100; generation === this.#generation; wait = Math.min(wait * 2, 5_000)) {
      try {
        const offsets = await committedOffsets(this.#admin, { group, start, assignment: payload.memberAssignment });
        if (generation !== this.#generation) return;
        const claims = offsets.map((offset) => new KafkaClaim(offset));
        this.#claims = new Map(claims.map((claim) => [nameOf(claim.topic, claim.partition), claim]));
        for (const claim of claims) this.resume(claim);
        log.info('joined the consumer group', { group, member: payload.memberId, assigned: payload.memberAssignment });
        this.#listener?.assigned(claims);
        return;
      } catch (error) {
        const failure = hopeless(error);
        if (failure) this.#listener?.failed(failure);
        log.warn('cannot read the committed offsets, trying again', { error });
        await sleep(wait);
      }
    }
  }

  async #eachBatch(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    for (let settled = false; !settled; await payload.heartbeat()) {
      const known = this.#settled.then(() => true);
      settled = await Promise.race([known, sleep(1_000, false, { ref: false })]);
    }
    const claim = this.#claims.get(nameOf(batch.topic, batch.partition));
    if (claim === undefined || claim.lost || consumer !== this.#consumer || this.#stopped) return;
    claim.committer = payload.commitOffsetsIfNecessary;
    const { fetchedOffset } = batch as typeof batch & { readonly fetchedOffset: string };
    const accepted = claim.accept(Number(fetchedOffset));
    if (!accepted) {
      // Left over from before a rebalance, or a real gap: the broker is asked once more from where we stand.
      consumer.seek({ topic: batch.topic, partition: batch.partition, offset: String(claim.next) });
      return;
    }
    const messages = toMessages(batch.messages, claim.next);
    claim.next = Math.max(claim.next, Number(batch.lastOffset()) + 1);
    this.#listener?.delivered(claim, { messages, next: claim.next, end: Number(batch.highWatermark) });
  }

  #steer(claim: Claim, act: (consumer: Consumer, partitions: { topic: string; partitions: number[] }[]) => void): void {
    if (claim.lost || !this.#consumer) return;
    try {
      act(this.#consumer, [{ topic: claim.topic, partitions: [claim.partition] }]);
    } catch {
      // Between a crash and the restart there is no group to steer; the next assignment starts resumed.
    }
  }

  #replace(reason: string): void {
    const old = this.#consumer;
    this.#loseAll();
    this.#alive = Date.now();
    this.#consumer = undefined;
    this.#options.log.warn('replacing the Kafka consumer', { reason });
    void old?.disconnect().catch(() => undefined);
    const again = async () => {
      await sleep(1_000);
      if (!this.#stopped) await this.#join();
    };
    again().catch((error: Error) => {
      const failure = hopeless(error);
      if (failure) this.#listener?.failed(failure);
      else this.#replace(error.message);
    });
  }
}

function nameOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
