import type { Origin } from '../decode/unwrap-envelope.ts';
import type { SourceMessage } from '../kafka/source.ts';
import type { BuiltRange, Decoded } from './lane.ts';
import type { PartitionSettings } from './message-builder.ts';
import { headersOf, originOfHeaders } from './message-origin.ts';

/** Messages of one partition in two blocks of memory, which change hands without being copied. */
export interface PackedMessages {
  /** The values one after the other. */
  readonly values: Uint8Array<ArrayBuffer>;
  /** For each message its offset, its timestamp and where its value ends. */
  readonly places: Float64Array<ArrayBuffer>;
  /** What headers tell of some messages, by their index: most have none. */
  readonly origins: ReadonlyMap<number, Origin>;
}

/** What a thread is asked; `builder` is one partition for as long as it is claimed. */
export type DecodeRequest =
  | { readonly kind: 'open'; readonly builder: number; readonly settings: PartitionSettings }
  | { readonly kind: 'add'; readonly builder: number; readonly packed: PackedMessages }
  | { readonly kind: 'build'; readonly builder: number; readonly token: string }
  | { readonly kind: 'close'; readonly builder: number };

/** What it answers to all but `open`, in the order in which it was asked. */
export type DecodeAnswer =
  | { readonly kind: 'decoded'; readonly builder: number; readonly decoded: Decoded }
  | { readonly kind: 'built'; readonly builder: number; readonly built: BuiltRange }
  | { readonly kind: 'closed'; readonly builder: number };

const FIELDS = 3;
const NO_HEADERS = {};

/** Copies messages together: kafkajs cuts them from buffers that other partitions have a part in. */
export function packMessages(messages: readonly SourceMessage[]): PackedMessages {
  let total = 0;
  for (const { value } of messages) total += value?.length ?? 0;
  // Not filled with zeros, since every byte is written below.
  const values = Buffer.allocUnsafeSlow(total);
  const places = new Float64Array(FIELDS * messages.length);
  const origins = new Map<number, Origin>();
  let end = 0;
  let at = 0;
  for (const [index, { offset, timestamp, value, headers }] of messages.entries()) {
    if (value !== null) values.set(value, end);
    end += value?.length ?? 0;
    places[at++] = offset;
    places[at++] = timestamp;
    places[at++] = end;
    const origin = originOfHeaders(headers);
    if (origin !== undefined) origins.set(index, origin);
  }
  return { values, places, origins };
}

/** The messages again, as far as a decoder looks at them. */
export function unpackMessages({ values, places, origins }: PackedMessages): SourceMessage[] {
  let from = 0;
  return Array.from({ length: places.length / FIELDS }, (_, index) => {
    const at = FIELDS * index;
    const end = places[at + 2] as number;
    const value = Buffer.from(values.buffer, from, end - from);
    from = end;
    const origin = origins.get(index);
    const headers = origin === undefined ? NO_HEADERS : headersOf(origin);
    return { offset: places[at] as number, timestamp: places[at + 1] as number, key: null, value, headers };
  });
}

/** `built` with its rows in one block of memory of their own, and that block. */
export function packBuilt({ batch, counts }: BuiltRange): { built: BuiltRange; block: ArrayBuffer } {
  const { rows, pieces } = batch.flows;
  const whole = Buffer.allocUnsafeSlow(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  const flows = { rows, pieces: [whole] };
  return { built: { batch: { ...batch, flows }, counts }, block: whole.buffer };
}

/** What arrives of a `BuiltRange`: a Buffer loses its type on the way. */
export function unpackBuilt({ batch, counts }: BuiltRange): BuiltRange {
  const pieces = batch.flows.pieces.map((piece) => Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  return { batch: { ...batch, flows: { rows: batch.flows.rows, pieces } }, counts };
}
