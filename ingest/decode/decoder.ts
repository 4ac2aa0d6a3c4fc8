import type { NamespaceLabels } from '../../src/model/batch.ts';
import type { FlowFormat } from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { LabelInterner } from '../../src/model/labels.ts';

/** Receives what a decoder makes of one record, in order. Every record ends in at least one call. */
export interface DecodeSink {
  flow(flow: Flow): void;
  /** The record, or a part of it, cannot be decoded: `reason` is stable kebab-case, `detail` one sentence. */
  reject(reason: string, detail: string): void;
  /** The record is understood and deliberately gives no row (bookkeeping events, `NODATA` …). */
  skip(reason: string): void;
  /** The source says that it lost this many events; `time` is when it said so, where that is known. */
  lost(events: number, time?: number): void;
  namespace(labels: NamespaceLabels): void;
}

/** What a decoder may know besides the record itself. Nothing here depends on the clock or on earlier records. */
export interface DecodeContext {
  /** Used when the record names no cluster; mandatory for Kafka topics, `default` on the command line. */
  readonly cluster: string;
  /** Node named by an envelope, used when the record names none; `''` unknown. */
  readonly node: string;
  readonly interner: LabelInterner;
  /** Format string, column list and the like that some formats need; keyed by option name. */
  readonly options: Readonly<Record<string, string>>;
}

/** A JSON object as `JSON.parse` gives it. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * One flow-log format. `recognises` and `decode` get one unwrapped record: a JSON object, or a text line for formats
 * that are not JSON. Both are pure and never throw on any input; `decode` may assume nothing but that `recognises`
 * could have been false.
 */
export interface Decoder {
  readonly format: FlowFormat;
  recognises(record: JsonObject | string): boolean;
  decode(record: JsonObject | string, context: DecodeContext, sink: DecodeSink): void;
}
