import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { microwall } from '../cli/microwall.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-policy-commands-'));
const data = join(scratch, 'data');
const policies = (name: string, text: string): string => {
  const path = join(scratch, name);
  writeFileSync(path, text);
  return path;
};

/** The built-in shop through the real decoder and store. */
beforeAll(async () => {
  const flows = join(scratch, 'flows.jsonl');
  const simulated = ['simulate', 'shop', '--days', '2', '--flows', '5000', '--seed', '3', '--compact'];
  expect((await microwall([...simulated, '--out', flows, '-q'])).exit).toBe(0);
  expect((await microwall(['ingest', flows, '--data', data, '-q'])).exit).toBe(0);
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const POSTGRES = (from: string) => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: postgres, namespace: data}
spec:
  podSelector: {matchLabels: {app: postgres}}
  policyTypes: [Ingress]
  ingress: [{from: [${from}], ports: [{port: 5432}]}]
`;
const WIDE = POSTGRES('{namespaceSelector: {}}');
const NARROW = POSTGRES('{podSelector: {matchLabels: {app: nobody}}}');

interface Diff {
  readonly summary: { readonly observed: number; readonly breaks: number };
  readonly observed: readonly {
    readonly before: string;
    readonly after: string;
    readonly server: { workload: string };
  }[];
}

test('diff tells which observed traffic a change breaks, and exits with 1 only then', async () => {
  const [wide, narrow] = [policies('wide.yaml', WIDE), policies('narrow.yaml', NARROW)];
  const broken = await microwall(['diff', wide, narrow, '--data', data, '-o', 'json', '-q']);
  expect(broken.exit).toBe(1);
  const { summary, observed } = JSON.parse(broken.out) as Diff;
  expect(summary.breaks).toBeGreaterThan(0);
  expect(
    observed.every(
      ({ before, after, server }) => before === 'allow' && after === 'deny' && server.workload === 'postgres',
    ),
  ).toBe(true);
  const healed = await microwall(['diff', narrow, wide, '--data', data, '-o', 'json', '-q']);
  expect(healed.exit).toBe(0);
  expect((JSON.parse(healed.out) as Diff).summary).toMatchObject({ observed: summary.observed, breaks: 0 });
  expect((await microwall(['diff', wide, narrow, '--data', data, '--no-store', '-q'])).exit).toBe(0);
});

test('workloads that no manifest describes are those that the store has seen', async () => {
  const narrow = policies('narrow.yaml', NARROW);
  const args = ['--policies', narrow, '--data', data];
  const explained = await microwall(['explain', 'shop/catalog', 'data/postgres', '5432', ...args]);
  expect(explained.out).toContain('DENIED  shop/catalog → data/postgres TCP 5432');
  expect(explained.out).toContain(
    'add a "from" item for pods app=catalog in namespace shop to rule 1 of NetworkPolicy data/postgres',
  );
  const allowed = await microwall(['connectivity', ...args, '-o', 'json']);
  expect(allowed.err).toContain('workloads are those that the store has seen');
  expect(allowed.out).not.toContain('"dst":{"namespace":"data","name":"postgres"');
  const linted = await microwall(['lint', narrow, '--data', data]);
  expect(linted.exit).toBe(1);
  expect(linted.out).toContain('no workload is labelled app=nobody');
});
