import { gunzipSync } from 'node:zlib';
import { isZstd, unzstd } from './zstd.ts';

/** Bytes as they are to be read, or why they cannot be. */
export type PlainBytes = { readonly bytes: Buffer } | { readonly reject: string; readonly detail: string };

/** Whether the bytes begin like gzip (RFC 1952). */
export function isGzip(bytes: Buffer): boolean {
  return bytes.length > 18 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
}

/** Bytes with gzip and zstd undone, as often as they were done, up to three times; never more than `limit` bytes. */
export function plainBytes(bytes: Buffer, limit: number): PlainBytes {
  let plain = bytes;
  for (let layer = 0; isGzip(plain) || isZstd(plain); layer++) {
    if (layer === 3) return { reject: 'too-deep', detail: 'compressed more than three times over' };
    const codec = isGzip(plain) ? 'gzip' : 'zstd';
    try {
      plain = codec === 'gzip' ? gunzipSync(plain, { maxOutputLength: limit }) : unzstd(plain, limit);
    } catch (error) {
      const tooLong = error instanceof RangeError;
      return tooLong
        ? { reject: 'too-long', detail: `the decompressed record is longer than ${limit} bytes` }
        : { reject: `bad-${codec}`, detail: `begins like ${codec} and cannot be decompressed` };
    }
  }
  return { bytes: plain };
}

const BASE64 = /^[A-Za-z0-9+/_-]{16,}={0,2}$/;

/** The bytes of a text that is nothing but base64; `undefined` for any other. Line ends inside are allowed. */
export function fromBase64(text: string): Buffer | undefined {
  const bare = text.includes('\n') ? text.replace(/\s+/g, '') : text;
  if (!BASE64.test(bare)) return undefined;
  const bytes = Buffer.from(bare, 'base64');
  return bytes.length > 0 ? bytes : undefined;
}
