import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { run } from '../../src/cli/program.ts';

const SMALL = new URL('../scenarios/simulate-small/graph.json', import.meta.url).pathname;

async function microwall(args: readonly string[], input = '') {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const outputs = Promise.all([text(stdout), text(stderr)]);
  const exit = await run(['simulate', ...args], {
    stdout,
    stderr,
    stdin: Readable.from([input]),
    env: {},
    now: () => 0,
  });
  stdout.end();
  stderr.end();
  const [out, err] = await outputs;
  return { exit, out, err };
}

const folder = () => mkdtempSync(join(tmpdir(), 'microwall-simulate-'));

describe('microwall simulate', () => {
  it('writes to standard output, and the same from standard input', async () => {
    const fromFile = await microwall([SMALL]);
    const fromInput = await microwall(['-'], readFileSync(SMALL, 'utf8'));
    expect(fromFile.exit).toBe(0);
    expect(fromInput.out).toBe(fromFile.out);
    expect(fromFile.err).toContain(`${fromFile.out.trimEnd().split('\n').length} records`);
  });

  it('compresses by the name of the file and leaves nothing half-written behind', async () => {
    const into = folder();
    const { exit } = await microwall([
      SMALL,
      '-q',
      '--out',
      join(into, 'flows.jsonl.gz'),
      '--ground-truth',
      join(into, 'truth.json'),
    ]);
    expect(exit).toBe(0);
    expect(readdirSync(into).sort()).toEqual(['flows.jsonl.gz', 'truth.json']);
    const lines = gunzipSync(readFileSync(join(into, 'flows.jsonl.gz')))
      .toString()
      .trimEnd()
      .split('\n');
    expect(JSON.parse(readFileSync(join(into, 'truth.json'), 'utf8'))).toMatchObject({
      records: lines.length,
      graph: 'small',
    });
  });

  it('writes into a pipe or device itself instead of replacing it', async () => {
    const pipe = join(folder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [read, { exit }] = await Promise.all([readFile(pipe, 'utf8'), microwall([SMALL, '-q', '--out', pipe])]);
    expect(exit).toBe(0);
    expect(read.trimEnd().split('\n').length).toBeGreaterThan(10);
    expect(statSync(pipe).isFIFO()).toBe(true);
  });

  it('refuses a folder as output', async () => {
    const { exit, err } = await microwall([SMALL, '--out', folder()]);
    expect(exit).toBe(2);
    expect(err).toContain('EISDIR');
  });

  it('prints the graph with its changes and defaults', async () => {
    const { out } = await microwall([
      'shop',
      '--print-graph',
      '--replicas',
      '4',
      '--days',
      '2',
      '--start',
      '2026-03-02',
    ]);
    const graph = JSON.parse(out);
    expect(graph).toMatchObject({ days: 2, start: '2026-03-02T00:00:00.000Z' });
    expect(graph.workloads[0].replicas).toBe(4);
    expect((await microwall(['-', '-q', '--print-graph'], out)).out).toBe(out);
  });

  it('finds out that a file is ground truth, and says so', async () => {
    const truth = {
      name: 'Tiny',
      workloads: [{ namespace: 'a', name: 'web', kind: 'Deployment', labels: {}, ports: [] }],
      serviceGraph: [['a/web', 'a/web', 'TCP/80']],
    };
    const file = join(folder(), 'tiny.json');
    writeFileSync(file, JSON.stringify(truth));
    const found = await microwall([file, '--print-graph']);
    expect(found.err).toContain('ground-truth file');
    expect(JSON.parse(found.out).calls).toHaveLength(1);
    expect((await microwall([file, '--from-truth', '--print-graph'])).err).toBe('');
  });

  it.each([
    ['a missing file', ['nowhere.json'], '', 'cannot read nowhere.json'],
    ['no JSON', ['-'], 'nonsense', '<stdin> is not JSON'],
    ['a bad graph', ['-'], '{"version":1,"name":"x","workloads":[]}', 'workloads: Too small'],
    ['a folder that does not exist', [SMALL, '--out', '/nowhere/at/all'], '', 'cannot write /nowhere/at/all'],
    ['a bad number', [SMALL, '--days', '0'], '', 'whole number'],
    ['too many days', [SMALL, '--days', '5000'], '', 'days: Too big'],
  ])('refuses %s with one message', async (_, args, input, message) => {
    const { exit, err } = await microwall(args, input);
    expect(exit).toBe(2);
    expect(err).toContain(message);
  });
});
