import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { consumeInput, ENVIRONMENT, environmentOverrides, parseTopic } from '../../ingest/consume/config.ts';
import { clickhouseUrl, kafkaConnection } from '../../ingest/consume/connection.ts';
import { loadSettings, type Override } from '../../src/config/load-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'microwall-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const SMALL = 'kafka: { brokers: ["kafka:9092"] }\ntopics: [{ name: flows, cluster: prod }]\n';
const load = (text: string, overrides: readonly Override[] = []) =>
  loadSettings(consumeInput, { file: file('c.yaml', text), overrides });

test('what is not said has a default, and nothing can be changed afterwards', () => {
  const settings = load(SMALL);
  expect(settings.batch).toEqual({ rows: 200_000, bytes: 256 << 20, age: 5_000, writers: 1 });
  expect(settings.topics[0]).toEqual({ name: 'flows', format: 'auto', cluster: 'prod', options: {} });
  expect(settings.kafka.start).toBe('earliest');
  expect(Object.isFrozen(settings.kafka.brokers)).toBe(true);
});

test('JSON is read as well, and units are understood', () => {
  const text = JSON.stringify({
    kafka: { brokers: ['[::1]:9092'] },
    topics: [{ name: 'a', cluster: 'b' }],
    batch: { age: '1.5s', bytes: '2MiB' },
  });
  expect(load(text).batch).toMatchObject({ age: 1_500, bytes: 2 << 20 });
});

test('flags win over the environment, and the environment over the file', () => {
  const environment = environmentOverrides({ MICROWALL_GROUP: 'env', MICROWALL_BATCH_ROWS: '7', MICROWALL_DATA: '' });
  const settings = load(SMALL, [...environment, { path: 'kafka.group', value: 'flag', origin: '--group' }]);
  expect([settings.kafka.group, settings.batch.rows, settings.store.data]).toEqual(['flag', 7, '.microwall']);
});

test('the cluster of the command line is given to topics that name none', () => {
  const topics = ['flows=hubble', 'vpc=auto@edge'].map(parseTopic);
  const settings = load('kafka: { brokers: ["kafka:9092"] }', [
    { path: 'topics', value: topics, origin: '--topic' },
    { path: 'cluster', value: 'prod', origin: '--cluster' },
  ]);
  expect(settings.topics.map(({ name, format, cluster }) => [name, format, cluster])).toEqual([
    ['flows', 'hubble', 'prod'],
    ['vpc', 'auto', 'edge'],
  ]);
});

test('every variable stands for a setting that exists', () => {
  const values: Record<string, string> = {
    MICROWALL_BROKERS: 'a:1, b:2',
    MICROWALL_TOPICS: 'flows=hubble@prod',
    MICROWALL_KAFKA_SASL_MECHANISM: 'plain',
    MICROWALL_LISTEN: '0.0.0.0:1',
    MICROWALL_LOG_LEVEL: 'warn',
    MICROWALL_START: 'latest',
  };
  const number = /AGE|BYTES|ROWS|WRITERS|MEMORY|THREADS/;
  const skipped = /PASSWORD_FILE|TLS$/;
  const env = Object.fromEntries(
    Object.keys(ENVIRONMENT)
      .filter((name) => !skipped.test(name))
      .map((name) => [name, values[name] ?? (number.test(name) ? '3' : 'text')]),
  );
  const settings = loadSettings(consumeInput, { overrides: environmentOverrides(env) });
  expect(settings.kafka.brokers).toEqual(['a:1', 'b:2']);
  expect(settings.kafka.tls).toMatchObject({ caFile: 'text' });
});

describe('problems', () => {
  const problems = (text: string, overrides: readonly Override[] = []): string => {
    try {
      load(text, overrides);
      return '';
    } catch (error) {
      return String(error);
    }
  };

  test('are listed all at once, each with its path and origin', () => {
    const text = problems(
      'kafka: { brokers: ["kafka"], sasl: { mechanism: plain }, grop: x }\ntopics: [{ name: flows }]\nbatch: { age: soon }',
      [{ path: 'batch.rows', value: '0', origin: '--batch-rows' }],
    );
    expect(text).toContain('7 problems in the settings');
    expect(text).toContain('kafka.brokers.0: write host:port');
    expect(text).toContain('kafka.sasl.username: is needed for plain');
    expect(text).toContain('kafka.sasl.password: set either password (environment) or passwordFile');
    expect(text).toMatch(/kafka: Unrecognized key: "grop"/);
    expect(text).toContain('topics.0.cluster: is mandatory');
    expect(text).toContain('batch.age: write a time such as 500ms, 5s or 2m');
    expect(text).toMatch(/batch\.rows: .*\(from --batch-rows\)/);
  });

  test('of a file that cannot be read or parsed name the file', () => {
    expect(problems('a: [')).toContain('c.yaml is neither YAML nor JSON');
    expect(problems('- a list')).toContain('holds no settings');
    expect(() => loadSettings(consumeInput, { file: join(folder, 'none'), overrides: [] })).toThrow('cannot read');
  });

  test('never contain a secret', () => {
    const text = problems(`${SMALL}store: { password: opensesame, username: 7 }\nlog: { level: loud }`);
    expect(text).not.toContain('opensesame');
  });

  test('with key files are listed together', () => {
    const settings = load(
      'kafka: { brokers: ["k:1"], tls: { caFile: /no/ca, keyFile: /no/key }, sasl: { mechanism: plain, username: u, passwordFile: /no/pw } }\ntopics: [{ name: a, cluster: b }]',
    );
    expect(() => kafkaConnection(settings)).toThrow(/3 problems[\s\S]*caFile[\s\S]*keyFile[\s\S]*passwordFile/);
  });
});

test('user and password of ClickHouse are put into the URL, special characters and all', () => {
  const password = file('pw', 'p@ss/wörd\n');
  const settings = load(
    `${SMALL}store: { clickhouse: "https://ch:8443/microwall", username: writer, passwordFile: ${password} }`,
  );
  expect(clickhouseUrl(settings)).toBe('https://writer:p%40ss%2Fw%C3%B6rd@ch:8443/microwall');
});
