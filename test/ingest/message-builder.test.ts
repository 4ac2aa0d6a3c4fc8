import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { packMessages, unpackMessages } from '../../ingest/batch/decode-messages.ts';
import { messageBuilder } from '../../ingest/batch/message-builder.ts';
import type { SourceMessage } from '../../ingest/kafka/source.ts';
import type { PositionedFlow } from '../../src/model/batch.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { hubbleFlow } from '../helpers/kafka-flows.ts';

const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
/** Single segment, four bytes of size. */
const DESCRIPTOR = 0xa0;

function block(kind: 'raw' | 'repeat', size: number, isLast: boolean): Buffer {
  const header = Buffer.alloc(3);
  header.writeUIntLE((size << 3) | (kind === 'raw' ? 0 : 2) | (isLast ? 1 : 0), 0, 3);
  return header;
}

function frame(size: number, blocks: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(5, DESCRIPTOR);
  header.writeUInt32LE(size, 1);
  return Buffer.concat([Buffer.from(MAGIC), header, ...blocks]);
}

/** `content` as a zstd frame of one block that is not compressed. */
const zstd = (content: Buffer) => frame(content.length, [block('raw', content.length, true), content]);

function message(value: Buffer, headers: SourceMessage['headers'] = {}): SourceMessage {
  return { offset: 7, timestamp: Date.UTC(2026, 10, 2), key: null, value, headers };
}

async function rowsOf(messages: readonly SourceMessage[]) {
  const rows: PositionedFlow[] = [];
  const settings = { topic: 't', partition: 0, format: 'auto', cluster: 'given', options: {} };
  const told = { ...settings, interner: new LabelInterner(), watch: (row: PositionedFlow) => rows.push(row) };
  const builder = messageBuilder(told);
  builder.add(messages, () => undefined);
  const { batch } = await builder.build('token');
  return { flows: rows.map(({ flow }) => flow), rejects: batch.rejects.map(({ reason }) => reason) };
}

describe('a message value that is compressed by itself', () => {
  const plain = Buffer.from(`${hubbleFlow(1)}\n${hubbleFlow(2)}\n`);

  test.each([
    ['gzip', gzipSync(plain)],
    ['zstd', zstd(plain)],
    ['two frames of zstd', Buffer.concat([zstd(plain.subarray(0, 99)), zstd(plain.subarray(99))])],
    ['zstd in gzip', gzipSync(zstd(plain))],
  ])('%s gives the rows of what is in it', async (_, value) => {
    expect(await rowsOf([message(value)])).toEqual(await rowsOf([message(plain)]));
  });

  test.each([
    ['cut off', zstd(plain).subarray(0, 40), 'bad-zstd'],
    ['claims a window of gigabytes', Buffer.from([...MAGIC, 0x00, 0xa0, 1, 0, 0, 0, 0, 0]), 'too-long'],
    ['claims a content of gigabytes', frame(0x70_00_00_00, [block('raw', 0, true)]), 'too-long'],
    [
      'would take for ever',
      frame(1 << 24, Array(9_000).fill(Buffer.concat([block('repeat', 1, false), Buffer.from('a')]))),
      'too-long',
    ],
    [
      'is a bomb',
      frame(1 << 17, [
        ...Array(200).fill(Buffer.concat([block('repeat', 1 << 17, false), Buffer.from('a')])),
        block('raw', 0, true),
      ]),
      'too-long',
    ],
  ])('zstd that %s is rejected', async (_, value, reason) => {
    expect(await rowsOf([message(value)])).toEqual({ flows: [], rejects: [reason] });
  });
});

describe('headers of a message', () => {
  /** A record that names neither node nor cluster. */
  const anonymous = Buffer.from(
    JSON.stringify({ flow: { ...JSON.parse(hubbleFlow(3)).flow, node_name: undefined }, time: '2026-11-01T00:00:00Z' }),
  );
  const headers = { 'k8s.cluster.name': Buffer.from('east'), node: [Buffer.from('n1'), Buffer.from('n2')] };

  test('name cluster and node where the record does not', async () => {
    const { flows } = await rowsOf([message(anonymous, headers), message(anonymous)]);
    expect(flows.map(({ cluster, node }) => [cluster, node])).toEqual([
      ['east', 'n1'],
      ['given', ''],
    ]);
  });

  test('give way to the record', async () => {
    const { flows } = await rowsOf([message(Buffer.from(hubbleFlow(3)), headers)]);
    expect(flows.map(({ cluster, node }) => [cluster, node])).toEqual([['prod', 'node-1']]);
  });

  test('count the same in a thread', async () => {
    const messages = [message(anonymous), message(anonymous, headers), message(anonymous, { other: 'x' })];
    const unpacked = unpackMessages(packMessages(messages));
    expect(await rowsOf(unpacked)).toEqual(await rowsOf(messages));
    expect(unpacked.map(({ headers: kept }) => Object.keys(kept).length)).toEqual([0, 2, 0]);
  });
});
