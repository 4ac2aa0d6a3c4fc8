import { Failure } from '../../src/util/failure.ts';
import { createDetector, type Detector } from '../decode/detect.ts';
import { DECODERS } from '../decode/index.ts';

/** Names that `--format` takes. */
export const FORMAT_NAMES: readonly string[] = ['auto', ...DECODERS.keys()];

/** What some formats can be told, on the command line and per topic, with what it is. */
export const FORMAT_OPTIONS: Readonly<Record<string, string>> = {
  'aws-format': 'the format string of AWS VPC flow logs, as the console shows it',
  'istio-client-principal': "names of the access log's keys that hold the client's identity, separated by commas",
  'istio-server-principal': "the same for the server's identity",
};

/**
 * What makes rows, rejects and skips of the values of one source, by the name of its format. Envelopes are taken off
 * either way; `auto` then asks every decoder whether it recognises the record.
 */
export function interpreterOf(format: string): Detector {
  if (format === 'auto') return createDetector([...DECODERS.values()]);
  const decoder = DECODERS.get(format);
  if (decoder === undefined)
    throw new Failure('input', `unknown format ${format}`, `Use one of ${FORMAT_NAMES.join(', ')}.`);
  return createDetector([decoder]);
}
