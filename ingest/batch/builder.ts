import { type Batch, type Loss, type PositionedFlow, REJECT_SAMPLE_BYTES, type Reject } from '../../src/model/batch.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { LabelInterner } from '../../src/model/labels.ts';
import { FlowRows } from '../../src/store/write/flow-rows.ts';
import { plainBytes } from '../decode/bytes.ts';
import type { DecodeContext, DecodeSink, JsonObject } from '../decode/decoder.ts';
import type { Detector } from '../decode/detect.ts';
import { NO_TIME } from '../decode/time.ts';
import type { Origin } from '../decode/unwrap-envelope.ts';
import { type Frame, framesOf, RECORD_LIMIT } from '../frames/frames.ts';
import { type IngestCounts, increment, newCounts } from './builder-counts.ts';
import { interpreterOf } from './interpreter.ts';
import { BatchNamespaces } from './namespaces.ts';

/** What is the same for all records of one source: a file, or a partition of a topic. */
export interface SourceSettings {
  /** `file:<name>` or the name of the topic. */
  readonly topic: string;
  readonly partition: number;
  /** A name of `DECODERS`, or `auto`. */
  readonly format: string;
  /** For records that name no cluster. */
  readonly cluster: string;
  /** Shared by all sources of a process, so that equal label sets are one object. */
  readonly interner: LabelInterner;
  /** Milliseconds since the epoch; records from more than a day after it are rejected. */
  readonly now: () => number;
  /** See `DecodeContext`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Sees every row before it is encoded. */
  readonly watch?: (row: PositionedFlow) => void;
}

/** Label sets that a process keeps to know them again; more than clusters have. */
export const LABEL_SET_LIMIT = 100_000;

/** Clocks of nodes may be a little wrong; a day is not a little, and every strange day costs a partition. */
const FUTURE_LIMIT = 86_400_000;

const HOUR = 3_600_000;

/**
 * Turns records into one `Batch`: frames, unwraps, decodes, counts. What it builds depends on what was added alone, so
 * a batch can be built again after a crash. Use `rows` and `bytes` to decide when to `build`, which empties it.
 */
export class BatchBuilder {
  readonly #settings: SourceSettings;
  readonly #settled: DecodeContext;
  /** That of the settings, or of the message at hand. */
  #context: DecodeContext;
  readonly #detector: Detector;
  readonly #sink: DecodeSink;
  readonly #namespaces = new BatchNamespaces();
  readonly #rows = new FlowRows();
  #rejects: Reject[] = [];
  #counts = newCounts();
  /** Events lost by the hour in which the source said so. */
  readonly #lost = new Map<string, number>();
  #bytes = 0;
  #offset = -1;
  #index = 0;
  #line = 0;
  /** When the message at hand was received; `undefined` when nobody knows. */
  #received: number | undefined;
  #sample: () => string = () => '';

  constructor(settings: SourceSettings) {
    const { cluster, interner, options = {} } = settings;
    this.#settings = settings;
    this.#settled = { cluster, node: '', interner, options };
    this.#context = this.#settled;
    this.#detector = interpreterOf(settings.format);
    this.#sink = {
      flow: (flow) => this.#addFlow(flow),
      reject: (reason, detail) => this.#addReject(reason, detail, this.#sample()),
      skip: (reason) => increment(this.#counts.skipped, reason),
      lost: (events, time) => this.#addLoss(events, time),
      namespace: (told) => this.#namespaces.add(told),
    };
  }

  get rows(): number {
    return this.#rows.count;
  }

  /** Rows and rejects: what has to be stored. */
  get size(): number {
    return this.#rows.count + this.#rejects.length;
  }

  /** Bytes of the records added. */
  get bytes(): number {
    return this.#bytes;
  }

  get counts(): IngestCounts {
    return this.#counts;
  }

