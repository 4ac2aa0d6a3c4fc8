import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HubbleFlow } from '../../ingest/decode/hubble-record.ts';
import { scanHubble } from '../../ingest/decode/hubble-scan.ts';
import { hubbleFlow } from '../helpers/kafka-flows.ts';
import { changed, parsed, textChanges } from '../helpers/text-changes.ts';

function scan(text: string): unknown {
  // In the middle of other bytes, as in a file.
  const bytes = Buffer.from(`{"x":1}\n${text}\n{"flow":`);
  return scanHubble(bytes, 8, bytes.length - 9);
}

type Members = Readonly<Record<string, unknown>>;

/** The part of a record that decoders read; the time of a flow counts before the one around it. */
function readPart(record: unknown): unknown {
  const { flow, node_name, time } = record as Members & { readonly flow: Members };
  const read = Object.fromEntries(Object.keys(new HubbleFlow()).map((name) => [name, flow[name]]));
  const ip = flow.IP;
  const addresses = typeof ip === 'object' && ip !== null ? pick(ip as Members, ['source', 'destination']) : ip;
  return { flow: { ...read, IP: addresses }, node_name, time: time === undefined ? undefined : (flow.time ?? time) };
}

function pick(from: Members, names: readonly string[]): Members {
  return Object.fromEntries(names.map((name) => [name, from[name]]));
}

/** Scans twice, because the second time ends and words are known. */
function expectLikeJson(text: string): void {
  for (let time = 0; time < 2; time++) {
    const scanned = scan(text);
    if (scanned === undefined) continue;
    expect(parsed(text)).toBeDefined();
    expect(readPart(scanned)).toEqual(readPart(parsed(text)));
  }
}

interface Exported {
  readonly flow: Record<string, unknown>;
}

const SCENARIOS = 'test/scenarios';
const RECORDS = readdirSync(SCENARIOS)
  .filter((name) => name.startsWith('hubble-'))
  .flatMap((name) => readFileSync(join(SCENARIOS, name, 'input.jsonl'), 'utf8').split('\n'))
  .filter((line) => parsed(line) !== undefined);

test('the records of agents are scanned, and as JSON.parse gives them', () => {
  const written = [...Array.from({ length: 60 }, (_, at) => hubbleFlow(at)), ...RECORDS];
  for (const record of written) expectLikeJson(record);
  const exported = written.filter((record) => record.startsWith('{"flow":{"time"'));
  expect(exported.length).toBeGreaterThan(100);
  expect(exported.filter((record) => scan(record) === undefined)).toEqual([]);
});

test('an end that was read before is the same object again', () => {
  const endOf = (text: string) => (scan(text) as { flow: { source: unknown } }).flow.source;
  expect(endOf(hubbleFlow(0))).toBe(endOf(hubbleFlow(30)));
});

test.each([
  ['an unknown member', '{"flow":{"time":"t","verdict":"FORWARDED","news":1}}'],
  ['a member beside the flow', '{"flow":{"time":"t"},"log":"x"}'],
  ['no member at all', '{"flow":{}}'],
  ['blanks', '{"flow":{"time": "t"}}'],
  ['an escape', '{"flow":{"time":"\\u0074"}}'],
  ['an escaped name', '{"flow":{"ti\\u006de":"t"}}'],
  ['another alphabet', '{"flow":{"time":"t","node_name":"nœud"}}'],
  ['a control character', '{"flow":{"time":"a\tb"}}'],
  ['a comma too many', '{"flow":{"time":"t",}}'],
  ['a bracket too few', '{"flow":{"time":"t"}'],
  ['a bracket too many', '{"flow":{"time":"t"}}}'],
  ['a number with a leading zero', '{"flow":{"time":"t","drop_reason":0133}}'],
  ['a large number', '{"flow":{"time":"t","drop_reason":12345678901234567890}}'],
  ['a negative number', '{"flow":{"time":"t","drop_reason":-1}}'],
  ['a word that is none', '{"flow":{"time":"t","is_reply":truer}}'],
  ['values nested deep', `{"flow":{"time":"t","l7":${'['.repeat(40)}${']'.repeat(40)}}}`],
  ['a broken member that is passed over', '{"flow":{"time":"t","ethernet":{"source":}}}'],
])('%s is left to JSON.parse', (_, text) => expect(scan(text)).toBeUndefined());

