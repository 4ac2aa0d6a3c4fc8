import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { consumeInput } from '../../ingest/consume/config.ts';
import { createMetrics } from '../../ingest/consume/metrics.ts';
import { loadSettings } from '../../src/config/load-settings.ts';
import { unclosedTags } from '../helpers/kafka-xml.ts';

const DEPLOY = new URL('../../deploy', import.meta.url).pathname;
const text = (file: string) => readFileSync(join(DEPLOY, file), 'utf8');

interface Service {
  readonly image?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
  readonly mem_limit?: string;
  readonly privileged?: boolean;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly secrets?: string[];
  readonly healthcheck?: object;
  readonly depends_on?: Record<string, { condition: string }>;
  readonly restart?: string;
  readonly command?: string[];
  readonly environment?: Record<string, string>;
  readonly logging?: { readonly options: Record<string, string> };
}

interface Compose {
  readonly services: Record<string, Service>;
  readonly volumes: Record<string, object>;
  readonly secrets: Record<string, { file: string }>;
}

test('every file of the folder is known to these tests', () => {
  const files = readdirSync(DEPLOY, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.endsWith('secrets'))
    .map((entry) => join(entry.parentPath, entry.name).slice(DEPLOY.length + 1));
  expect(files.sort()).toEqual([
    'Dockerfile',
    'Dockerfile.dockerignore',
    'README.md',
    'clickhouse/config.xml',
    'clickhouse/users.xml',
    'compose.yaml',
    'consume.yaml',
    'kafka/server.properties',
  ]);
});

test('the settings of the consumer are valid', () => {
  const settings = loadSettings(consumeInput, { file: join(DEPLOY, 'consume.yaml'), overrides: [] });
  expect(settings.topics).toEqual([{ name: 'flows', format: 'auto', cluster: 'prod', options: {} }]);
  expect(settings.store.clickhouse).toBe('http://clickhouse:8123/microwall');
});

test('the README lists the metrics that there are', () => {
  const registered = createMetrics().registry.getMetricsAsArray();
  const own = registered.map(({ name }) => name).filter((name) => name.startsWith('microwall_'));
  const listed = [...text('README.md').matchAll(/^\| `(microwall_[a-z_]+)/gm)].map(([, name]) => name);
  expect(listed.sort()).toEqual(own.sort());
});

describe('compose.yaml', () => {
  const compose = parse(text('compose.yaml'), { merge: true }) as Compose;
  const services = Object.entries(compose.services);

  test.each(services)('%s has the least rights: read-only, no capabilities, limited, not root', (_name, service) => {
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(service.privileged).toBeUndefined();
    // Images of others run under an id given here; ours has its own (see Dockerfile).
    if (service.image !== 'microwall') expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test.each(services)('%s publishes no port and uses a fixed image', (_name, { ports, image }) => {
    expect(ports).toBeUndefined();
    if (image !== 'microwall') expect(image).toMatch(/^[a-z/-]+:\d+(\.\d+)+$/);
  });

  test.each(services)(
    '%s keeps passwords out of its arguments, logs within bounds, and a heap that fits',
    (_name, of) => {
      for (const argument of of.command ?? []) expect(argument).not.toMatch(/--(password|clickhouse)\b/);
      expect(of.logging?.options['max-size']).toBeDefined();
      const heap = /-Xmx(\d+)m/.exec(of.environment?.KAFKA_HEAP_OPTS ?? '-Xmx0m')?.[1];
      const limit = /^(\d+)([mg])$/.exec(of.mem_limit ?? '');
      expect(Number(heap)).toBeLessThanOrEqual((Number(limit?.[1]) * (limit?.[2] === 'g' ? 1024 : 1)) / 2);
    },
  );

  test('a service that others wait for to end is tried again when it fails', () => {
    for (const [, { depends_on = {} }] of services)
      for (const [other, { condition }] of Object.entries(depends_on))
        if (condition === 'service_completed_successfully')
          expect(compose.services[other]?.restart, other).toMatch(/^on-failure:/);
  });

  test('what is mounted, waited for or secret exists', () => {
    for (const [name, { volumes = [], secrets = [], depends_on = {} }] of services) {
      for (const secret of secrets) expect(Object.keys(compose.secrets), name).toContain(secret);
      for (const other of Object.keys(depends_on)) expect(Object.keys(compose.services), name).toContain(other);
      for (const [source = ''] of volumes.map((volume) => volume.split(':')))
        if (source.startsWith('./')) expect(() => text(source), name).not.toThrow();
        else expect(Object.keys(compose.volumes), name).toContain(source);
    }
  });

  test('a service that others wait for to be healthy has a health check', () => {
    for (const [, { depends_on = {} }] of services)
      for (const [other, { condition }] of Object.entries(depends_on))
        if (condition === 'service_healthy') expect(compose.services[other]?.healthcheck, other).toBeDefined();
  });
});

describe('Dockerfile', () => {
  const lines = text('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM')));

  test('has only instructions that exist and copies nothing whole', () => {
    const known = /^(FROM|WORKDIR|COPY|RUN|ENV|USER|EXPOSE|HEALTHCHECK|ENTRYPOINT|CMD) /;
    for (const line of lines) expect(line).toMatch(known);
    expect(lines.filter((line) => /^(COPY|ADD) \. /.test(line))).toEqual([]);
  });

  test('starts from images of one version', () => {
    const bases = lines.filter((line) => line.startsWith('FROM'));
    for (const base of bases) expect(base).toMatch(/^FROM [a-z/]+:\d+\.\d+\.\d+(-[a-z-]+)?( AS [a-z]+)?$/);
  });

  test('installs from the lock file, and ends without the engine and without development tools', () => {
    expect(lines.filter((line) => line.includes('npm ') && !/npm (install --no-save|prune) /.test(line))).toEqual([]);
    expect(lines.some((line) => line.includes('npm prune --omit=dev') && line.includes('@chdb'))).toBe(true);
    expect(last.filter((line) => line.startsWith('RUN'))).toEqual([]);
  });

  test('does not run as root, and node is PID 1', () => {
    expect(last).toContain('USER 65532:65532');
    expect(last.find((line) => line.startsWith('ENTRYPOINT'))).toMatch(/^ENTRYPOINT \["node"/);
  });

  test('copies what the image is told to ignore nothing of', () => {
    const allowed = text('Dockerfile.dockerignore').split('\n');
    const copied = lines
      .filter((line) => line.startsWith('COPY') && !line.includes('--from'))
      .flatMap((line) => line.split(' ').slice(1, -1));
    for (const path of copied) expect(allowed).toContain(`!${path}`);
  });
});

test.each(['clickhouse/config.xml', 'clickhouse/users.xml'])('%s is well-formed', (file) => {
  expect(unclosedTags(text(file))).toEqual([]);
});
