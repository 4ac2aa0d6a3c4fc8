import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { microwall } from './microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-inventory-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const POD = {
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'shop', uid: '1', creationTimestamp: '2026-05-01T00:00:00Z' },
  status: { podIP: '10.0.0.1' },
};
const list = (...items: unknown[]) => JSON.stringify({ kind: 'List', items }, undefined, 4);

describe('microwall inventory', () => {
  it('takes files, compressed ones too, and standard input as one snapshot', async () => {
    const data = ['--data', join(scratch, 'one')];
    const file = join(scratch, 'pods.json.gz');
    writeFileSync(file, gzipSync(list(POD, { kind: 'Secret', metadata: { name: 's' } })));
    const namespaces = list({ kind: 'Namespace', metadata: { name: 'shop' } });
    const first = await microwall(['inventory', file, '-', '--cluster', 'prod', '-o', 'json', ...data], namespaces);
    expect(first).toMatchObject({ exit: 0, err: '1 × Secret is of no use here and was passed over\n' });
    const counts = { pods: 1, services: 0, nodes: 0, workloads: 0, namespaces: 1, ignored: { Secret: 1 } };
    expect(JSON.parse(first.out)).toEqual({ cluster: 'prod', at: '2026-05-11T00:00:00.000Z', known: false, ...counts });
    const again = await microwall(['inventory', file, '-', '--cluster', 'prod', '-q', ...data], namespaces);
    expect(again).toMatchObject({ exit: 0, err: '' });
    expect(again.out).toContain('this snapshot was stored before and changed nothing');
    const later = await microwall(
      ['inventory', file, '-', '--cluster', 'prod', '-q', '-o', 'json', '--at', '2026-05-12T00:00:00Z', ...data],
      namespaces,
    );
    expect(JSON.parse(later.out)).toMatchObject({ known: false, at: '2026-05-12T00:00:00.000Z' });
  });

  it('makes workloads without traffic known to reports', async () => {
    const data = ['--data', join(scratch, 'idle'), '-q'];
    const start = Date.UTC(2026, 4, 9) / 1000;
    const flow = `5 1 eni-1 10.0.0.9 203.0.113.9 40000 443 6 1 60 ${start} ${start} ACCEPT OK`;
    await microwall(['ingest', '-', '--format', 'aws-vpc', ...data], `${flow}\n`);
    await microwall(['inventory', '-', '--at', '2026-05-08T00:00:00Z', ...data], list(POD));
    const policy = join(scratch, 'policy.yaml');
    writeFileSync(
      policy,
      'apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: { name: p, namespace: other }\nspec: { podSelector: {} }\n',
    );
    const { out } = await microwall(['report', policy, '--since', '7d', '-o', 'json', ...data]);
    expect(JSON.parse(out).unprotected).toEqual([
      { cluster: 'default', namespace: 'shop', kind: 'Pod', workload: 'web-0', egress: 'open', ingress: 'open' },
    ]);
  });

  it.each([
    ['text', 'Error from server (Forbidden)', 'at byte 0'],
    ['a cut-off list', list(POD).slice(0, -20), 'ends in the middle'],
    ['a pod without a name', list(POD, { kind: 'Pod', metadata: {} }), 'object 2: a Pod without metadata.name'],
    ['nothing', '', 'it is empty'],
    ['nothing of use', list({ kind: 'Secret' }), 'it holds only Secret'],
  ])('refuses %s and stores nothing', async (name, input, message) => {
    const data = ['--data', join(scratch, name.replaceAll(' ', '-'))];
    const { exit, out, err } = await microwall(['inventory', '-', ...data], input);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toContain('nothing was stored');
  });

  it('refuses a time that is none, and a file that is missing', async () => {
    expect((await microwall(['inventory', '-', '--at', 'yesterday'])).exit).toBe(2);
    expect((await microwall(['inventory', join(scratch, 'absent.json')])).err).toContain('does not exist');
  });
});
