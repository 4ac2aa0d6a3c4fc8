import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PositionedFlow } from '../../src/model/batch.ts';
import type { Edge } from '../../src/model/edge.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { readEdges } from '../../src/store/read/edges.ts';
import { readInventory } from '../../src/store/read/inventory.ts';
import { resolveWindow } from '../../src/store/read/window.ts';
import { migrate } from '../../src/store/schema/migrate.ts';
import { readTableSizes } from '../../src/store/schema/table-sizes.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { chunksAfter, recordChunk } from '../../src/store/write/chunks.ts';
import { encodeFlows } from '../../src/store/write/flow-rows.ts';
import { batchOf, flowArbitrary, positioned, START } from '../store/arbitrary-flows.ts';
import { endKey, oracleEdges } from '../store/oracle-edges.ts';
import { BACKENDS, type TestStore } from './store-backends.ts';

const HOUR = 3_600_000;
const ALWAYS = { from: 0, to: START * 2 };

function draw(seed: number, count: number, topic = `file:${seed}`): PositionedFlow[] {
  return positioned(fc.sample(flowArbitrary(), { numRuns: count, seed }), topic);
}

/** An edge in the form of the oracle. */
function plain({ client, server, protocol, port, ...rest }: Edge): unknown {
  const key = JSON.stringify([
    client.cluster,
    endKey(client, client.address),
    endKey(server, server.address),
    protocol,
    port,
  ]);
  return JSON.parse(JSON.stringify({ key, ...rest }));
}

const byKey = (a: unknown, b: unknown) => ((a as { key: string }).key < (b as { key: string }).key ? -1 : 1);

