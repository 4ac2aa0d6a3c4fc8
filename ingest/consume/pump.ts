import type { Batch } from '../../src/model/batch.ts';
import type { Log } from '../../src/telemetry/log.ts';
import {
  type BatchLimits,
  type CutReason,
  cutReason,
  extendRange,
  isBeyond,
  isCuttable,
  settleRange,
} from '../batch/batcher.ts';
import {
  type BuiltRange,
  type ClosedBatch,
  cutLane,
  heldBytes,
  type Lane,
  openLane,
  type RangeBuilder,
  waitingMessages,
} from '../batch/lane.ts';
import { type DeadLetterSink, deadLetters as lettersOf } from '../kafka/dead-letter.ts';
import { doneCommit, intentCommit } from '../kafka/ledger.ts';
import {
  type Claim,
  ClaimLost,
  type Delivery,
  type FlowSource,
  type SourceListener,
  type SourceMessage,
} from '../kafka/source.ts';
import type { PumpMetrics } from './metrics.ts';

export interface PumpOptions {
  readonly source: FlowSource;
  readonly builder: (claim: Claim) => RangeBuilder;
  /** Stores a batch under its token; sending it again changes nothing. */
  readonly write: (batch: Batch) => Promise<void>;
  /** Whether an error of `write` may pass by itself. Everything else ends the pump. */
  readonly passing: (error: unknown) => boolean;
  readonly deadLetters?: DeadLetterSink | undefined;
  readonly limits: BatchLimits;
  /** Bytes of messages and rows held at most, over all partitions, before fetching is paused. */
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

/** Messages are handed to the builder in groups of about so many bytes. */
const GROUP_BYTES = 512 * 1024;

/** Share of the memory that messages of one partition may take that are not decoded yet. */
const UNDECODED_SHARE = 1 / 16;

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
  /** Lanes that write, also those whose claim is lost. */
  readonly #busy = new Set<Lane>();
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
    // What lost lanes still write ends by itself.
    for (const lane of this.#lanes.values()) lane.builder.close();
    this.#lanes = new Map(claims.map((claim) => [nameOf(claim), openLane(claim, this.#options.builder(claim))]));
    this.#joined = true;
    this.#lastArrival = this.#options.now();
    this.#options.metrics.assigned(claims);
    if (this.#draining) this.#steer();
  }

  delivered(claim: Claim, { messages, next, end }: Delivery): void {
    const lane = this.#lanes.get(nameOf(claim));
    if (lane?.claim !== claim || claim.lost || this.#ended) return;
    const now = this.#options.now();
    this.#lastArrival = now;
    lane.next = next;
    lane.end = end;
    for (let at = 0; at < messages.length; ) at = this.#take(lane, messages, at);
    // The end of an announced range may be gone by now; passing it completes the range all the same.
    if (lane.range.intent && next > lane.range.intent.last) this.#cut(lane, 'rebuilt');
    this.#steer();
  }

  /** Hands messages from `from` on to the builder, as many as make a group or fill the range; gives where they end. */
  #take(lane: Lane, messages: readonly SourceMessage[], from: number): number {
    const { range } = lane;
    let reason: CutReason | undefined;
    let bytes = 0;
    let to = from;
    for (; to < messages.length && bytes < GROUP_BYTES && reason === undefined; to++) {
      const { offset, timestamp, value } = messages[to] as SourceMessage;
      if (isBeyond(range, offset)) reason = 'rebuilt';
      if (reason !== undefined) break;
      const size = value?.length ?? 0;
      extendRange(range, { offset, stamp: timestamp, bytes: size }, this.#lastArrival);
      bytes += size;
      reason = this.#reason(lane);
    }
    if (to > from) this.#decode(lane, messages.slice(from, to), bytes);
    if (reason !== undefined && lane.range === range) this.#cut(lane, reason);
    return to;
  }

  #decode(lane: Lane, messages: readonly SourceMessage[], bytes: number): void {
    const { range, rejected: letters } = lane;
    lane.builder.add(messages, ({ rows, held, rejected }) => {
      settleRange(range, { messages: messages.length, bytes, rows, held });
      if (rejected.length > 0 && this.#options.deadLetters) {
        const bad = new Set(rejected);
        letters.push(...messages.filter(({ offset }) => bad.has(offset)));
      }
      if (lane.range !== range || lane.claim.lost || this.#ended) return;
      const reason = this.#reason(lane);
      if (reason !== undefined) this.#cut(lane, reason);
      this.#steer();
    });
  }

  #reason(lane: Lane): CutReason | undefined {
    return cutReason(lane.range, this.#options.limits, this.#lastArrival, waitingMessages(lane));
  }

  failed(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#options.failed(error);
  }

  /** Closes ranges that have waited long enough; to be called several times a second. */
  tick(): void {
    const { limits, now } = this.#options;
    for (const lane of this.#lanes.values()) {
      const reason = cutReason(lane.range, limits, now(), waitingMessages(lane));
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
    this.#busy.add(lane);
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
        const built = await next.built;
        await this.#slot(() => this.#store(lane, next, built));
        lane.closed.shift();
        this.#steer();
      }
    } catch (error) {
      if (!(error instanceof ClaimLost)) this.failed(error);
      else this.#options.log.info('left a range to the next owner', laneFields(lane));
      lane.closed.length = 0;
    } finally {
      lane.writing = false;
      this.#busy.delete(lane);
      this.#steer();
    }
  }

  /** Announce, write, send dead letters, confirm. */
  async #store(lane: Lane, closed: ClosedBatch, { batch, counts }: BuiltRange): Promise<void> {
    const { source, deadLetters, metrics, log } = this.#options;
    const { claim } = lane;
    const { token } = closed;
    if (!isEmpty(batch)) {
      await source.commit(claim, intentCommit(closed.range));
      log.debug('announced', { token });
      await this.#untilDone(lane, 'insert', () => this.#insert(lane, batch));
      log.debug('inserted', { token, rows: counts.rows + counts.rejects });
    }
    const letters = deadLetters ? lettersOf(closed.rejected, batch.rejects) : [];
    if (deadLetters && letters.length > 0) await this.#untilDone(lane, 'dead letters', () => deadLetters.send(letters));
    const done = doneCommit(closed.range);
    await source.commit(claim, done);
    log.debug('confirmed', { token });
    metrics.stored(claim, { counts, lag: Math.max(0, lane.end - done.offset) });
  }

