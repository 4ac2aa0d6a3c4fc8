import type { Decoder } from './decoder.ts';
import { HUBBLE, RETINA } from './hubble.ts';

/** Every format by the name that `--format` takes. */
export const DECODERS: ReadonlyMap<string, Decoder> = new Map<string, Decoder>([
  ['hubble', HUBBLE],
  ['retina', RETINA],
]);