  /** Where the next messages come from when neither record nor envelope tells; without it, from where the settings say. */
  setOrigin(origin: Origin | undefined): void {
    const { cluster } = this.#settled;
    this.#context =
      origin === undefined
        ? this.#settled
        : { ...this.#settled, cluster: origin.cluster || cluster, node: origin.node };
  }

  /** Adds a message, which may hold many records; `received` stands in for records from which the time was removed. */
  add(payload: Buffer, offset: number, received?: number): void {
    this.#received = received;
    this.#moveTo(offset, 0);
    this.#detector.reset();
    this.#bytes += payload.length;
    const plain = plainBytes(payload, RECORD_LIMIT);
    if ('reject' in plain) this.#addUnreadable(plain.reject, plain.detail, payload);
    else this.#addFrames(plain.bytes);
  }

  #addFrames(bytes: Buffer): void {
    const frames = framesOf(bytes);
    if (frames.length === 0) increment(this.#counts.skipped, 'empty-message');
    for (const frame of frames) {
      this.#line = frames.length > 1 ? frame.line : 0;
      this.#addValue(frame, () => bytes.toString('utf8', frame.start, frame.start + REJECT_SAMPLE_BYTES));
    }
  }

  #addUnreadable(reason: string, detail: string, payload: Buffer): void {
    this.#counts.records += 1;
    this.#addReject(reason, detail, payload.toString('utf8', 0, REJECT_SAMPLE_BYTES));
  }

  /** Adds one record of a file; `sample` gives its first bytes as text, should it be rejected. */
  addFrame(frame: Frame, sample: () => string): void {
    this.#received = undefined;
    this.#moveTo(frame.start, frame.line);
    this.#addValue(frame, sample);
    this.#bytes += frame.end - frame.start;
  }

  /** Everything added since the last `build`, under `token`. */
  build(token: string): Batch {
    const [namespaces, losses] = [this.#namespaces.take(), this.#losses()];
    const batch = { token, ...this.#rows.take(), rejects: this.#rejects, namespaces, losses };
    this.#lost.clear();
    this.#rejects = [];
    this.#counts = newCounts();
    this.#bytes = 0;
    return batch;
  }

  #moveTo(offset: number, line: number): void {
    if (offset !== this.#offset) this.#index = 0;
    this.#offset = offset;
    this.#line = line;
  }

  #addValue(frame: Frame, sample: () => string): void {
    this.#counts.records += 1;
    this.#sample = sample;
    if (frame.value !== undefined) this.#decode(frame.value);
    else this.#addReject(frame.reason, frame.detail, frame.sample);
  }

  #decode(value: JsonObject | string): void {
    try {
      this.#detector.decode(value, this.#context, this.#sink);
    } catch (error) {
      // Decoders do not throw. Should one do so all the same, one record must not stop a partition for ever.
      this.#addReject('decoder-failed', `our decoder failed: ${String(error).slice(0, 200)}`, this.#sample());
    }
  }

  #addFlow(flow: Flow): void {
    const dated = flow.time === NO_TIME ? this.#dated(flow) : flow;
    if (dated === undefined) this.#addReject('no-time', 'the record has no time', this.#sample());
    else if (dated.endTime > this.#settings.now() + FUTURE_LIMIT)
      this.#addReject('time-in-future', 'the record is from more than a day in the future', this.#sample());
    else this.#addRow(dated);
  }

  #addRow(flow: Flow): void {
    const { topic, partition, watch } = this.#settings;
    const row = { position: { topic, partition, offset: this.#offset, index: this.#index }, flow };
    this.#rows.add(row);
    watch?.(row);
    this.#index += 1;
    this.#counts.rows += 1;
    increment(this.#counts.formats, flow.format);
  }

  #dated(flow: Flow): Flow | undefined {
    return this.#received === undefined ? undefined : { ...flow, time: this.#received, endTime: this.#received };
  }

  #addLoss(events: number, time = this.#received ?? 0): void {
    // A sum beyond this would no longer be written as a number that the store can read.
    const counted = Math.min(events, Number.MAX_SAFE_INTEGER - this.#counts.lost);
    this.#counts.lost += counted;
    increment(this.#lost, String(Math.floor(time / HOUR) * HOUR), counted);
  }

  #losses(): Loss[] {
    const { cluster, topic } = this.#settings;
    return [...this.#lost].map(([hour, events]) => ({ cluster, topic, hour: Number(hour), events }));
  }

  #addReject(reason: string, detail: string, sample: string): void {
    const { topic, partition } = this.#settings;
    const position = { topic, partition, offset: this.#offset, index: this.#index };
    this.#index += 1;
    this.#rejects.push({ position, line: this.#line, reason, detail, sample });
    this.#counts.rejects += 1;
    const known = this.#counts.rejected.get(reason);
    if (known !== undefined) known.count += 1;
    else this.#counts.rejected.set(reason, { count: 1, detail, first: this.#place() });
  }

  #place(): string {
    const { topic, partition } = this.#settings;
    if (topic.startsWith('file:')) return `${topic.slice('file:'.length)}:${this.#line}`;
    return `${topic}/${partition}@${this.#offset}`;
  }
}
