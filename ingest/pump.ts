import type { Batch } from '../src/model/batch.ts';
import type { Log } from '../src/telemetry/log.ts';
import { type BatchLimits, cutReason, extendRange, isBeyond, isCuttable } from './batcher.ts';
import type { DeadLetterSink } from './dead-letter.ts';
import { type ClosedBatch, cutLane, type Lane, openLane, type RangeBuilder } from './lane.ts';
import { doneCommit, intentCommit } from './ledger.ts';
import type { PumpMetrics } from './metrics.ts';
import { type Claim, ClaimLost, type Delivery, type FlowSource, type SourceListener } from './source.ts';

export interface PumpOptions {
  readonly source: FlowSource;
  readonly builder: (claim: Claim) => RangeBuilder;
  /** Stores a batch under its token; sending it again changes nothing. */
  readonly write: (batch: Batch) => Promise<void>;
  /** Whether an error of `write` may pass by itself. Everything else ends the pump. */
  readonly passing: (error: unknown) => boolean;
  readonly deadLetters?: DeadLetterSink | undefined;
  readonly limits: BatchLimits;
  /** Bytes of message values held at most, over all partitions, before fetching is paused. */
  readonly memory: number;
  /** Inserts that run at the same time. */
  readonly writers: number;
  readonly metrics: PumpMetrics;
  readonly log: Log;
  /** Milliseconds; may have any zero. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Called once when the pump cannot go on. */
  readonly failed: (error: unknown) => void;
}

/** Waits between tries of an insert: from the first to the last, doubling. */
const RETRY_MS = { first: 200, last: 15_000 };

/**
 * The one loop from messages to rows: decode, gather, announce the range, write it, confirm it. One partition is
 * written in order, one range at a time; while it is written the next range gathers, and when that is full too the
 * partition is paused. Every effect is awaited here and nowhere else.
 */
