import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../ingest/decode/decoder.ts';
import { goldmane } from '../../ingest/decode/goldmane.ts';
import { scanGoldmane } from '../../ingest/decode/goldmane-scan.ts';
import type { Flow } from '../../src/model/flow.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { changed, parsed, textChanges } from '../helpers/text-changes.ts';

function scan(text: string): unknown {
  const bytes = Buffer.from(`{"x":1}\n${text}\n{"Key":`);
  return scanGoldmane(bytes, 8, bytes.length - 8);
}

/** Scans twice, because the second time keys and labels are known. */
function expectLikeJson(text: string): void {
  for (let time = 0; time < 2; time++) {
    const scanned = scan(text);
    if (scanned !== undefined) expect({ ...scanned }).toEqual(parsed(text));
  }
}

const RECORDS = readFileSync('test/scenarios/goldmane-emitter/input.ndjson', 'utf8').trim().split('\n');

test('the flows of the emitter are scanned, and as JSON.parse gives them', () => {
  for (const record of RECORDS) {
    expect(scan(record)).toBeDefined();
    expectLikeJson(record);
  }
});

test('a key that was read before is the same object again', () => {
  const keyOf = (text: string) => (scan(text) as { Key: unknown }).Key;
  const [record = ''] = RECORDS;
  expect(keyOf(record)).toBe(keyOf(record.replace(/"start_time":\d+/, '"start_time":1760000000')));
});

function decoded(record: unknown, interner: LabelInterner): Flow | undefined {
  let found: Flow | undefined;
  const context = { cluster: 'c', node: '', interner, options: {} };
  const ignore = () => {};
  const sink = { reject: ignore, skip: ignore, lost: ignore, namespace: ignore };
  goldmane.decode(record as JsonObject, context, { ...sink, flow: (flow) => (found = flow) });
  return found;
}

test('what is remembered of a key does not show in flows with other labels, or read elsewhere', () => {
  const [record = ''] = RECORDS;
  const labelled = ['["app=cart"]', '["app=web","tier=front"]', '["app=cart"]', '[]'].map((labels) =>
    record.replace(/"source_labels":\[[^\]]*\]/, `"source_labels":${labels}`),
  );
  const [here, elsewhere] = [new LabelInterner(), new LabelInterner()];
  for (const interner of [here, elsewhere, here])
    for (const text of labelled) {
      const flow = decoded(scan(text), interner);
      expect(flow?.client.labels.labels.size).toBe((parsed(text) as { source_labels: string[] }).source_labels.length);
      expect(flow).toEqual(decoded(parsed(text), interner));
      expect(flow?.client.labels).toBe(interner.intern(flow?.client.labels.labels ?? new Map()));
    }
});

test.each([
  ['an unknown member', '{"Key":{"source_name":"a"},"news":1}'],
  ['a time that is text', '{"Key":{"source_name":"a"},"start_time":"1760000100"}'],
  ['a fraction', '{"Key":{"source_name":"a"},"start_time":1760000100.5}'],
  ['a key that is broken', '{"Key":{"source_name":},"start_time":1760000100}'],
  ['a bracket too few', '{"Key":{"source_name":"a"},"start_time":1760000100'],
  ['another spelling', '{"key":{"sourceName":"a"},"startTime":"1760000100"}'],
])('%s is left to JSON.parse', (_, text) => expect(scan(text)).toBeUndefined());

test('any change of a few characters is read like JSON.parse reads it, or not at all', () => {
  fc.assert(
    fc.property(fc.constantFrom(...RECORDS), textChanges, (record, changes) => {
      expectLikeJson(changed(record, changes));
    }),
    { numRuns: 3_000 },
  );
});
