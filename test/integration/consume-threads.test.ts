import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { DecodePool, startDecodePool } from '../../ingest/batch/decode-pool.ts';
import type { BuiltRange, Decoded, RangeBuilder } from '../../ingest/batch/lane.ts';
import { messageBuilder, type PartitionSettings } from '../../ingest/batch/message-builder.ts';
import type { SourceMessage } from '../../ingest/kafka/source.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { hubbleFlow, mixedMessages } from '../helpers/kafka-flows.ts';

/** Threads run compiled code, so the pool comes from the build of this test run. */
let start: typeof startDecodePool;
let pool: DecodePool | undefined;

beforeAll(async () => {
  const file = join(inject('microwallBuild'), 'ingest', 'batch', 'decode-pool.js');
  start = (await import(pathToFileURL(file).href)).startDecodePool;
});

afterEach(() => pool?.close());

const SETTINGS: PartitionSettings = { topic: 't', partition: 0, format: 'auto', cluster: 'prod', options: {} };
const unexpected = (error: Error) => {
  throw error;
};

function messagesOf(values: readonly (Buffer | null)[], from: number): SourceMessage[] {
  const at = { timestamp: Date.UTC(2026, 10, 2), key: null, headers: {} };
  return values.map((value, index) => ({ ...at, offset: from + index, value }));
}

const GROUPS = [0, 700, 1_400].map((from) => messagesOf([...mixedMessages(from, from + 700).messages, null], from));

async function built(builder: RangeBuilder, groups: readonly SourceMessage[][], token: string) {
  const decoded: Decoded[] = [];
  for (const group of groups) builder.add(group, (told) => decoded.push(told));
  const result = await builder.build(token);
  return { decoded, ...comparable(result) };
}

function comparable({ batch, counts }: BuiltRange) {
  return { counts, batch: { ...batch, flows: { rows: batch.flows.rows, bytes: Buffer.concat(batch.flows.pieces) } } };
}

test('a thread makes of messages what the main thread makes of them, byte for byte', async () => {
  pool = start(2, unexpected);
  const here = messageBuilder({ ...SETTINGS, interner: new LabelInterner() });
  const there = pool.builder(SETTINGS);
  for (const token of ['first', 'second']) {
    const wanted = await built(here, GROUPS, token);
    expect(wanted.batch.flows.rows).toBeGreaterThan(2_000);
    expect(wanted.batch.rejects.length).toBeGreaterThan(20);
    expect(await built(there, GROUPS, token)).toEqual(wanted);
  }
});

test('equal labels have equal ids in all threads, and partitions do not mix', async () => {
  pool = start(2, unexpected);
  const builders = [0, 1, 2, 3].map((partition) => pool?.builder({ ...SETTINGS, partition }) as RangeBuilder);
  const group = messagesOf([Buffer.from(hubbleFlow(1))], 0);
  const results = await Promise.all(builders.map((builder) => built(builder, [group], 'token')));
  for (const { batch } of results) {
    expect(batch.flows.rows).toBe(1);
    expect(batch.labelSets).toEqual(results[0]?.batch.labelSets);
  }
});

test('what was asked before a builder was closed is still answered', async () => {
  pool = start(1, unexpected);
  const builder = pool.builder(SETTINGS);
  const promised = built(builder, GROUPS.slice(0, 1), 'token');
  builder.close();
  expect((await promised).counts.records).toBe(700);
});

test('a thread that fails says so and leaves nothing waiting', async () => {
  const errors: Error[] = [];
  pool = start(1, (error) => errors.push(error));
  const builder = pool.builder({ ...SETTINGS, format: 'no such format' });
  await expect(builder.build('token')).rejects.toThrow('a thread that decodes has failed');
  expect(String((errors[0] as Error).cause)).toContain('no such format');
});
