import { PassThrough, pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';

type Bytes = AsyncIterable<Buffer>;

const OUTPUT_BYTES = 1024 * 1024;

/** The bytes of `source`, decompressed where they begin like gzip or zstd; names of files play no part. */
export async function* decompressed(source: Bytes): Bytes {
  const iterator = source[Symbol.asyncIterator]();
  const first = await atLeast(iterator, 4);
  const all = prepended(first, iterator);
  if (first.length >= 2 && first[0] === 0x1f && first[1] === 0x8b) yield* gunzipped(all);
  else if (first.length >= 4 && first.readUInt32LE(0) === 0xfd2fb528) yield* unzstd(all);
  else yield* all;
}

async function atLeast(iterator: AsyncIterator<Buffer>, count: number): Promise<Buffer> {
  let bytes: Buffer = Buffer.alloc(0);
  while (bytes.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    bytes = bytes.length === 0 ? next.value : Buffer.concat([bytes, next.value]);
  }
  return bytes;
}

async function* prepended(first: Buffer, rest: AsyncIterator<Buffer>): Bytes {
  if (first.length > 0) yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** Several members one after the other are one stream, as `cat a.gz b.gz` makes them. */
async function* gunzipped(source: Bytes): Bytes {
  const gunzip = createGunzip({ chunkSize: OUTPUT_BYTES });
  const output = new PassThrough({ highWaterMark: OUTPUT_BYTES });
  // Errors of any part reach the reader through `output`, which the pipeline destroys.
  pipeline(Readable.from(source), gunzip, output, () => {});
  yield* output;
}

/** In JavaScript: Node 20 has no zstd. Frames are decompressed as their bytes arrive. */
async function* unzstd(source: Bytes): Bytes {
  const ready: Buffer[] = [];
  const stream = new Decompress((chunk) => {
    if (chunk.length > 0) ready.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
  });
  for await (const block of source) {
    stream.push(block);
    yield* ready.splice(0);
  }
  stream.push(new Uint8Array(0), true);
  yield* ready.splice(0);
}