  async #insert(lane: Lane, batch: Batch): Promise<void> {
    const started = this.#options.now();
    await this.#options.write(batch);
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
    const { memory, source } = this.#options;
    const full = this.#held() >= memory;
    // What is being written frees memory by itself.
    if (full && !this.#draining && this.#busy.size === 0) this.#relieve();
    for (const lane of this.#lanes.values()) {
      const waiting = lane.closed.length > 1 || lane.range.undecoded > UNDECODED_SHARE * memory;
      const pause = this.#draining || waiting || (full && lane.range.intent === undefined);
      if (pause === lane.paused || lane.claim.lost) continue;
      lane.paused = pause;
      if (pause) source.pause(lane.claim);
      else source.resume(lane.claim);
    }
  }

  #held(): number {
    const lanes = new Set([...this.#lanes.values(), ...this.#busy]);
    return [...lanes].reduce((sum, lane) => sum + heldBytes(lane), 0);
  }

  #relieve(): void {
    const idle = [...this.#lanes.values()].filter((lane) => isCuttable(lane.range));
    const largest = idle.sort((a, b) => heldOf(b) - heldOf(a))[0];
    if (largest) this.#cut(largest, 'memory');
  }
}

function heldOf({ range }: Lane): number {
  return range.undecoded + range.encoded;
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
