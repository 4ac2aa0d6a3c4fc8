import { appendFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInputs } from '../../ingest/files/files.ts';
import { type ChunkStore, ingestInput } from '../../ingest/files/ingest-input.ts';
import { run } from '../../src/cli/program.ts';
import type { Batch } from '../../src/model/batch.ts';
import { LabelInterner } from '../../src/model/labels.ts';
import { openStore } from '../../src/store/client.ts';
import type { Store } from '../../src/store/store.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { chunksAfter, recordChunk } from '../../src/store/write/chunks.ts';

let folder: string;
let data: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'microwall-ingest-'));
  data = join(folder, 'store');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NOW = Date.UTC(2026, 2, 3);

/** A TCP flow from a pod to a server, `n` seconds into the day. */
function flow(n: number): string {
  const time = new Date(Date.UTC(2026, 2, 2) + n * 1000).toISOString();
  const end = (app: string) => ({ namespace: 'shop', pod_name: `${app}-0`, labels: [`k8s:app=${app}`] });
  return JSON.stringify({
    flow: {
      time,
      uuid: `${n}`,
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { source_port: 40_000 + (n % 20_000), destination_port: 80, flags: { SYN: true } } },
      source: end('web'),
      destination: end('cart'),
      traffic_direction: 'EGRESS',
      node_name: 'prod/node-1',
    },
  });
}
const flows = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => `${flow(from + n)}\n`).join('');

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function microwall(args: readonly string[], stdin = ''): Promise<Outcome> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const read = Promise.all([text(stdout), text(stderr)]);
  const code = await run(args, { stdout, stderr, stdin: Readable.from([Buffer.from(stdin)]), env: {}, now: () => NOW });
  stdout.end();
  stderr.end();
  const [out, err] = await read;
  return { code, stdout: out, stderr: err };
}

const ingest = (...args: readonly string[]): Promise<Outcome> => microwall(['ingest', '--data', data, ...args]);
const summary = async (...args: readonly string[]): Promise<unknown> =>
  JSON.parse((await ingest('-q', '-o', 'json', ...args)).stdout);

async function asked(sql: string): Promise<readonly unknown[]> {
  const store = await openStore({ data });
  try {
    return (await store.query(sql))[0] ?? [];
  } finally {
    await store.close();
  }
}
const stored = (): Promise<readonly unknown[]> =>
  asked('SELECT toFloat64(count()), toFloat64(uniq(topic, partition, offset, index)) FROM flows');

