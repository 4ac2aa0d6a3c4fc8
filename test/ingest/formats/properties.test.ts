import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DecodeSink, JsonObject } from '../../../ingest/decode/decoder.ts';
import { DECODERS } from '../../../ingest/decode/index.ts';
import { UNWRAP_LIMITS, unwrap } from '../../../ingest/decode/unwrap.ts';
import { ENDPOINT_KINDS, FLOW_VERDICTS, ORIENTATIONS, REASONS, VANTAGES } from '../../../src/model/enums.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { LabelInterner } from '../../../src/model/labels.ts';
import { decodeAll } from '../../helpers/decode-scenario.ts';

const SCENARIOS = join(import.meta.dirname, '../../scenarios');

/** Every record of the fixtures of all formats: JSON objects and lines of text. */
const RECORDS: readonly (JsonObject | string)[] = readdirSync(SCENARIOS)
  .filter((name) => [...DECODERS.keys()].some((format) => name.startsWith(`${format}-`)))
  .flatMap((name) => {
    const input = readdirSync(join(SCENARIOS, name)).find((file) => file.startsWith('input.'));
    return input === undefined ? [] : readFileSync(join(SCENARIOS, name, input), 'utf8').split('\n');
  })
  .filter((line) => line.trim() !== '')
  .map(parsed);

function parsed(line: string): JsonObject | string {
  try {
    return JSON.parse(line) as JsonObject;
  } catch {
    return line;
  }
}

const OBJECTS = RECORDS.filter((record) => typeof record === 'object');

/** Replaces one place inside a record, anywhere, by another value; `undefined` removes it. */
function mutated(value: unknown, steps: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = steps;
  if (step === undefined || typeof value !== 'object' || value === null) return replacement;
  const keys = Object.keys(value);
  if (keys.length === 0) return replacement;
  const key = keys[step % keys.length] as string;
  const changed = mutated((value as Record<string, unknown>)[key], rest, replacement);
  if (Array.isArray(value)) return value.map((member, i) => (String(i) === key ? changed : member));
  return { ...value, [key]: changed };
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, '', '-', 0, -1, 1e300, Number.MAX_SAFE_INTEGER, true, [], {}, [[]], '::'),
  fc.string(),
  fc.integer(),
  fc.constantFrom('__proto__', 'constructor', '99999999999999999999', '1e9', '{"a":', '0|||', '|||||', '[', '::1:80'),
  fc.anything(),
);
const mutant = fc
  .tuple(fc.nat(Math.max(0, RECORDS.length - 1)), fc.array(fc.nat(40), { minLength: 1, maxLength: 5 }), junk)
  .map(([index, steps, replacement]) => mutated(RECORDS[index], steps, replacement));

const NAMES = {
  kinds: ENDPOINT_KINDS,
  vantages: VANTAGES,
  oriented: ORIENTATIONS,
  verdicts: FLOW_VERDICTS,
  reasons: REASONS,
};

/** What the store relies on: closed sets, canonical numbers, addresses and times. */
function expectSound(flow: Flow): void {
  const named = (set: keyof typeof NAMES, name: string) => expect(Object.hasOwn(NAMES[set], name)).toBe(true);
  named('kinds', flow.client.kind);
  named('kinds', flow.server.kind);
  named('vantages', flow.vantage);
  named('oriented', flow.oriented);
  named('verdicts', flow.verdict);
  named('reasons', flow.reason);
  expect(flow.endTime).toBeGreaterThanOrEqual(flow.time);
  for (const port of [flow.clientPort, flow.serverPort, flow.servicePort])
    expect(port >= 0 && port <= 65_535).toBe(true);
  for (const size of [
    flow.bytesForward,
    flow.bytesReverse,
    flow.packetsForward,
    flow.packetsReverse,
    flow.connections,
  ]) {
    expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
  }
  expect(Number.isInteger(flow.protocol) && flow.protocol >= 0 && flow.protocol <= 255).toBe(true);
  expect(flow.eventId).toMatch(/^\d{1,20}$/);
  for (const refs of [flow.allowedBy, flow.deniedBy, flow.pending]) expect(refs.every((ref) => ref !== '')).toBe(true);
}

function run(record: JsonObject | string): { readonly flows: readonly Flow[]; readonly told: number } {
  const flows: Flow[] = [];
  let told = 0;
  const tell = () => {
    told += 1;
  };
  const sink: DecodeSink = {
    flow: (flow) => flows.push(flow),
    reject: tell,
    skip: tell,
    lost: tell,
    namespace: () => {},
  };
  const context = { cluster: 'test', node: '', interner: new LabelInterner(), options: {} };
  for (const decoder of DECODERS.values()) {
    decoder.recognises(record);
    decoder.decode(record, context, sink);
  }
  return { flows, told };
}

describe('every decoder', () => {
  it('neither throws on mutated records nor builds rows that the store would refuse', () => {
    fc.assert(
      fc.property(mutant, (value) => {
        const record =
          typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : String(value);
        const { flows, told } = run(record);
        for (const flow of flows) expectSound(flow);
        expect(flows.length + told).toBeGreaterThanOrEqual(DECODERS.size - 1);
      }),
      { numRuns: 3000, seed: 7 },
    );
  });

  it('gives the same rows for the same record', () => {
    for (const record of RECORDS) expect(run(record).flows).toEqual(run(record).flows);
  });
});