for (const backend of BACKENDS) {
  describe.skipIf(backend.skip !== '')(`store, ${backend.name}${backend.skip && ` (${backend.skip})`}`, () => {
    let opened: TestStore;
    let emptied = 0;

    beforeAll(async () => {
      opened = await backend.start();
    });
    afterAll(() => opened.end());

    /** A store without rows that remembers no token. */
    async function empty() {
      const { store } = opened;
      for (const table of ['flows', 'edges_1h', 'label_sets', 'namespaces', 'rejects', 'chunks'])
        await store.command(`TRUNCATE TABLE ${table}`);
      emptied += 1;
      return store;
    }
    const token = (name: string) => `${emptied}:${name}`;

    test('edges are what a plain fold of the flows gives', async () => {
      for (let seed = 1; seed <= 8; seed++) {
        const store = await empty();
        const rows = draw(seed, 400);
        await writeBatch(store, batchOf(token('a'), rows.slice(0, 150)));
        await writeBatch(store, batchOf(token('b'), rows.slice(150)));
        const edges = await readEdges(store, ALWAYS);
        expect(edges.map(plain).sort(byKey)).toEqual(oracleEdges(rows).sort(byKey));
      }
    });

    test('edges do not depend on the order or the batches in which flows came', async () => {
      const rows = draw(11, 300);
      const first = await empty();
      await writeBatch(first, batchOf(token('all'), rows));
      const once = JSON.stringify(await readEdges(first, ALWAYS));
      const second = await empty();
      const turned = rows.toReversed();
      for (let at = 0; at < turned.length; at += 50)
        await writeBatch(second, batchOf(token(`${at}`), turned.slice(at, at + 50)));
      await second.command('OPTIMIZE TABLE edges_1h FINAL');
      expect(JSON.stringify(await readEdges(second, ALWAYS))).toBe(once);
    });

    test('a batch that is sent again changes neither rows nor edges', async () => {
      const store = await empty();
      const rows = draw(21, 500);
      const labels = new Map([['team', 'shop']]);
      const batch = {
        ...batchOf(token('again'), rows),
        rejects: [
          {
            position: { topic: 't', partition: 1, offset: 5, index: 0 },
            line: 6,
            reason: 'not-json',
            detail: 'a\tb',
            sample: '\u0000{',
          },
        ],
        namespaces: [{ cluster: 'prod', namespace: 'shop', labels, seen: START }],
      };
      await writeBatch(store, batch);
      const before = await snapshot();
      await writeBatch(store, { ...batch, flows: encodeFlows([]), rejects: [] }); // cut off before flows and rejects
      await writeBatch(store, batch);
      await writeBatch(store, batch);
      expect(await snapshot()).toEqual(before);
      const [doubles] = await store.query(
        'SELECT toFloat64(count() - uniqExact(topic, partition, `offset`, `index`)) FROM flows',
      );
      expect(doubles).toEqual([0]);
      expect(await store.query('SELECT line, detail, sample FROM rejects')).toEqual([['6', 'a\tb', '\u0000{']]);

      async function snapshot() {
        const tables = Object.fromEntries([...(await readTableSizes(store))].map(([name, { rows: n }]) => [name, n]));
        return { tables: { ...tables, edges_1h: 0 }, edges: await readEdges(store, ALWAYS) };
      }
    });

    test('a batch over many days and more than one block of parsing stays one insert', async () => {
      const store = await empty();
      const [one] = draw(31, 1);
      const days = backend.name === 'embedded' ? 102 : 3; // more than the engine takes in one insert by default
      const rows = one
        ? Array.from({ length: 120_000 }, (_, offset) => ({
            flow: { ...one.flow, time: START + (offset < days ? offset : 0) * 24 * HOUR },
            position: { ...one.position, offset },
          }))
        : [];
      for (let time = 0; time < 2; time++) await writeBatch(store, batchOf(token('big'), rows));
      expect(
        await store.query('SELECT toFloat64(count()), uniqExact(_part) = uniqExact(toDate(ts)) FROM flows'),
      ).toEqual([[120_000, 1]]);
      expect(await store.query('SELECT toFloat64(sum(records)) FROM edges_1h')).toEqual([[120_000]]);
    });

    test('edges can be asked for by end, protocol, port and time', async () => {
      const store = await empty();
      const rows = draw(41, 400);
      await writeBatch(store, batchOf(token('filter'), rows));
      const all = await readEdges(store, ALWAYS);
      const filter = {
        client: (end: Edge['client']) => end.namespace === 'a',
        server: (end: Edge['server']) => end.kind === 'pod',
        protocol: 6,
        port: 80,
      };
      const wanted = all.filter(
        (edge) => filter.client(edge.client) && filter.server(edge.server) && edge.protocol === 6 && edge.port === 80,
      );
      expect(wanted.length).toBeGreaterThan(0);
      expect(await readEdges(store, ALWAYS, filter)).toEqual(wanted);
      expect(await readEdges(store, ALWAYS, { client: () => false })).toEqual([]);
      const window = { from: START + 3 * HOUR, to: START + 5 * HOUR - 1 };
      const inside = rows.filter(({ flow }) => flow.time >= window.from && flow.time <= window.to);
      expect((await readEdges(store, window)).map(plain).sort(byKey)).toEqual(oracleEdges(inside).sort(byKey));
    });

    test('`since` counts back from the newest flow, and a clock far ahead is not believed', async () => {
      const store = await empty();
      expect(await resolveWindow(store, { since: HOUR })).toEqual({ from: 0, to: 1 });
      const rows = draw(51, 50);
      await writeBatch(store, batchOf(token('now'), rows));
      const newest = Math.max(...rows.map(({ flow }) => flow.time));
      expect((await resolveWindow(store, { since: HOUR })).to).toBe(newest + 1);
      const [one] = rows;
      const future = one
        ? [{ ...one, flow: { ...one.flow, time: Date.UTC(2099, 0), endTime: Date.UTC(2099, 0) } }]
        : [];
      await writeBatch(store, batchOf(token('future'), future));
      const believed = Math.max(...rows.map(({ flow }) => flow.endTime));
      expect((await resolveWindow(store, { since: HOUR })).to).toBe(believed + 1);
      expect(await resolveWindow(store, { from: { at: 5 }, to: { at: 9 } })).toEqual({ from: 5, to: 9 });
      expect(await resolveWindow(store, { from: { ago: HOUR } })).toEqual({ from: believed - HOUR, to: believed + 1 });
      expect(await resolveWindow(store, { since: 5, to: { at: 9 } })).toEqual({ from: 4, to: 9 });
      await expect(resolveWindow(store, { from: { at: 9 }, to: { at: 9 } })).rejects.toThrow('nothing can be between');
    });

    test('the inventory holds a workload per label set and the newest labels of namespaces', async () => {
      const store = await empty();
      const interner = new LabelInterner();
      const [one] = draw(61, 1);
      const end = {
        ...(one?.flow.client ?? fail()),
        kind: 'pod' as const,
        namespace: 'shop',
        workload: 'cart',
        workloadKind: 'Deployment',
      };
      const flows = ['p1', 'p2', 'p3'].map((pod, at) => ({
        ...(one?.flow ?? fail()),
        cluster: 'prod',
        time: START + (at === 2 ? HOUR : 0),
        client: { ...end, pod, labels: interner.intern(new Map([['app', 'cart']])) },
        server: { ...end, workload: 'db', pod: 'd', labels: interner.intern(new Map([['app', 'db']])) },
      }));
      const namespaces = [1, 3, 2].map((version) => ({
        cluster: 'prod',
        namespace: 'shop',
        labels: new Map([['version', String(version)]]),
        seen: START + version,
      }));
      await writeBatch(store, { ...batchOf(token('inventory'), positioned(flows)), namespaces });
      const { workloads, namespaces: read } = await readInventory(store);
      expect(workloads.map(({ name, labels, replicas }) => [name, [...labels.labels], replicas])).toEqual([
        ['cart', [['app', 'cart']], 2],
        ['db', [['app', 'db']], 1],
      ]);
      expect([...read].map(([name, labels]) => [name, [...labels]])).toEqual([['prod/shop', [['version', '3']]]]);
    });

    test('the ledger leads along the chunks of a file, and a finished note takes the place of a begun one', async () => {
      const store = await empty();
      const chunk = {
        parent: '',
        token: token('t1'),
        name: 'a.json',
        fromByte: 0,
        toByte: 10,
        lines: 2,
        records: 0,
        rows: 2,
        rejects: 1,
      };
      await recordChunk(store, chunk);
      expect(await chunksAfter(store, '')).toEqual([chunk]);
      await recordChunk(store, { ...chunk, records: 3 });
      await recordChunk(store, { ...chunk, records: 3 });
      const next = { ...chunk, parent: chunk.token, token: token('t2'), fromByte: 10, toByte: 30, records: 4 };
      await recordChunk(store, next);
      expect(await chunksAfter(store, '')).toEqual([{ ...chunk, records: 3 }]);
      expect(await chunksAfter(store, chunk.token)).toEqual([next]);
      expect(await chunksAfter(store, 'other')).toEqual([]);
    });

    test('migrating again does nothing', async () => {
      expect(await migrate(opened.store)).toEqual([]);
    });

    test('a long result comes in pieces', async () => {
      let pieces = 0;
      let sum = 0;
      for await (const rows of opened.store.stream("SELECT number, repeat('é', 50) FROM numbers({n:UInt32})", {
        n: 300_000,
      })) {
        pieces += 1;
        for (const [number] of rows) sum += Number(number);
      }
      expect(sum).toBe((300_000 * 299_999) / 2);
      expect(pieces).toBeGreaterThan(1);
    });
  });
}

function fail(): never {
  throw new Error('nothing was drawn');
}