describe('microwall ingest', () => {
  it('stores a file once, whatever it is called and however it is compressed', async () => {
    const plain = file('a.jsonl', flows(0, 50));
    expect(await summary(plain)).toEqual({
      records: 50,
      rows: 50,
      rejects: 0,
      duplicates: 0,
      seconds: 0,
      skipped: 0,
      lost: 0,
    });
    const again = { records: 50, rows: 0, rejects: 0, duplicates: 50 };
    expect(await summary(plain)).toMatchObject(again);
    expect(await summary(file('other-name.gz', gzipSync(flows(0, 50))))).toMatchObject(again);
    expect(
      JSON.parse((await microwall(['ingest', '--data', data, '-o', 'json', '-'], flows(0, 50))).stdout),
    ).toMatchObject(again);
    expect(await stored()).toEqual([50, 50]);
  });

  it('adds only what is new of a file that has grown, also when its last line was not whole', async () => {
    const line = flow(120);
    const path = file('grown.jsonl', flows(100, 120) + line.slice(0, 60));
    expect(await summary(path)).toMatchObject({ rows: 20, rejects: 1, duplicates: 0 });
    appendFileSync(path, `${line.slice(60)}\n${flows(121, 130)}`);
    expect(await summary(path)).toMatchObject({ records: 30, rows: 10, rejects: 0, duplicates: 20 });
    expect(await summary(path)).toMatchObject({ rows: 0, rejects: 0, duplicates: 30 });
    expect(await stored()).toEqual([80, 80]);
  });

  it('does so with the log of a container whose last line is not whole', async () => {
    const cri = (line: string, tag = 'F') => `2026-03-02T00:00:00.1Z stdout ${tag} ${line}\n`;
    const lines = flows(140, 145).trimEnd().split('\n');
    const path = file('container.log', lines.map((line) => cri(line)).join('') + cri(flow(145).slice(0, 50), 'P'));
    expect(await summary(path)).toMatchObject({ rows: 5, rejects: 1 });
    appendFileSync(path, cri(flow(145).slice(50)) + cri(flow(146)));
    expect(await summary(path)).toMatchObject({ rows: 2, rejects: 0, duplicates: 5 });
  });

  it('keeps the clusters of a file apart that was read for two', async () => {
    const nameless = flows(200, 205).replaceAll('prod/', '');
    const path = file('two-clusters.jsonl', nameless);
    expect(await summary('--cluster', 'east', path)).toMatchObject({ rows: 5 });
    expect(await summary('--cluster', 'west', path)).toMatchObject({ rows: 5 });
    expect(await asked("SELECT toFloat64(count()) FROM flows WHERE cluster IN ('east', 'west')")).toEqual([10]);
  });

  it('keeps what it cannot read with file, line and reason, and says so', async () => {
    const path = file(
      'bad.jsonl',
      `${flow(300)}\nthis is not json\n${flow(301)}\n{"flow":{"verdict":"FORWARDED","IP":{}}}\n`,
    );
    const { code, stdout, stderr } = await ingest(path);
    expect(code).toBe(0);
    expect(stdout).toBe('4 records in 0.0 s: 2 rows stored\n2 rejected\n');
    expect(stderr).toContain(`rejected: 1 × not-json, first at ${path}:2:`);
    expect(stderr).toContain(`rejected: 1 × no-time, first at ${path}:4:`);
    const [topic, line, reason, sample] = await asked(
      "SELECT topic, toFloat64(line), reason, sample FROM rejects WHERE reason = 'not-json'",
    );
    expect([topic, line, reason, sample]).toEqual([`file:${path}`, 2, 'not-json', 'this is not json']);
  });

  it('refuses records from the future and files in which nothing is recognised', async () => {
    const { stderr, code } = await ingest(file('future.jsonl', `${flow(86_400 * 3)}\n`));
    expect(stderr).toContain('time-in-future');
    expect(code).toBe(2);
    const junk = await ingest(file('junk.txt', 'hello\nworld\n'));
    expect(junk.code).toBe(2);
    expect(junk.stderr).toContain('nothing in');
  });

  it('says in one line what a wrong input is, before anything is written', async () => {
    const good = file('good.jsonl', flows(400, 402));
    mkdirSync(join(folder, 'sub/.hidden'), { recursive: true });
    const untouched = join(folder, 'untouched');
    const attempt = (path: string) => microwall(['ingest', '--data', untouched, good, path]);
    expect(await attempt(join(folder, 'sub'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: \S+ is a folder\n {2}→ .*--recursive\.\n$/),
    });
    expect(await attempt(join(folder, 'missing'))).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^error: \S+ does not exist\n {2}→ .*\n$/),
    });
    expect(existsSync(untouched)).toBe(false);
    file('sub/one.jsonl', flows(400, 401));
    file('sub/.hidden/two.jsonl', flows(401, 402));
    expect(await summary('--recursive', join(folder, 'sub'))).toMatchObject({ records: 1, rows: 1 });
    expect(await ingest(file('empty', ''))).toMatchObject({ code: 0, stderr: expect.stringContaining('is empty') });
    const damaged = gzipSync(flows(500, 700)).subarray(0, 200);
    expect(await ingest(file('damaged.gz', damaged))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is damaged compressed data'),
    });
  });

  it('explains rows without storing any', async () => {
    const nowhere = join(folder, 'nowhere');
    const { code, stdout, stderr } = await microwall(['ingest', '--data', nowhere, '--explain', '-'], flows(0, 2));
    expect(code).toBe(0);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ ts: '2026-03-02T00:00:00.000Z', src_wl: 'web', dst_wl: 'cart', dst_port: 80 });
    expect(rows[0]).toMatchObject({ src_labels: { app: 'web' }, src_ip: '10.0.0.1', vantage: 'src', verdict: 'allow' });
    expect(stderr).toContain('2 hubble');
    expect(existsSync(nowhere)).toBe(false);
  });
});

describe('an ingest that dies', () => {
  const limits = { rows: 7, bytes: 1 << 20 };

  /** A store that dies at its `fatal`-th write, before or after the engine has it. */
  function dying(store: Store, fatal: number, after: boolean): ChunkStore {
    let calls = 0;
    const guarded = async (write: () => Promise<void>): Promise<void> => {
      const dies = ++calls === fatal;
      if (!dies || after) await write();
      if (dies) throw new Error('died');
    };
    return {
      chunksAfter: (parent) => chunksAfter(store, parent),
      record: (chunk) => guarded(() => recordChunk(store, chunk)),
      write: (batch: Batch) => guarded(() => writeBatch(store, batch)),
    };
  }

  it('goes on without loss and without doubles, wherever it died, also if the file has grown since', async () => {
    const store = await openStore({ data });
    try {
      let most = 0;
      for (const [index, [fatal, after]] of [1, 2, 3, 4, 5, 6, 7, 8]
        .flatMap((fatal): [number, boolean][] => [
          [fatal, false],
          [fatal, true],
        ])
        .entries()) {
        const first = 1_000 + index * 100;
        const path = file(`dying-${index}.jsonl`, flows(first, first + 25));
        const once = async (chunks: ChunkStore) => {
          const [input] = await findInputs([path], { stdin: Readable.from([]), recursive: false });
          const settings = { format: 'auto', cluster: 'prod', interner: new LabelInterner(), now: () => NOW, limits };
          if (input !== undefined)
            await ingestInput(input, chunks, settings, { onRead: () => {}, onRecords: () => {} });
        };
        const died = await once(dying(store, fatal, after)).then(
          () => false,
          () => true,
        );
        if (died) most = fatal;
        if (index % 4 > 1) appendFileSync(path, flows(first + 25, first + 40));
        const chunks = dying(store, 0, false);
        await once(chunks);
        await once(chunks);
        const [rows, distinct] = (
          await store.query(
            'SELECT toFloat64(count()), toFloat64(uniq(event_id)) FROM flows WHERE topic = {topic:String}',
            { topic: `file:${path}` },
          )
        )[0] as [number, number];
        const wanted = index % 4 > 1 ? 40 : 25;
        expect([fatal, after, rows, distinct]).toEqual([fatal, after, wanted, wanted]);
      }
      expect(most).toBeGreaterThan(6);
    } finally {
      await store.close();
    }
  });
});