describe('unwrap', () => {
  it('neither throws nor runs away on anything', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.json(), mutant), (value) => {
        let calls = 0;
        const called = () => {
          calls += 1;
        };
        unwrap(value, { isRecord: () => false, record: called, reject: called, skip: called });
        expect(calls).toBeLessThan(10_000);
      }),
      { numRuns: 1500, seed: 7 },
    );
  });

  it('stops at the limits of depth, records and length', () => {
    const rejects: string[] = [];
    let records = 0;
    const sink = {
      isRecord: (value: unknown) => value === 'r',
      record: () => {
        records += 1;
      },
      reject: (reason: string) => rejects.push(reason),
      skip: () => {},
    };
    const bomb = gzipSync(Buffer.alloc(UNWRAP_LIMITS.length + 1, 0x20)).toString('base64');
    unwrap({ log: bomb }, sink);
    unwrap({ log: { log: { log: { log: { log: 'r' } } } } }, sink);
    unwrap({ records: Array(20).fill('r') }, sink, { ...UNWRAP_LIMITS, records: 10 });
    unwrap('x'.repeat(100), sink, { ...UNWRAP_LIMITS, length: 50 });
    expect(rejects).toEqual(['too-long', 'too-deep', 'too-many-records', 'too-long']);
    expect(records).toBe(10);
  });
});

const WRAPPINGS: Readonly<Record<string, (record: JsonObject) => string>> = {
  'fluent-bit': (record) => JSON.stringify({ '@timestamp': 1, log: JSON.stringify(record) }),
  vector: (record) => JSON.stringify({ message: JSON.stringify(record), source_type: 'file' }),
  filebeat: (record) => JSON.stringify({ event: { original: JSON.stringify(record) } }),
  elasticsearch: (record) => JSON.stringify({ _source: record }),
  'json array': (record) => JSON.stringify([record]),
  'json string': (record) => JSON.stringify(JSON.stringify(JSON.stringify(record))),
  'event hub': (record) => JSON.stringify({ records: [record] }),
  'pub/sub': (record) =>
    JSON.stringify({ message: { data: Buffer.from(JSON.stringify(record)).toString('base64'), messageId: '1' } }),
  base64: (record) => Buffer.from(JSON.stringify(record)).toString('base64'),
  'gzip in base64': (record) => gzipSync(JSON.stringify(record)).toString('base64'),
  'container log': (record) => `2025-10-09T08:53:21.5Z stdout F ${JSON.stringify(record)}`,
  'server-sent event': (record) => `data: ${JSON.stringify(record)}`,
  'otlp-json': (record) =>
    JSON.stringify({
      resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: JSON.stringify(record) } }] }] }],
    }),
  'otlp-json with a parsed body': (record) =>
    JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: otlp(record) }] }] }] }),
  firehose: (record) =>
    JSON.stringify({ requestId: 'r', records: [{ data: Buffer.from(JSON.stringify(record)).toString('base64') }] }),
  'cloudwatch for lambda': (record) =>
    JSON.stringify({ awslogs: { data: gzipSync(JSON.stringify(record)).toString('base64') } }),
  splunk: (record) => JSON.stringify({ time: 1, sourcetype: 's', event: JSON.stringify(record) }),
  gelf: (record) => JSON.stringify({ version: '1.1', short_message: JSON.stringify(record) }),
};

/** A JSON value as an OTLP `AnyValue`. */
function otlp(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlp) } };
  const pairs = Object.entries(value ?? {}).map(([key, member]) => ({ key, value: otlp(member) }));
  return value === null ? {} : { kvlistValue: { values: pairs } };
}

describe('a record in an envelope decodes like the bare one', () => {
  const recognised = OBJECTS.filter((record) => [...DECODERS.values()].some((decoder) => decoder.recognises(record)));

  it.each(Object.keys(WRAPPINGS))('%s', (name) => {
    const wrap = WRAPPINGS[name] as (record: JsonObject) => string;
    for (const record of recognised) {
      const bare = decodeAll(Buffer.from(JSON.stringify(record))).events;
      expect(decodeAll(Buffer.from(wrap(record))).events).toEqual(bare);
    }
  });
});

describe('the three spellings of a Goldmane flow', () => {
  const rowsOf = (name: string) => decodeAll(readFileSync(join(SCENARIOS, name, 'input.ndjson'))).flows;

  it('emitter and protojson give identical rows', () => {
    const emitter = new Map(rowsOf('goldmane-emitter').map((flow) => [flow.eventId, flow]));
    const protojson = rowsOf('goldmane-protojson');
    expect(protojson.length).toBeGreaterThan(0);
    for (const flow of protojson) expect(flow).toEqual(emitter.get(flow.eventId));
  });

  it('Whisker gives the same rows without what it leaves out: service and numbers of connections', () => {
    const lacking = {
      serviceName: '',
      serviceNamespace: '',
      servicePort: 0,
      connections: 0,
      connectionBasis: 'row',
      eventId: '',
    };
    const whisker = decodeAll(readFileSync(join(SCENARIOS, 'goldmane-whisker/input.txt'))).flows;
    const rest = (flow: Flow) => JSON.stringify({ ...flow, ...lacking });
    const known = new Set(rowsOf('goldmane-emitter').map(rest));
    expect(whisker).toHaveLength(5);
    for (const flow of whisker) expect(known).toContain(rest(flow));
  });
});