test.each([
  ['an end given twice', '{"flow":{"time":"t","source":{"identity":1},"source":{"identity":2}}}'],
  ['an end taken back', '{"flow":{"time":"t","source":{"identity":1},"source":null}}'],
  ['ends before their addresses', '{"flow":{"source":{"identity":1},"destination":{},"IP":{"source":"10.0.0.1"}}}'],
  ['an end that begins like a known one', '{"flow":{"source":{"identity":1,"namespace":"a"}}}'],
  ['a prototype', '{"flow":{"source":{"__proto__":{"identity":1}},"l7":{"__proto__":1}}}'],
  ['addresses that are a list', '{"flow":{"time":"t","IP":[]}}'],
  ['addresses with news', '{"flow":{"IP":{"source":"10.0.0.1","news":1},"source":{"identity":1}}}'],
  ['two protocols', '{"flow":{"l4":{"TCP":{"source_port":1},"UDP":{"source_port":2}}}}'],
  ['a protocol without ports', '{"flow":{"l4":{"ICMPv6":{"type":133}}}}'],
  ['ports that are text', '{"flow":{"l4":{"TCP":{"source_port":"1","destination_port":null}}}}'],
  ['a port given twice', '{"flow":{"l4":{"TCP":{"source_port":1,"source_port":2,"flags":{"SYN":true}}}}}'],
  ['no time in the flow', '{"flow":{"verdict":"DROPPED"},"node_name":"n","time":"t"}'],
  ['no time that counts', '{"flow":{"time":null,"verdict":2},"time":"t"}'],
  ['two times', '{"flow":{"time":"a"},"time":"b"}'],
])('%s is read like JSON.parse reads it', (_, text) => {
  expect(scan(text)).toBeDefined();
  expectLikeJson(text);
});

test('members in any order are read like JSON.parse reads them', () => {
  const records = RECORDS.filter((record) => record.startsWith('{"flow"')).map((record) => parsed(record) as Exported);
  const seeds = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(fc.nat(records.length - 1), seeds, (which, order) => {
      const { flow, ...around } = records[which] as Exported;
      const members = Object.entries(flow).map((member, at) => ({ member, place: order[at % order.length] as number }));
      const shuffled = members.sort((a, b) => a.place - b.place).map(({ member }) => member);
      const text = JSON.stringify({ flow: Object.fromEntries(shuffled), ...around });
      expect(scan(text)).toBeDefined();
      expectLikeJson(text);
    }),
    { numRuns: 1_000 },
  );
});

test('what stood before the ends of one record is not taken for what stands behind them in another', () => {
  const ends = '"source":{"identity":1},"destination":{"identity":2},"Type":"L3_L4","is_reply":false';
  const around = `"node_name":"${'n'.repeat(60)}","time":"t"}`;
  expectLikeJson(`{"flow":{"node_name":"a","reply":true,${ends}},${around}`);
  expectLikeJson(`{"flow":{"node_name":"b",${ends}},${around}`);
  expectLikeJson(`{"flow":{${ends}},${around}`);
});

test('any change of a few characters is read like JSON.parse reads it, or not at all', () => {
  const records = [...RECORDS, ...Array.from({ length: 20 }, (_, at) => hubbleFlow(at))];
  fc.assert(
    fc.property(fc.constantFrom(...records), textChanges, (record, changes) => {
      expectLikeJson(changed(record, changes));
    }),
    { numRuns: 3_000 },
  );
});
