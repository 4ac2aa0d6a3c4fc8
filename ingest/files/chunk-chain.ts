import { createHash, type Hash } from 'node:crypto';
import type { Framer } from '../frames/frames.ts';

/**
 * The content of a file as a chain of tokens: each chunk's token is a hash of its parent's token and its bytes. Equal
 * content, however it is named or compressed, gives equal tokens; a file that has grown begins with the same ones.
 */
export class ChunkChain {
  #parent: string;
  #hash: Hash;
  #from: number;
  #hashed: number;

  /** `origin` distinguishes contents from the first byte on: cluster, format and how the content begins. */
  constructor(origin: string, from: number) {
    this.#parent = origin;
    this.#hash = createHash('sha256').update(origin);
    this.#from = from;
    this.#hashed = from;
  }

  /** Token of the chunk before this one, or the origin. */
  get parent(): string {
    return this.#parent;
  }

  /** First byte of the chunk at hand. */
  get from(): number {
    return this.#from;
  }

  /** Takes the bytes up to `to` from `framer` into the chunk; what is there already is not taken again. */
  extend(framer: Framer, to: number): void {
    if (to <= this.#hashed) return;
    this.#hash.update(framer.bytes(this.#hashed, to));
    this.#hashed = to;
  }

  /** The token of the chunk if it ended here. */
  token(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Ends the chunk here and begins the next. */
  cut(): void {
    this.#parent = this.token();
    this.#hash = createHash('sha256').update(this.#parent);
    this.#from = this.#hashed;
  }
}

/** The origin of a content's chain, from the bytes of its first record. */
export function originOf(settings: readonly string[], firstRecord: Buffer): string {
  return createHash('sha256')
    .update(`${settings.join('\0')}\0`)
    .update(firstRecord.subarray(0, 4096))
    .digest('hex');
}

/** A number from 0 to 2^31-1 that tells contents of one name apart, e.g. a log file before and after its rotation. */
export function partitionOf(origin: string): number {
  return Number.parseInt(origin.slice(0, 8), 16) >>> 1;
}
