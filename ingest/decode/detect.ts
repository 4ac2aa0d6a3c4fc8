import { isAwsHeader } from './aws-format.ts';
import { AWS_FORMAT_OPTION } from './aws-vpc.ts';
import type { DecodeContext, Decoder, DecodeSink, JsonObject } from './decoder.ts';
import { unwrap } from './unwrap.ts';
import { type Origin, originOf } from './unwrap-envelope.ts';

/** The first of `decoders` that recognises the record. */
export function detect(record: JsonObject | string, decoders: readonly Decoder[]): Decoder | undefined {
  return decoders.find((decoder) => decoder.recognises(record));
}

/** Makes of the values of one stream what is in them. */
export interface Detector {
  /** One value: a JSON object or a line of text, in envelopes or bare. */
  decode(value: JsonObject | string, context: DecodeContext, sink: DecodeSink): void;
  /**
   * Forgets the header line seen last. Call it between messages of a topic, so that what a message gives depends on
   * the message alone. A file is one stream: read it from its beginning with one detector, also where its first
   * chunks are stored already. Elsewhere the option `aws-format` names the columns; it counts before any header.
   */
  reset(): void;
}

/**
 * A detector for some decoders, in this order. With a single one there is nothing to detect: it gets every record,
 * also those it does not recognise because an exporter masked the telling fields.
 */
export function createDetector(decoders: readonly Decoder[]): Detector {
  let header = '';
  /** What the question `isRecord` came to, which `unwrap` asks of every value before it gives it out. */
  let found: Decoder | undefined;
  const only = decoders.length === 1 ? decoders[0] : undefined;

  const contextOf = (context: DecodeContext, origin: Origin): DecodeContext => {
    const configured = context.options[AWS_FORMAT_OPTION];
    const withHeader = header !== '' && (configured === undefined || configured === '');
    if (!withHeader && origin.node === '' && origin.cluster === '') return context;
    return {
      ...context,
      node: origin.node || context.node,
      cluster: origin.cluster || context.cluster,
      options: withHeader ? { ...context.options, [AWS_FORMAT_OPTION]: header } : context.options,
    };
  };

  const decodeRecord = (record: JsonObject | string, context: DecodeContext, sink: DecodeSink): void => {
    if (typeof record === 'string' && isAwsHeader(record)) header = record;
    const decoder = only ?? found ?? awsAfterHeader(record, context, decoders);
    if (decoder !== undefined) decoder.decode(record, context, sink);
    else if (typeof record === 'string')
      sink.reject('not-json', 'neither a JSON object nor a line of a known text format');
    else sink.reject('unknown-format', 'no known flow log format has a record like this');
  };

  return {
    decode(value, context, sink) {
      found = typeof value === 'object' ? detect(value, decoders) : undefined;
      // By far the most values are bare records, for which `unwrap` would come to the same.
      if (found !== undefined && typeof value === 'object') {
        decodeRecord(value, contextOf(context, originOf(value)), sink);
        return;
      }
      unwrap(value, {
        isRecord: (inner) => {
          found = detect(inner, decoders);
          return found !== undefined;
        },
        record: (inner, origin) => decodeRecord(inner, contextOf(context, origin), sink),
        reject: (reason, detail) => sink.reject(reason, detail),
        skip: (reason) => sink.skip(reason),
      });
    },
    reset() {
      header = '';
    },
  };
}

/** Lines of a custom format look like nothing at all; where a format is known, text that nobody recognises is taken for one. */
function awsAfterHeader(
  record: JsonObject | string,
  context: DecodeContext,
  decoders: readonly Decoder[],
): Decoder | undefined {
  const format = context.options[AWS_FORMAT_OPTION];
  if (typeof record !== 'string' || format === undefined || format === '') return undefined;
  return decoders.find((decoder) => decoder.format === 'aws_vpc');
}
