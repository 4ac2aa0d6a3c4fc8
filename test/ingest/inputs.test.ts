import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decompressed } from '../../ingest/files/decompress.ts';

/** `{"a":1}` and a line feed as one zstd frame. */
const ZSTD = Buffer.from('KLUv/SQIQQAAeyJhIjoxfQri7+zg', 'base64');
const PLAIN = '{"a":1}\n';

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const unpacked = (bytes: Buffer, size: number) => text(decompressed(inPieces(bytes, size)));

describe.each([1, 3, 1024])('content in pieces of %i bytes', (size) => {
  it('is decompressed by what it is, not by its name', async () => {
    expect(await unpacked(Buffer.from(PLAIN), size)).toBe(PLAIN);
    expect(await unpacked(gzipSync(PLAIN), size)).toBe(PLAIN);
    expect(await unpacked(ZSTD, size)).toBe(PLAIN);
    expect(await unpacked(Buffer.from('{}'), size)).toBe('{}');
    expect(await unpacked(Buffer.alloc(0), size)).toBe('');
  });

  it('may consist of several compressed parts', async () => {
    expect(await unpacked(Buffer.concat([gzipSync(PLAIN), gzipSync(PLAIN)]), size)).toBe(PLAIN + PLAIN);
    expect(await unpacked(Buffer.concat([ZSTD, ZSTD]), size)).toBe(PLAIN + PLAIN);
  });

  it('is refused when it is damaged or cut off', async () => {
    await expect(unpacked(gzipSync(PLAIN).subarray(0, 20), size)).rejects.toThrow();
    await expect(unpacked(ZSTD.subarray(0, ZSTD.length - 6), size)).rejects.toThrow();
  });
});
