import { compress } from 'snappy';
import { expect, test } from 'vitest';
import { decompressSnappy } from '../../ingest/kafka/codecs.ts';

const TEXT = Buffer.from('flow '.repeat(10_000));

test('snappy as librdkafka writes it, raw', async () => {
  expect(await decompressSnappy(await compress(TEXT))).toEqual(TEXT);
});

test('snappy as Java writes it, in chunks behind a header', async () => {
  const chunks = await Promise.all([TEXT.subarray(0, 32_768), TEXT.subarray(32_768)].map((part) => compress(part)));
  const framed = chunks.flatMap((chunk) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(chunk.length);
    return [length, chunk];
  });
  const header = Buffer.from('82534e41505059000000000100000001', 'hex');
  expect(await decompressSnappy(Buffer.concat([header, ...framed]))).toEqual(TEXT);
});

test('what is no snappy is refused', async () => {
  await expect(decompressSnappy(Buffer.from('no snappy at all'))).rejects.toThrow();
});
