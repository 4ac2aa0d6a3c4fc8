import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/store/client.ts';
import type { Store } from '../../src/store/store.ts';
import { startClickHouseFront } from '../helpers/clickhouse-http-front.ts';

/** A fresh, empty store and its end. */
export interface TestStore {
  readonly store: Store;
  /** Options with which the same store can be opened again. */
  readonly options: { readonly data: string; readonly clickhouse?: string };
  end(): Promise<void>;
}

export interface TestBackend {
  readonly name: string;
  /** Why this backend cannot run here; `''` when it can. */
  readonly skip: string;
  start(): Promise<TestStore>;
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'microwall-store-'));
}

async function startEmbedded(): Promise<TestStore> {
  const data = temporaryFolder();
  const store = await openStore({ data });
  const end = async () => {
    await store.close();
    rmSync(data, { recursive: true, force: true });
  };
  return { store, options: { data }, end };
}

async function startOverHttp(): Promise<TestStore> {
  const front = await startClickHouseFront();
  const options = { data: '', clickhouse: front.url };
  const store = await openStore(options);
  const end = async () => {
    await store.close();
    await front.stop();
  };
  return { store, options, end };
}

/** On a real server every test store is a database of its own, dropped at the end. */
async function startOnServer(): Promise<TestStore> {
  const base = new URL(process.env.CLICKHOUSE_URL ?? '');
  const name = `microwall_test_${process.pid}_${Date.now()}`;
  const admin = await openStore({ data: '', clickhouse: base.href, migrate: false });
  await admin.command(`CREATE DATABASE ${name}`);
  const options = { data: '', clickhouse: new URL(`/${name}`, base).href };
  const store = await openStore(options);
  const end = async () => {
    await store.close();
    await admin.command(`DROP DATABASE ${name}`);
    await admin.close();
  };
  return { store, options, end };
}

/** The suites of the store run on each of these. */
export const BACKENDS: readonly TestBackend[] = [
  { name: 'embedded', skip: '', start: startEmbedded },
  { name: 'over HTTP', skip: '', start: startOverHttp },
  { name: 'server', skip: process.env.CLICKHOUSE_URL ? '' : 'CLICKHOUSE_URL is not set', start: startOnServer },
];
