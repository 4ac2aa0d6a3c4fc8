import { decompress as decompressZstd } from 'fzstd';
import kafkajs from 'kafkajs';

const { CompressionCodecs, CompressionTypes } = kafkajs;

/** First bytes of snappy as xerial's Java library frames it; Java producers write this, librdkafka writes raw snappy. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = 16;

/** Snappy, raw or in xerial's frames: magic, two versions, then chunks of a 32-bit length and raw snappy each. */
export async function decompressSnappy(buffer: Buffer): Promise<Buffer> {
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return rawSnappy(buffer);
  const parts: Buffer[] = [];
  for (let at = XERIAL_HEADER; at + 4 <= buffer.length; ) {
    const length = buffer.readUInt32BE(at);
    parts.push(await rawSnappy(buffer.subarray(at + 4, at + 4 + length)));
    at += 4 + length;
  }
  return Buffer.concat(parts);
}

async function rawSnappy(buffer: Buffer): Promise<Buffer> {
  const { uncompress } = await import('snappy');
  return (await uncompress(buffer, { asBuffer: true })) as Buffer;
}

/**
 * Registers the codecs that kafkajs lacks; it knows gzip itself. Only reading: what we send is not compressed. The
 * native ones are loaded when a message needs them, so that a platform without them can do everything else.
 */
export function registerCodecs(): void {
  const reading = (decompress: (buffer: Buffer) => Promise<Buffer>) => () => ({
    compress: () => Promise.reject(new Error('this codec is only for reading')),
    decompress,
  });
  CompressionCodecs[CompressionTypes.Snappy] = reading(decompressSnappy);
  CompressionCodecs[CompressionTypes.LZ4] = reading(async (buffer) =>
    (await import('lz4-napi')).decompressFrame(buffer),
  );
  CompressionCodecs[CompressionTypes.ZSTD] = reading(async (buffer) => asBuffer(decompressZstd(buffer)));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
