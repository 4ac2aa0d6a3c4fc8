import { expect, test } from 'vitest';
import { messageBuilder } from '../../ingest/batch/message-builder.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { hubbleFlow } from '../helpers/kafka-flows.ts';

const MESSAGES = Array.from({ length: 60 }, (_, offset) => {
  const record = JSON.parse(hubbleFlow(offset));
  // Every pod has labels of its own, and each comes back later.
  record.flow.source.labels.push(`k8s:team=${offset % 20}`);
  const value = Buffer.from(JSON.stringify(record));
  return { offset, timestamp: Date.UTC(2026, 10, 2), key: null, value, headers: {} };
});

async function build(interner: LabelInterner) {
  const settings = { topic: 't', partition: 0, format: 'hubble', cluster: 'prod', options: {} };
  const builder = messageBuilder({ ...settings, interner });
  builder.add(MESSAGES, () => undefined);
  const { batch, counts } = await builder.build('token');
  return { batch: { ...batch, flows: Buffer.concat(batch.flows.pieces) }, counts };
}

test('an interner that forgets its label sets changes nothing in what is stored', async () => {
  const wanted = await build(new LabelInterner());
  expect(wanted.batch.labelSets.length).toBeGreaterThan(20);
  for (const limit of [1, 2, 7]) expect(await build(new LabelInterner(limit))).toEqual(wanted);
});

test('an interner with a limit forgets what it knew, and gives equal sets equal ids all the same', () => {
  const interner = new LabelInterner(1);
  const web = interner.intern(new Map([['app', 'web']]));
  expect(interner.intern(new Map([['app', 'web']]))).toBe(web);
  interner.intern(new Map([['app', 'db']]));
  const again = interner.intern(new Map([['app', 'web']]));
  expect(again).not.toBe(web);
  expect(again).toEqual(web);
});
