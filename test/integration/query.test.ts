import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { run } from '../../src/cli/program.ts';
import type { Flow } from '../../src/model/flow.ts';
import { UNKNOWN_LABELS } from '../../src/model/labels.ts';
import { openStore } from '../../src/store/client.ts';
import { TABLES } from '../../src/store/schema/ddl.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { batchOf, positioned } from '../store/arbitrary-flows.ts';
import { sampleFlows } from '../store/sample-flows.ts';

let data: string;
const flows = exampleFlows();
/** Half of the flows come before it. */
const MIDDLE = new Date(flows.map(({ time }) => time).sort((a, b) => a - b)[150] ?? 0);

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'microwall-query-'));
  const store = await openStore({ data });
  await writeBatch(store, batchOf('example', positioned(flows)));
  await store.close();
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

/** 300 flows between pods, then one denied flow to the outside, a day later. */
function exampleFlows(): Flow[] {
  const inside = sampleFlows(300);
  const last = inside.at(-1) as Flow;
  const end = { ...last.server, kind: 'external' as const, namespace: '', workload: '', workloadKind: '', pod: '' };
  return [
    ...inside,
    {
      ...last,
      time: last.time + 86_400_000,
      endTime: last.time + 86_400_000,
      vantage: 'src',
      server: { ...end, labels: UNKNOWN_LABELS },
      serverAddress: '203.0.113.7',
      serverPort: 443,
      verdict: 'deny',
      reason: 'default_deny',
    },
  ];
}

async function microwall(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const read = [text(stdout), text(stderr)] as const;
  const code = await run([...args, '--data', data], {
    stdout,
    stderr,
    stdin: new PassThrough(),
    env: {},
    now: Date.now,
  });
  stdout.end();
  stderr.end();
  return { code, out: await read[0], err: await read[1] };
}

async function edges(...args: string[]): Promise<Record<string, unknown>[]> {
  const { code, out } = await microwall('query', 'edges', '-o', 'json', '--limit', '0', ...args);
  expect(code).toBe(0);
  return JSON.parse(out);
}

describe('query edges', () => {
  test('every flow is counted once, and edges are in order', async () => {
    const all = await edges();
    expect(all.reduce((sum, edge) => sum + Number(edge.flows), 0)).toBe(flows.length);
    const again = await edges();
    expect(again).toEqual(all);
  });

  test('an edge to an address has the documented form', async () => {
    expect(await edges('--to', 'world')).toEqual([
      {
        client: {
          namespace: flows[299]?.client.namespace,
          workload: flows[299]?.client.workload,
          labels: Object.fromEntries(flows[299]?.client.labels.labels ?? []),
        },
        server: { cidr: '203.0.113.7/32' },
        protocol: 'TCP',
        port: 443,
        flows: 1,
        connections: flows[299]?.connections,
        passed: 0,
        denied: 1,
        unclear: 0,
        firstSeen: '2026-11-02T00:00:05.980Z',
        lastSeen: '2026-11-02T00:00:05.980Z',
      },
    ]);
  });

  test.each([
    [
      ['--from', 'team-3/service-3'],
      (flow: Flow) => flow.client.namespace === 'team-3' && flow.client.workload === 'service-3',
    ],
    [['--to', 'team-2/'], (flow: Flow) => flow.server.namespace === 'team-2'],
    [
      ['--to', 'app=service-5,team!=team-1'],
      (flow: Flow) =>
        flow.server.labels.labels.get('app') === 'service-5' && flow.server.labels.labels.get('team') !== 'team-1',
    ],
    [['--port', '8001/tcp'], (flow: Flow) => flow.serverPort === 8001],
    [['--verdict', 'deny'], (flow: Flow) => flow.verdict === 'deny'],
    [['--since', '1h'], (flow: Flow) => flow.verdict === 'deny'],
  ])('%j', async (args, accepts) => {
    const found = await edges(...args);
    const wanted = flows.filter(accepts);
    expect(wanted.length).toBeGreaterThan(0);
    expect(found.reduce((sum, edge) => sum + Number(edge.flows), 0)).toBe(wanted.length);
  });

  test('an address of a pod finds the edges in which it was seen', async () => {
    const address = flows[7]?.clientAddress ?? '';
    const found = await edges('--from', address);
    expect(found.length).toBeGreaterThan(0);
    expect(found.length).toBeLessThan(5);
  });

  test('the table is aligned, says when it is cut, and when there is nothing', async () => {
    const some = await microwall('query', 'edges', '--limit', '3');
    expect(some.out.split('\n').slice(0, -1)).toHaveLength(4);
    expect(some.err).toContain('--limit 0 shows all');
    const none = await microwall('query', 'edges', '--to', 'nowhere/');
    expect([none.code, none.out, none.err]).toEqual([0, '', 'nothing stored matches\n']);
  });

  test('what is no endpoint is wrong usage', async () => {
    const { code, err } = await microwall('query', 'edges', '--to', 'cart');
    expect(code).toBe(2);
    expect(err).toContain('namespace/workload');
  });
});

