import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../../ingest/batch/builder.ts';
import { LabelInterner } from '../../../src/model/labels.ts';
import { decodeAll } from '../../helpers/decode-scenario.ts';

const read = (record: object) => decodeAll(Buffer.from(JSON.stringify(record)));

const NETOBSERV = { TimeFlowStartMs: 1_760_000_000_000, SrcAddr: '10.0.0.1', DstAddr: '10.0.0.2', FlowDirection: 0 };

describe('numbers that no column of the store can hold', () => {
  it('a sampling rate is cut, so that it does not start again at 0', () => {
    const [flow] = read({ ...NETOBSERV, SrcPort: 1, DstPort: 80, Proto: 6, Sampling: 2 ** 40 }).flows;
    expect(flow?.sampling).toBe(2 ** 32 - 1);
  });

  it('connections are cut', () => {
    const key = { source_name: 'a', dest_name: 'b', dest_port: 80, proto: 'tcp', reporter: 1, action: 1 };
    const record = { Key: key, start_time: 1_760_000_000, end_time: 1_760_000_015, num_connections_started: 2 ** 50 };
    expect(read(record).flows[0]?.connections).toBe(2 ** 32 - 1);
  });

  it('an ICMP type above 255 is none', () => {
    expect(read({ ...NETOBSERV, Proto: 1, IcmpType: 264 }).flows[0]?.icmpType).toBe(255);
  });
});

it('losses that are no plausible number do not add up to one that the store cannot read', () => {
  const source = {
    topic: 't',
    partition: 0,
    format: 'auto',
    cluster: 'c',
    interner: new LabelInterner(),
    now: Date.now,
  };
  const builder = new BatchBuilder(source);
  const record = JSON.stringify({ lost_events: { num_events_lost: '18446744073709551615' } });
  for (let offset = 0; offset < 3; offset++) builder.add(Buffer.from(record), offset);
  expect(builder.counts.lost).toBe(Number.MAX_SAFE_INTEGER);
  expect(builder.build('').losses?.map(({ events }) => events)).toEqual([Number.MAX_SAFE_INTEGER]);
});

it('a duration longer than the world does not move a connection out of it', () => {
  const line = (duration: string) => ({
    ...{ time: '2025-10-09T08:53:20Z', scope: 'access', message: 'connection complete', direction: 'inbound' },
    ...{ 'src.addr': '10.0.0.1:1234', 'dst.addr': '10.0.0.2:80', duration },
  });
  const [flow] = read(line('9999999999999999ms')).flows;
  expect(flow?.time).toBe(Date.UTC(2025, 9, 9, 8, 53, 20));
  expect(read(line('1000ms')).flows[0]?.time).toBe(Date.UTC(2025, 9, 9, 8, 53, 19));
});

it('a record that ends in the future is rejected, as one that begins there', () => {
  const now = () => Date.UTC(2026, 10, 1);
  const source = { topic: 't', partition: 0, format: 'auto', cluster: 'c', interner: new LabelInterner(), now };
  const builder = new BatchBuilder(source);
  const record = { ...NETOBSERV, SrcPort: 1, DstPort: 80, Proto: 6, TimeFlowEndMs: Date.UTC(2090, 1, 1) };
  builder.add(Buffer.from(JSON.stringify(record)), 0);
  expect(builder.build('').rejects.map(({ reason }) => reason)).toEqual(['time-in-future']);
});

it.each([
  ['version 4', { flowRecords: { flows: [{ aclID: 'a', flowGroups: [{ rule: 'r', flowTuples: [] }] }] } }],
  ['version 2', { properties: { flows: [{ rule: 'r', flows: [{ mac: 'm', flowTuples: [] }] }] } }],
])('an Azure record of %s without tuples is skipped and not forgotten', (_version, record) => {
  expect(read(record).events).toEqual([{ skip: 'no-flows' }]);
});

it('a Kubescape object cannot make more rows than an object may, however its addresses and ports multiply', () => {
  const ports = Array.from({ length: 1_000 }, (_, port) => ({ port, protocol: 'TCP' }));
  const ipAddresses = Array.from({ length: 1_000 }, (_, at) => `10.0.${at >> 8}.${at & 255}`);
  const neighbours = [{ ipAddress: '10.9.9.9', ports: ports.slice(0, 3) }, { ipAddresses, ports }, { ports }];
  const metadata = { name: 'a', creationTimestamp: '2026-01-01T00:00:00Z' };
  const { events } = read({ kind: 'NetworkNeighborhood', metadata, spec: { containers: [{ egress: neighbours }] } });
  expect(events.slice(3)).toEqual([{ reject: 'too-many-rows', detail: 'more than 100000 rows in one object' }]);
});
