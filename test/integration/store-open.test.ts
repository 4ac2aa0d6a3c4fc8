import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/client.ts';
import { classifyStoreError } from '../../src/store/engine/errors.ts';
import { migrate } from '../../src/store/schema/migrate.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { Failure } from '../../src/util/failure.ts';
import { type ClickHouseFront, startClickHouseFront } from '../helpers/clickhouse-http-front.ts';
import { batchOf, positioned } from '../store/arbitrary-flows.ts';
import { sampleFlows } from '../store/sample-flows.ts';

const { resolve: resolveModule } = createRequire(import.meta.url);
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microwall-open-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Failure);
  return error as Failure;
}

/** A process that opens the engine on `path` and holds it until it is killed. */
async function holder(path: string): Promise<ChildProcess> {
  const file = join(folder, 'holder.cjs');
  const chdb = JSON.stringify(resolveModule('chdb'));
  writeFileSync(
    file,
    `const { Session } = require(${chdb}); const s = new Session(process.argv[2]); s.query('SELECT 1'); process.send('open'); setInterval(() => s, 1000);`,
  );
  const child = fork(file, [path], { execArgv: [] });
  await new Promise((resolve) => child.once('message', resolve));
  return child;
}

describe('opening a data folder', () => {
  test('a folder that another process holds names that process and the way out', async () => {
    const path = join(folder, 'held');
    const child = await holder(path);
    const failure = await failureOf(openStore({ data: path }));
    expect(failure.message).toBe(`${path} is in use by process ${child.pid}`);
    expect(failure.kind).toBe('unreachable');
    expect(failure.remedy).toContain('CLICKHOUSE_URL');
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(existsSync(join(path, 'status'))).toBe(true); // a kill leaves it behind; it must not block anyone
    const store = await openStore({ data: path });
    await store.close();
  });

  test('a file, and a folder below a file, are refused as input', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const data of [file, join(file, 'below')]) {
      const failure = await failureOf(openStore({ data }));
      expect([failure.kind, failure.message]).toEqual(['input', `${data} is not a folder`]);
    }
  });

  test('what a killed process left in the spool is removed', async () => {
    const data = join(folder, 'spooled');
    mkdirSync(join(data, 'spool'), { recursive: true });
    writeFileSync(join(data, 'spool', '999999999-1-0.tsv'), 'rows');
    const store = await openStore({ data });
    await store.close();
    expect(readdirSync(join(data, 'spool'))).toEqual([]);
  });

  test('a folder with wildcards and quotes in its name works', async () => {
    const data = join(folder, "it's {a,b}*?");
    const store = await openStore({ data });
    await writeBatch(store, batchOf('one', positioned(sampleFlows(10))));
    expect(await store.query('SELECT toFloat64(count()) FROM flows')).toEqual([[10]]);
    await store.close();
  });
});

describe('migrating', () => {
  test('missing columns, tables and views are made again; unknown drift is refused with a diff', async () => {
    const data = join(folder, 'drift');
    const store = await openStore({ data });
    await store.command('ALTER TABLE rejects DROP COLUMN detail');
    await store.command('DROP TABLE chunks');
    await store.command('DROP VIEW edges_1h_mv');
    expect(await migrate(store)).toEqual([
      'added column rejects.detail',
      'created table chunks',
      'created view edges_1h_mv',
    ]);
    expect(await migrate(store)).toEqual([]);
    await store.command('ALTER TABLE rejects ADD COLUMN surprise String');
    await store.command('ALTER TABLE flows MODIFY COLUMN node String');
    const failure = await failureOf(migrate(store));
    expect(failure.message.split('\n').slice(1)).toEqual([
      '- flows column node String',
      '+ flows column node LowCardinality(String)',
      '- rejects column surprise',
    ]);
    await store.close();
    expect((await failureOf(openStore({ data }))).kind).toBe('input');
  });

  test('a view that folds differently is made again', async () => {
    const store = await openStore({ data: join(folder, 'view') });
    await store.command('DROP VIEW edges_1h_mv');
    await store.command('CREATE MATERIALIZED VIEW edges_1h_mv TO edges_1h AS SELECT cluster FROM flows');
    expect(await migrate(store)).toEqual(['created view edges_1h_mv']);
    await store.close();
  });
});

describe('a server', () => {
  let front: ClickHouseFront;
  beforeAll(async () => {
    front = await startClickHouseFront();
  });
  afterAll(() => front.stop());

  test('a server that takes connections and never answers is given up soon', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const clickhouse = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const failure = await failureOf(openStore({ data: '', clickhouse, answerWithin: 200 }));
    expect(failure.kind).toBe('unreachable');
    expect(failure.message).toBe(`${clickhouse} does not answer: nothing came for 0.2 s`);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test('that is not there is out of reach', async () => {
    const failure = await failureOf(openStore({ data: '', clickhouse: 'http://127.0.0.1:1' }));
    expect(failure.kind).toBe('unreachable');
    expect(failure.message).toContain('http://127.0.0.1:1 does not answer');
  });

  test('that refuses the password is out of reach, and the password is not repeated', async () => {
    const url = new URL(front.url);
    url.password = 'wrong-password';
    const failure = await failureOf(openStore({ data: '', clickhouse: url.href }));
    expect(failure.kind).toBe('unreachable');
    expect(failure.message).toContain('refuses access');
    expect(`${failure.message}${failure.remedy}`).not.toContain('wrong-password');
  });

  test('a URL that is none is refused as input', async () => {
    expect((await failureOf(openStore({ data: '', clickhouse: 'localhost:8123' }))).kind).toBe('input');
  });

  test('an insert whose answer was lost can be sent again and is stored once', async () => {
    const store = await openStore({ data: '', clickhouse: front.url });
    const batch = batchOf('faulty', positioned(sampleFlows(50)));
    for (const how of ['fail', 'fail-after', 'drop'] as const) {
      await front.behave(how);
      const error = await writeBatch(store, batch).catch((thrown: unknown) => thrown);
      expect([how, classifyStoreError(error)]).toEqual([how, how === 'drop' ? 'unreachable' : 'retry']);
      await front.behave('pass');
      await writeBatch(store, batch);
    }
    expect(await store.query('SELECT toFloat64(count()) FROM flows')).toEqual([[50]]);
    expect(await store.query('SELECT toFloat64(sum(records)) FROM edges_1h')).toEqual([[50]]);
    await store.close();
  });
});
