import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { microwall } from '../cli/microwall.ts';
import { hubbleLines } from '../report/hubble-lines.ts';
import { openScenario, type Scenario, scenarios } from '../report/scenario.ts';

const scratch = mkdtempSync(join(tmpdir(), 'microwall-check-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

interface CheckJson {
  readonly summary: Readonly<Record<string, number>>;
  readonly edges: readonly Readonly<Record<string, unknown>>[];
}

/** A data folder with the flows of a scenario, through the real decoder and store. */
async function ingest(scenario: Scenario, file = 'edges.txt'): Promise<string> {
  const data = mkdtempSync(join(scratch, 'data-'));
  await ingestInto(data, scenario, file);
  return data;
}

async function ingestInto(data: string, scenario: Scenario, file: string): Promise<void> {
  const flows = join(data, `../${file}.jsonl`);
  writeFileSync(flows, hubbleLines(scenario.edges(file)));
  const { exit, err } = await microwall(['ingest', flows, '--data', data, '--cluster', 'default', '-q']);
  expect(err).toBe('');
  expect(exit).toBe(0);
}

/** What does not depend on how a scenario writes its edges down. */
function essence({ summary, edges }: CheckJson) {
  const kept = ['client', 'server', 'protocol', 'port', 'class', 'flows', 'firstSeen', 'lastSeen', 'egress', 'ingress'];
  return { summary, edges: edges.map((edge) => Object.fromEntries(kept.map((key) => [key, edge[key]]))) };
}

/** Direction, masked labels and connection counts are the decoder's business; these scenarios hold none of it. */
const REPLAYED = scenarios('check-').filter((name) => name !== 'check-shop' && name !== 'check-address-block');

describe.each(REPLAYED)('microwall check on stored flows: %s', (name) => {
  const scenario = openScenario(name);
  let data = '';
  beforeAll(async () => {
    data = await ingest(scenario);
  });

  it('finds exactly what the scenario expects', async () => {
    const expected = JSON.parse(readFileSync(scenario.file('expected/check.json'), 'utf8')) as CheckJson;
    const { exit, out } = await microwall([
      'check',
      scenario.file('policies'),
      '--data',
      data,
      '-o',
      'json',
      '--all',
      '-q',
    ]);
    expect(essence(JSON.parse(out) as CheckJson)).toEqual(essence(expected));
    expect(exit).toBe((expected.summary.escaped ?? 0) > 0 ? 1 : 0);
  });

  it('leaves out what is permitted unless asked, and counts it all the same', async () => {
    const { out } = await microwall(['check', scenario.file('policies'), '--data', data, '-o', 'json', '-q']);
    const { edges, summary } = JSON.parse(out) as CheckJson;
    expect(edges.some((edge) => edge.class === 'permitted')).toBe(false);
    expect(summary.permitted).toBeGreaterThan(0);
  });
});

describe('microwall check', () => {
  let data = '';
  const scenario = openScenario('check-pair');
  beforeAll(async () => {
    data = await ingest(scenario);
  });

  it('reads policies from standard input, a list as kubectl prints it included', async () => {
    const text = readFileSync(scenario.file('policies/default-deny.yaml'), 'utf8').replace(/^/gm, '    ');
    const list = `apiVersion: v1\nkind: List\nitems:\n  -\n${text}`;
    const { exit, out } = await microwall(['check', '-', '--data', data, '-o', 'json', '-q'], list);
    expect(exit).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ summary: { escaped: 4, rejected: 1, permitted: 1 } });
  });

  it('narrows to a namespace', async () => {
    const { out } = await microwall(['check', '-', '--data', data, '-o', 'json', '-q', '-n', 'dev'], '');
    expect(JSON.parse(out)).toMatchObject({ summary: { permitted: 0 }, window: null });
  });

  it('says that a set without policies allows everything', async () => {
    const { exit, err } = await microwall(['check', '-', '--data', data], 'apiVersion: v1\nkind: List\nitems: []\n');
    expect(exit).toBe(0);
    expect(err).toContain('no policy is in force');
  });

  it.each(['check', 'report'])('%s says as which product it decides, unless that was given', async (command) => {
    const run = (...args: string[]) => microwall([command, scenario.file('policies'), '--data', data, ...args]);
    expect((await run()).err).toContain('decided as kubernetes does (--profile chooses another)');
    expect((await run('--profile', 'calico')).err).not.toContain('--profile');
    expect((await run('--profile', 'flannel')).exit).toBe(2);
  });

  it('says that an empty store holds nothing to check against', async () => {
    const empty = join(scratch, 'empty');
    const { exit, err, out } = await microwall(['check', scenario.file('policies'), '--data', empty]);
    expect(exit).toBe(0);
    expect(err).toContain('nothing to check against');
    expect(out).toContain('microwall ingest');
  });

  it('puts on the labels that learn proposed beside the policies, unless told not to', async () => {
    const learned = join(scratch, 'learned');
    mkdirSync(join(learned, 'kubernetes'), { recursive: true });
    const bare = readFileSync(scenario.file('edges.txt'), 'utf8').replace(/ log=\w+/g, '');
    const data = mkdtempSync(join(scratch, 'bare-'));
    const flows = join(scratch, 'bare.jsonl');
    const { parseEdges } = await import('../report/edge-lines.ts');
    writeFileSync(flows, hubbleLines(parseEdges(bare)));
    expect((await microwall(['ingest', flows, '--data', data, '--cluster', 'default', '-q'])).exit).toBe(0);
    for (const name of ['log-client', 'log-service', 'default-deny']) {
      const text = readFileSync(scenario.file(`policies/${name}.yaml`), 'utf8');
      writeFileSync(join(learned, `kubernetes/${name}.yaml`), text);
    }
    const assignments = {
      'shop/Deployment/web': 'client',
      'shop/Deployment/cart': 'client',
      'ops/Deployment/log': 'service',
      'ops/Deployment/relay': 'both',
    };
    const lines = Object.entries(assignments).map(([id, log]) => `  ${id}: { log: ${log} }\n`);
    writeFileSync(join(learned, 'micropolicies.yaml'), `mode: labels\nassignments:\n${lines.join('')}`);
    const check = (...args: string[]) => microwall(['check', learned, '--data', data, '-o', 'json', ...args]);
    const withLabels = await check();
    expect(withLabels.err).toContain('micropolicies.yaml are taken as put on 4 workloads');
    expect(JSON.parse(withLabels.out)).toMatchObject({ summary: { escaped: 0, permitted: 5 } });
    expect(JSON.parse((await check('--no-labels')).out)).toMatchObject({ summary: { escaped: 4 } });
    const named = ['--labels', join(learned, 'micropolicies.yaml')];
    const elsewhere = await microwall(['check', join(learned, 'kubernetes'), '--data', data, '-o', 'json', ...named]);
    expect(elsewhere.exit).toBe(0);
  });
});

describe('microwall report', () => {
  it('compares the last week with the one before it', async () => {
    const scenario = openScenario('report-shop');
    const data = await ingest(scenario);
    await ingestInto(data, scenario, 'previous.txt');
    const args = ['report', scenario.file('policies'), '--data', data, '--since', '7d', '-q'];
    const json = JSON.parse((await microwall([...args, '-o', 'json'])).out) as Record<string, unknown>;
    expect(json).toMatchObject({ comparison: 'partial', headline: { summary: { escaped: 3, misdropped: 1 } } });
    const markdown = await microwall([...args, '-o', 'markdown']);
    expect(markdown.out).toContain('# Least-privilege report');
    expect(markdown.exit).toBe(0);
  });
});
