import type { FlowFormat } from '../../src/model/enums.ts';
import type { Flow } from '../../src/model/flow.ts';
import type { DecodeContext, Decoder, DecodeSink, JsonObject } from './decoder.ts';

/** What came of a record that can give at most one row. */
export type Reading =
  | { readonly flow: Flow }
  | { readonly reject: string; readonly detail: string }
  | { readonly skip: string };

/** Hands a reading to the sink. */
export function deliver(reading: Reading, sink: DecodeSink): void {
  if ('flow' in reading) sink.flow(reading.flow);
  else if ('skip' in reading) sink.skip(reading.skip);
  else sink.reject(reading.reject, reading.detail);
}

/** A format of JSON objects; a text record is rejected. */
export interface JsonFormat {
  readonly format: FlowFormat;
  recognises(record: JsonObject): boolean;
  decode(record: JsonObject, context: DecodeContext, sink: DecodeSink): void;
}

/** The decoder of a format that consists of JSON objects only. */
export function jsonDecoder({ format, recognises, decode }: JsonFormat): Decoder {
  return {
    format,
    recognises: (record) => typeof record === 'object' && recognises(record),
    decode(record, context, sink) {
      if (typeof record === 'object') decode(record, context, sink);
      else sink.reject('not-json', `a record of format ${format} is a JSON object`);
    },
  };
}