export class Pump implements SourceListener {
  readonly #options: PumpOptions;
  #lanes = new Map<string, Lane>();
  /** Last write of each partition, also of lost claims: their successor waits for it. */
  readonly #writes = new Map<string, Promise<void>>();
  readonly #queue: (() => void)[] = [];
  #writing = 0;
  #held = 0;
  #draining = false;
  #ended = false;
  #troubled = 0;
  #lastArrival: number;
  #joined = false;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#lastArrival = options.now();
  }

  /** Lanes that retry an insert at this moment. */
  get troubled(): boolean {
    return this.#troubled > 0;
  }

  get joined(): boolean {
    return this.#joined;
  }

  /** Milliseconds for which nothing arrived and nothing was being written. What still gathers is for `drain`. */
  idle(): number {
    const busy = [...this.#lanes.values()].some((lane) => lane.writing);
    if (busy || !this.#joined || this.#writing > 0) this.#lastArrival = this.#options.now();
    return this.#options.now() - this.#lastArrival;
  }

  assigned(claims: readonly Claim[]): void {
    // What lost lanes still write ends by itself, and its bytes are given back there.
    for (const lane of this.#lanes.values()) this.#held -= lane.range.bytes;
    this.#lanes = new Map(claims.map((claim) => [nameOf(claim), openLane(claim, this.#options.builder(claim))]));
    this.#joined = true;
    this.#lastArrival = this.#options.now();
    this.#options.metrics.assigned(claims);
    if (this.#draining) this.#steer();
  }

  delivered(claim: Claim, { messages, next, end }: Delivery): void {
    const lane = this.#lanes.get(nameOf(claim));
    if (lane?.claim !== claim || claim.lost || this.#ended) return;
    const { now, limits } = this.#options;
    this.#lastArrival = now();
    lane.end = end;
    for (const message of messages) {
      if (isBeyond(lane.range, message.offset)) this.#cut(lane, 'rebuilt');
      const { rows, rejects } = lane.builder.add(message);
      if (rejects > 0 && this.#options.deadLetters) lane.rejected.push(message);
      const bytes = message.value?.length ?? 0;
      extendRange(lane.range, { offset: message.offset, stamp: message.timestamp, rows, bytes }, this.#lastArrival);
      this.#held += bytes;
      const reason = cutReason(lane.range, limits, this.#lastArrival);
      if (reason) this.#cut(lane, reason);
    }
    // The end of an announced range may be gone by now; passing it completes the range all the same.
    if (lane.range.intent && next > lane.range.intent.last) this.#cut(lane, 'rebuilt');
    this.#steer();
  }

  failed(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.failed(error);
  }

  /** Closes ranges that have waited long enough; to be called several times a second. */
  tick(): void {
    const now = this.#options.now();
    for (const lane of this.#lanes.values()) {
      const reason = cutReason(lane.range, this.#options.limits, now);
      if (reason) this.#cut(lane, reason);
    }
    this.#steer();
  }

  /** Takes no more messages, writes and commits what is there. What a lost claim holds is left to the next owner. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#steer();
    for (const lane of this.#lanes.values()) if (isCuttable(lane.range)) this.#cut(lane, 'drain');
    while ([...this.#lanes.values()].some((lane) => lane.writing && !this.#ended)) {
      await Promise.all([...this.#writes.values()]);
    }
  }

  /** Stops at once: nothing more is written or tried again. What was announced is rebuilt at the next start. */
  abandon(): void {
    this.#ended = true;
  }

  #cut(lane: Lane, reason: ClosedBatch['reason']): void {
    const closed = cutLane(lane, reason);
    this.#options.metrics.cut(lane.claim, closed);
    if (lane.writing) return;
    lane.writing = true;
    const before = this.#writes.get(nameOf(lane.claim)) ?? Promise.resolve();
    this.#writes.set(
      nameOf(lane.claim),
      before.then(() => this.#work(lane)),
    );
  }

  /** Writes the closed ranges of a lane until none is left. Never rejects. */
  async #work(lane: Lane): Promise<void> {
    try {
      while (!this.#ended) {
        const next = lane.closed[0];
        if (!next) break;
        await this.#slot(() => this.#store(lane, next));
        lane.closed.shift();
        this.#held -= next.bytes;
        this.#steer();
      }
    } catch (error) {
      if (!(error instanceof ClaimLost)) this.failed(error);
      else this.#options.log.info('left a range to the next owner', laneFields(lane));
      for (const closed of lane.closed.splice(0)) this.#held -= closed.bytes;
    } finally {
      lane.writing = false;
    }
  }

  /** Announce, write, send dead letters, confirm. */
  async #store(lane: Lane, closed: ClosedBatch): Promise<void> {
    const { source, deadLetters, metrics, log } = this.#options;
    const { claim } = lane;
    const { token } = closed.batch;
    if (!isEmpty(closed.batch)) {
      await source.commit(claim, intentCommit(closed.range));
      log.debug('announced', { token });
      await this.#untilDone(lane, 'insert', () => this.#insert(lane, closed));
      log.debug('inserted', { token, rows: closed.rows });
    }
    if (deadLetters && closed.letters.length > 0)
      await this.#untilDone(lane, 'dead letters', () => deadLetters.send(closed.letters));
    const done = doneCommit(closed.range);
    await source.commit(claim, done);
    log.debug('confirmed', { token });
    metrics.stored(claim, { closed, lag: Math.max(0, lane.end - done.offset) });
  }

  async #insert(lane: Lane, closed: ClosedBatch): Promise<void> {
    const started = this.#options.now();
    await this.#options.write(closed.batch);
    this.#options.metrics.inserted(lane.claim, (this.#options.now() - started) / 1000);
  }

  /** Repeats `act` until it succeeds, the claim is lost, or the error cannot pass. */
  async #untilDone(lane: Lane, what: string, act: () => Promise<void>): Promise<void> {
    const { passing, log, metrics, sleep } = this.#options;
    let wait = RETRY_MS.first;
    let troubled = false;
    try {
      for (;;) {
        if (lane.claim.lost || this.#ended) throw new ClaimLost(lane.claim);
        try {
          return await act();
        } catch (error) {
          if (!passing(error)) throw error;
          log.warn('the store or broker did not take a batch, trying again', {
            what,
            wait,
            error,
            ...laneFields(lane),
          });
          metrics.retried(lane.claim);
          if (!troubled) this.#troubled += 1;
          troubled = true;
        }
        await sleep(wait);
        wait = Math.min(wait * 2, RETRY_MS.last);
      }
    } finally {
      if (troubled) this.#troubled -= 1;
    }
  }

  /** Runs `act` when one of the writers is free. */
  async #slot(act: () => Promise<void>): Promise<void> {
    if (this.#writing >= this.#options.writers) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#writing += 1;
    try {
      await act();
    } finally {
      const next = this.#queue.shift();
      if (next) next();
      else this.#writing -= 1;
    }
  }

  /** Pauses lanes that must not grow and resumes the others; over the memory limit the largest range is closed. */
  #steer(): void {
    const full = this.#held >= this.#options.memory;
    if (full && !this.#draining) this.#relieve();
    for (const lane of this.#lanes.values()) {
      const waiting = lane.closed.length > 1;
      const pause = this.#draining || waiting || (full && lane.range.intent === undefined);
      if (pause === lane.paused || lane.claim.lost) continue;
      lane.paused = pause;
      if (pause) this.#options.source.pause(lane.claim);
      else this.#options.source.resume(lane.claim);
    }
  }

  #relieve(): void {
    const idle = [...this.#lanes.values()].filter((lane) => isCuttable(lane.range) && !lane.writing);
    const largest = idle.sort((a, b) => b.range.bytes - a.range.bytes)[0];
    if (largest) this.#cut(largest, 'memory');
  }
}

function isEmpty({ flows, rejects, labelSets, namespaces, losses = [] }: Batch): boolean {
  return flows.rows + rejects.length + labelSets.length + namespaces.length + losses.length === 0;
}

function nameOf({ topic, partition }: Claim): string {
  return `${topic}/${partition}`;
}

function laneFields({ claim, closed }: Lane): Record<string, unknown> {
  const range = closed[0]?.range;
  return { topic: claim.topic, partition: claim.partition, first: range?.first, last: range?.last };
}
