import { decompress as decompressZstd } from 'fzstd';
import kafkajs from 'kafkajs';
import { compressFrame, decompressFrame } from 'lz4-napi';
import snappy from 'snappy';

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
  return Buffer.from(await snappy.uncompress(buffer, { asBuffer: true }));
}

/** Registers the codecs that kafkajs lacks. It knows gzip; what we send ourselves (dead letters) is gzip or plain. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: (encoder: { buffer: Buffer }) => snappy.compress(encoder.buffer),
    decompress: decompressSnappy,
  });
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: (encoder: { buffer: Buffer }) => compressFrame(encoder.buffer),
    decompress: (buffer: Buffer) => decompressFrame(buffer),
  });
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: () => Promise.reject(new Error('zstd can be read but not written')),
    decompress: (buffer: Buffer) => Promise.resolve(asBuffer(decompressZstd(buffer))),
  });
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
