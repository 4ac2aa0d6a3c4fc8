import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PositionedFlow } from '../../src/model/batch.ts';
import type { ColumnValue } from '../../src/model/columns.ts';
import { openStore } from '../../src/store/client.ts';
import type { Store } from '../../src/store/store.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { encodeTime } from '../../src/store/write/encode.ts';
import { encodeFlows, WRITTEN_FLOW_COLUMNS } from '../../src/store/write/flow-rows.ts';
import { addressBytes, nativeColumn } from '../../src/store/write/native-columns.ts';
import { anyText, batchOf, flowArbitrary, positioned, storedAddress } from './arbitrary-flows.ts';

let store: Store;
const data = mkdtempSync(join(tmpdir(), 'microwall-encode-'));

beforeAll(async () => {
  store = await openStore({ data });
}, 60_000);

afterAll(async () => {
  await store.close();
  rmSync(data, { recursive: true, force: true });
});

/** What the engine should give back for a value of a column. */
function stored(type: string, value: ColumnValue): unknown {
  // A lone surrogate is no text: it becomes U+FFFD, as in every encoding to UTF-8.
  const text = (v: string) => Buffer.from(v, 'utf8').toString('utf8');
  if (type.startsWith('Array')) return (value as string[]).map(text);
  if (type.startsWith('DateTime64')) return new Date(value as number).toISOString().replace('T', ' ').slice(0, -1);
  if (type === 'IPv6') return storedAddress(value as string);
  if (type === 'UInt64') return String(value);
  return typeof value === 'string' ? text(value) : value;
}

function expectedRow(row: PositionedFlow): unknown[] {
  return WRITTEN_FLOW_COLUMNS.map((column) => {
    const end = column.of === 'client' ? row.flow.client : row.flow.server;
    if (column.of === 'row') return stored(column.type, column.read(row));
    return stored(column.type, column.read(end));
  });
}

test('the engine reads back what was written, whatever the text', async () => {
  let run = 0;
  const flows = fc.array(flowArbitrary(anyText), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(flows, async (drawn) => {
      const topic = `file:${run++}`;
      const rows = positioned(drawn, topic);
      await writeBatch(store, batchOf(topic, rows));
      const names = WRITTEN_FLOW_COLUMNS.map(({ name }) => `\`${name}\``).join(', ');
      const found = await store.query(`SELECT ${names} FROM flows WHERE topic = {topic:String} ORDER BY offset`, {
        topic,
      });
      expect(found).toEqual(rows.map(expectedRow));
    }),
    { numRuns: 60, seed: 1 },
  );
}, 60_000);

describe('values that must not fail an insert', () => {
  test('an address that is none becomes ::', () => {
    const zeros = '0'.repeat(32);
    const read = ['10.0.0.1', '::1', '2001:db8::a', '', '10.0.0.256', 'fe80::1%eth0', 'x'].map(addressBytes);
    expect(read.map((bytes) => Buffer.from(bytes).toString('hex'))).toEqual([
      `${'0'.repeat(20)}ffff0a000001`,
      `${'0'.repeat(31)}1`,
      '20010db800000000000000000000000a',
      zeros,
      zeros,
      zeros,
      zeros,
    ]);
  });

  test('a time outside what the engine can hold is moved inside', () => {
    expect([0, 1.7, -5, Number.NaN, 1e18, 1_700_000_000_123].map(encodeTime)).toEqual([
      '0000000000.000',
      '0000000000.001',
      '0000000000.000',
      '0000000000.000',
      '4291747200.000',
      '1700000000.123',
    ]);
  });

  test('numbers outside their type are moved inside', async () => {
    const [flow] = fc.sample(flowArbitrary(), { numRuns: 1, seed: 2 });
    const wild = {
      connections: 1e12,
      bytesForward: 1e30,
      clientPort: -1,
      packetsForward: 1.5,
      eventId: 'x',
      servicePort: Number.NaN,
    };
    const rows = positioned(flow ? [{ ...flow, ...wild, time: -1, endTime: 1e20 }] : [], 'file:wild');
    await writeBatch(store, batchOf('wild', rows));
    const found = await store.query(
      "SELECT connections, bytes_fwd, src_port, packets_fwd, event_id, svc_port FROM flows WHERE topic = 'file:wild'",
    );
    expect(found).toEqual([[4_294_967_295, '18446744073709551615', 0, '1', '0', 0]]);
  });
});

test('more rows and more distinct texts than one or two bytes can count', async () => {
  const [flow] = fc.sample(flowArbitrary(), { numRuns: 1, seed: 3 });
  if (!flow) throw new Error('no flow was drawn');
  const server = (at: number) => ({ ...flow.server, pod: `pod-${at}` });
  const flows = Array.from({ length: 70_000 }, (_, at) => ({ ...flow, l7Detail: `GET /${at}`, server: server(at) }));
  await writeBatch(store, batchOf('many', positioned(flows, 'file:many')));
  const found = await store.query(
    `SELECT count(), countIf(l7_detail != concat('GET /', toString(offset))),
       countIf(dst_pod != concat('pod-', toString(offset))), countIf(event_id != {id:UInt64})
     FROM flows WHERE topic = 'file:many'`,
    { id: flow.eventId },
  );
  expect(found).toEqual([['70000', '0', '0', '0']]);
});

test('no rows are no bytes', () => {
  expect(encodeFlows([])).toEqual({ rows: 0, pieces: [] });
});

describe('64-bit numbers', () => {
  const MOST = 2n ** 64n;
  const encoded = (value: ColumnValue) => {
    const column = nativeColumn('UInt64');
    column.push(value);
    return Buffer.concat(column.take()).readBigUInt64LE(0);
  };

  test('decimal text is read exactly, zeros in front or not, and what does not fit is 0', () => {
    const around = fc.bigInt(MOST - 1_000n, MOST + 1_000n);
    const numbers = fc.oneof(fc.bigInt(0n, 10n ** 16n), fc.bigInt(0n, 2n ** 70n), fc.bigInt(0n, 10n ** 40n), around);
    fc.assert(
      fc.property(numbers, fc.nat(6), (number, zeros) => {
        expect(encoded('0'.repeat(zeros) + number)).toBe(number < MOST ? number : 0n);
      }),
    );
  });

  test('numbers lose their fraction, and those outside are moved inside', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.maxSafeNat(), fc.double({ min: 2 ** 52, max: 2 ** 66 })), (number) => {
        const inside = number >= 2 ** 64 ? MOST - 1n : number > 0 ? BigInt(Math.trunc(number)) : 0n;
        expect(encoded(number)).toBe(inside);
      }),
    );
  });

  test.each(['', 'x', '12x', '123456789012345x', '12345678901234567x9', '-1', '1.5', ' 1'])('%j is none', (text) => {
    expect(encoded(text)).toBe(0n);
  });
});
