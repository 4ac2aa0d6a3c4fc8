import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { consumeInput } from '../../ingest/consume/config.ts';
import { kafkaConnection } from '../../ingest/consume/connection.ts';
import { kafkaClient } from '../../ingest/kafka/client.ts';
import { awaitTopics } from '../../ingest/kafka/topics.ts';
import { createLog } from '../../src/telemetry/log.ts';
import { Failure } from '../../src/util/failure.ts';
import { startBroker, type TestBroker } from '../helpers/kafka-broker.ts';

const folder = mkdtempSync(join(tmpdir(), 'microwall-security-'));
const file = (name: string) => join(folder, name);
const MODULE = 'org.apache.kafka.common.security';
let broker: TestBroker;

beforeAll(async () => {
  const store = ['-keystore', file('broker.p12'), '-storepass', 'changeit', '-alias', 'broker'];
  const subject = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1,dns:localhost'];
  execFileSync('keytool', ['-genkeypair', '-keyalg', 'EC', '-validity', '2', ...subject, ...store], { stdio: 'pipe' });
  execFileSync('keytool', ['-exportcert', '-rfc', '-file', file('ca.pem'), ...store], { stdio: 'pipe' });
  writeFileSync(file('password'), 'opensesame\n');
  writeFileSync(file('token'), unsecuredToken());
  broker = await startBroker({
    listeners: { SECURE: 'SASL_SSL', OAUTH: 'SASL_PLAINTEXT' },
    properties: {
      'ssl.keystore.location': file('broker.p12'),
      'ssl.keystore.password': 'changeit',
      'ssl.keystore.type': 'PKCS12',
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.secure.plain.sasl.jaas.config': `${MODULE}.plain.PlainLoginModule required user_alice="opensesame";`,
      'listener.name.secure.scram-sha-256.sasl.jaas.config': `${MODULE}.scram.ScramLoginModule required;`,
      'listener.name.secure.scram-sha-512.sasl.jaas.config': `${MODULE}.scram.ScramLoginModule required;`,
      'listener.name.oauth.sasl.enabled.mechanisms': 'OAUTHBEARER',
      'listener.name.oauth.oauthbearer.sasl.jaas.config': `${MODULE}.oauthbearer.OAuthBearerLoginModule required;`,
      'listener.name.oauth.oauthbearer.sasl.server.callback.handler.class': `${MODULE}.oauthbearer.internals.unsecured.OAuthBearerUnsecuredValidatorCallbackHandler`,
    },
    format: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => [
      '--add-scram',
      `${kind}=[name=alice,password=opensesame]`,
    ]),
  });
});
afterAll(async () => {
  await broker.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** An unsigned token, which Kafka accepts for tests only. */
function unsecuredToken(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: 'alice', iat: now, exp: now + 3_600 })}.`;
}

/** Connects with the settings a user would write; resolves when the broker lets us in. */
async function connect(kafka: Record<string, unknown>): Promise<void> {
  const topics = [{ name: 'any', cluster: 'prod' }];
  const settings = consumeInput.parse({ kafka: { brokers: [broker.listener('SECURE')], ...kafka }, topics });
  const log = createLog({ write: () => undefined, now: Date.now, level: 'error' });
  const wait = { brokers: settings.kafka.brokers, connectTimeout: 3_000 };
  await awaitTopics(kafkaClient(kafkaConnection(settings), log, 0), [], wait);
}

const tls = () => ({ caFile: file('ca.pem') });

test.each(['plain', 'scram-sha-256', 'scram-sha-512'])('%s over TLS, password from a file', async (mechanism) => {
  await connect({ tls: tls(), sasl: { mechanism, username: 'alice', passwordFile: file('password') } });
});

test('oauthbearer, token from a file', async () => {
  const sasl = { mechanism: 'oauthbearer', tokenFile: file('token') };
  await connect({ brokers: [broker.listener('OAUTH')], sasl });
});

test('a wrong password is told at once and not tried again', async () => {
  const sasl = { mechanism: 'scram-sha-512', username: 'alice', password: 'wrong' };
  const error = await connect({ tls: tls(), sasl }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  expect(String(error)).toContain('Kafka refuses the credentials');
  expect(String(error)).not.toContain('wrong');
});

test('a broker whose certificate nobody vouches for is not talked to', async () => {
  const sasl = { mechanism: 'plain', username: 'alice', password: 'opensesame' };
  await expect(connect({ tls: true, sasl })).rejects.toThrow('does not answer');
});

test('a client that speaks plain text to a TLS port gets nowhere', async () => {
  await expect(connect({})).rejects.toThrow('does not answer');
  expect(readFileSync(file('ca.pem'), 'utf8')).toContain('BEGIN CERTIFICATE');
});
