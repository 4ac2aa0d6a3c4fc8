import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from '../../src/store/client.ts';
import { type ClickHouseFront, startClickHouseFront } from '../helpers/clickhouse-http-front.ts';
import { startBroker, type TestBroker } from '../helpers/kafka-broker.ts';
import { startConsumer } from '../helpers/kafka-consumer.ts';
import { mixedMessages } from '../helpers/kafka-flows.ts';
import { storedTotals } from '../helpers/kafka-oracle.ts';
import { type KafkaSession, kafkaSession } from '../helpers/kafka-session.ts';
import { childrenOf } from '../helpers/kafka-xml.ts';

const DEPLOY = new URL('../../deploy', import.meta.url).pathname;
const text = (file: string) => readFileSync(join(DEPLOY, file), 'utf8');

/** What depends on the machine: names of other containers, ports and folders. */
const PLACES = /^(controller\.quorum|controller\.listener|inter\.broker|listener|advertised|log\.dirs)/;

let front: ClickHouseFront;
let broker: TestBroker;
let session: KafkaSession;

beforeAll(async () => {
  const lines = text('kafka/server.properties')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const properties = Object.fromEntries(lines.filter(([key]) => !PLACES.test(key)));
  [front, broker] = await Promise.all([startClickHouseFront(), startBroker({ properties })]);
  session = await kafkaSession(broker.address);
});
afterAll(async () => {
  await session.close();
  await Promise.all([front.stop(), broker.remove()]);
});

test('the processes of deploy/ with their settings carry flows from the broker to the server', async () => {
  await session.admin.createTopics({
    topics: [
      { topic: 'flows', numPartitions: 6 },
      { topic: 'flows-rejected', numPartitions: 1 },
    ],
    waitForLeaders: true,
  });
  const { messages, flows, poison } = mixedMessages(0, 2_000);
  await session.produce('flows', messages, 5);
  const { username, password, origin } = new URL(front.url);
  const consumer = startConsumer(
    ['--config', join(DEPLOY, 'consume.yaml'), '--listen', '127.0.0.1:0', '--until-idle', '3'],
    {
      MICROWALL_BROKERS: broker.address,
      MICROWALL_CLICKHOUSE: origin.replace(/\/\/.*@/, '//'),
      MICROWALL_CLICKHOUSE_USERNAME: decodeURIComponent(username),
      MICROWALL_CLICKHOUSE_PASSWORD_FILE: passwordFile(decodeURIComponent(password)),
    },
  );
  expect(await consumer.ended, consumer.noise.join('\n')).toBe(0);
  expect(await storedTotals({ data: '', clickhouse: front.url }, 'flows')).toMatchObject({
    rows: flows,
    doubles: 0,
    rejects: poison,
  });
  const [letters] = await session.admin.fetchTopicOffsets('flows-rejected');
  expect(Number(letters?.offset)).toBe(poison);
});

test('every setting of users.xml is one that the engine knows', async () => {
  const store = await openStore({ data: '', clickhouse: front.url, migrate: false });
  const known = new Set((await store.query('SELECT name FROM system.settings')).map(([name]) => name));
  const users = text('clickhouse/users.xml');
  for (const profile of ['microwall_writer', 'microwall_reader'])
    for (const name of childrenOf(childBody(users, 'profiles'), profile)) expect([...known], profile).toContain(name);
  await store.close();
});

function childBody(xml: string, name: string): string {
  return new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(xml)?.[1] ?? '';
}

function passwordFile(password: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'microwall-secret-')), 'password');
  writeFileSync(file, `${password}\n`, { mode: 0o600 });
  return file;
}
