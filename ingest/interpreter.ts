import { Failure } from '../src/util/failure.ts';
import type { DecodeContext, DecodeSink, JsonObject } from './decode/decoder.ts';
import { DECODERS } from './decode/index.ts';

/** Makes of one record what is in it: rows, rejects, skips. */
export type Interpreter = (record: JsonObject | string, context: DecodeContext, sink: DecodeSink) => void;

/** Names that `--format` takes. */
export const FORMAT_NAMES: readonly string[] = ['auto', ...DECODERS.keys()];

/** The interpreter of a format by name; `auto` asks every decoder whether it recognises the record. */
export function interpreterOf(format: string): Interpreter {
  if (format === 'auto') return recognise;
  const decoder = DECODERS.get(format);
  if (decoder === undefined)
    throw new Failure('input', `unknown format ${format}`, `Use one of ${FORMAT_NAMES.join(', ')}.`);
  return (record, context, sink) => decoder.decode(record, context, sink);
}

function recognise(record: JsonObject | string, context: DecodeContext, sink: DecodeSink): void {
  for (const decoder of DECODERS.values())
    if (decoder.recognises(record)) {
      decoder.decode(record, context, sink);
      return;
    }
  if (typeof record === 'string') sink.reject('not-json', 'neither a JSON object nor a line of a known text format');
  else sink.reject('unknown-format', 'no known flow log format has a record like this');
}
