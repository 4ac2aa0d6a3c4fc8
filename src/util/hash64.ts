import { createHash } from 'node:crypto';

/** 64 bits of SHA-256 over `text`, as the decimal text of an unsigned integer (JavaScript numbers would round it). */
export function hash64(text: string): string {
  return createHash('sha256').update(text).digest().readBigUInt64BE(0).toString();
}
