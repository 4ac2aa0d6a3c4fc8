import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { microwall } from './microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-options-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const START = Date.UTC(2026, 4, 4) / 1000;

describe('microwall ingest --option', () => {
  it('tells a format what its records do not say; other options make other rows of the same bytes', async () => {
    const data = ['--data', join(scratch, 'aws'), '-o', 'json'];
    const lines = `${START} 10.0.0.1 10.0.0.2 40000 443 6\n${START} 10.0.0.3 10.0.0.2 40001 443 6\n`;
    const columns = (...names: string[]) => `aws-format=start ${names.join(' ')} srcport dstport protocol`;
    const ingest = async (...args: string[]) =>
      JSON.parse((await microwall(['ingest', '-', ...args, ...data], lines)).out);
    const forward = ['--option', columns('srcaddr', 'dstaddr')];
    expect(await ingest(...forward)).toMatchObject({ records: 2, rows: 2, duplicates: 0 });
    expect(await ingest(...forward)).toMatchObject({ rows: 0, duplicates: 2 });
    expect(await ingest('--option', columns('dstaddr', 'srcaddr'))).toMatchObject({ rows: 2, duplicates: 0 });
    const explained = await microwall(['ingest', '-', '--explain', ...forward], lines);
    expect(JSON.parse(explained.out.split('\n')[0] ?? '')).toMatchObject({ src_ip: '10.0.0.1', dst_port: 443 });
  });

  it.each(['aws-formats=x', 'aws-format', '=x', 'toString=x'])('refuses %s and lists what there is', async (option) => {
    const { exit, err } = await microwall(['ingest', '-', '--option', option]);
    expect(exit).toBe(2);
    for (const key of ['aws-format', 'istio-client-principal', 'istio-server-principal']) expect(err).toContain(key);
  });
});

describe('events that sources say they lost', () => {
  it('are counted once, however often they are read, and told by the report', async () => {
    const data = ['--data', join(scratch, 'lost')];
    const time = (day: number) => new Date((START + day * 86_400) * 1000).toISOString();
    const lost = (day: number, count: number) =>
      JSON.stringify({
        lost_events: { source: 'PERF_EVENT_RING_BUFFER', num_events_lost: count },
        node_name: 'n',
        time: time(day),
      });
    const flow = {
      verdict: 'FORWARDED',
      IP: { source: '10.0.0.1', destination: '10.0.0.2' },
      l4: { TCP: { destination_port: 80, flags: { SYN: true } } },
    };
    const file = join(scratch, 'lost.jsonl');
    const records = [
      lost(0, 1000),
      lost(20, 5),
      lost(20, 7),
      JSON.stringify({ flow: { ...flow, time: time(20.5) }, time: time(20.5) }),
    ];
    writeFileSync(file, `${records.join('\n')}\n`);
    const later = { now: () => Date.UTC(2026, 5, 1) };
    for (const _ of [1, 2]) expect((await microwall(['ingest', file, '-q', ...data], '', later)).exit).toBe(0);
    const policy = join(scratch, 'policy.yaml');
    writeFileSync(
      policy,
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: p, namespace: shop }\nspec: { podSelector: {} }\n',
    );
    const report = async (...args: string[]) => (await microwall(['report', policy, ...args, ...data])).out;
    expect(JSON.parse(await report('--since', '7d', '-o', 'json')).blindSpots.lostEvents).toBe(12);
    expect(JSON.parse(await report('--since', '60d', '-o', 'json')).blindSpots.lostEvents).toBe(1012);
    expect(await report('--since', '7d')).toContain('Sources say that they lost 12 events');
  });
});