describe('query flows', () => {
  test('newest first, filtered, limited', async () => {
    const { out } = await microwall('query', 'flows', '-o', 'json', '--limit', '2');
    const [first, second] = JSON.parse(out);
    expect(first.verdict).toBe('deny');
    expect(first.server).toEqual({ cidr: '203.0.113.7/32', address: '203.0.113.7', port: 443 });
    expect(second.time).toBe('2026-11-01T00:00:05.980Z');
    expect(second.origin).toEqual({ topic: 'file:test', partition: 0, offset: 299, index: 0 });
  });

  test.each([
    [['--to', '203.0.113.0/24'], (flow: Flow) => flow.verdict === 'deny'],
    [['--from', '10.1.7.0/24'], (flow: Flow) => flow.clientAddress.startsWith('10.1.7.')],
    [['--to', 'app=service-5'], (flow: Flow) => flow.server.labels.labels.get('app') === 'service-5'],
    [
      ['--to', 'app!=service-5', '--port', '8002'],
      (flow: Flow) => flow.serverPort === 8002 && flow.server.labels.labels.get('app') !== 'service-5',
    ],
    [
      ['--from', 'team-3/service-3', '--verdict', 'allow'],
      (flow: Flow) =>
        flow.verdict === 'allow' && flow.client.namespace === 'team-3' && flow.client.workload === 'service-3',
    ],
    [['--to', 'world', '--since', '5m'], (flow: Flow) => flow.verdict === 'deny'],
    [['--after', '1h'], (flow: Flow) => flow.verdict === 'deny'],
    [['--before', '1h'], (flow: Flow) => flow.verdict !== 'deny'],
    [['--after', MIDDLE.toISOString(), '--before', '2100-01-01'], (flow: Flow) => flow.time >= MIDDLE.getTime()],
  ])('%j', async (args, accepts) => {
    const { out } = await microwall('query', 'flows', '-o', 'json', '--limit', '0', ...args);
    const wanted = flows.filter(accepts);
    expect(wanted.length).toBeGreaterThan(0);
    expect(JSON.parse(out)).toHaveLength(wanted.length);
  });

  test('the table names pods and policies', async () => {
    const { out } = await microwall('query', 'flows', '--limit', '1');
    expect(out).toContain('default_deny');
    expect(out).toContain('203.0.113.7');
  });
});

describe('store', () => {
  test('status tells rows and bytes of every table', async () => {
    const { out } = await microwall('store', 'status', '-o', 'json');
    const { tables } = JSON.parse(out);
    expect(Object.keys(tables)).toEqual(TABLES.map(({ name }) => name));
    expect(tables.flows.rows).toBe(flows.length);
    expect(tables.flows.bytes).toBeGreaterThan(0);
    expect((await microwall('store', 'status')).out).toContain('edges_1h');
  });

  test('migrate has nothing to do the second time', async () => {
    expect((await microwall('store', 'migrate')).out).toContain('nothing to do');
  });
});
