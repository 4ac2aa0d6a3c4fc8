import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { settingsFailure } from '../../src/config/load-settings.ts';
import type { KafkaConnection, SaslCredentials } from '../kafka/client.ts';
import type { ConsumeSettings } from './config.ts';

/**
 * The Kafka connection of the settings, with the files for keys and secrets read. Throws a `Failure` that lists every
 * file that cannot be read.
 */
export function kafkaConnection({ kafka }: ConsumeSettings): KafkaConnection {
  const problems: string[] = [];
  const read = (path: string | undefined, setting: string): string | undefined => {
    if (path === undefined) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      problems.push(`${setting}: ${(error as Error).message}`);
      return undefined;
    }
  };
  const tls = tlsOptions(kafka.tls, read);
  const sasl = kafka.sasl ? saslCredentials(kafka.sasl, read) : undefined;
  if (problems.length > 0) throw settingsFailure(problems);
  return { brokers: kafka.brokers, clientId: kafka.clientId, tls, sasl };
}

/** URL of the ClickHouse server with user and password filled in; `undefined` for the embedded engine. */
export function clickhouseUrl({ store }: ConsumeSettings): string | undefined {
  if (store.clickhouse === undefined) return undefined;
  if (!URL.canParse(store.clickhouse)) throw settingsFailure(['store.clickhouse: is no URL such as http://host:8123']);
  const url = new URL(store.clickhouse);
  if (store.username !== undefined) url.username = encodeURIComponent(store.username);
  const password = store.passwordFile === undefined ? store.password : readSecret(store.passwordFile);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return url.href;
}

type Read = (path: string | undefined, setting: string) => string | undefined;

function tlsOptions(tls: ConsumeSettings['kafka']['tls'], read: Read): ConnectionOptions | undefined {
  if (typeof tls === 'boolean') return tls ? {} : undefined;
  const options: ConnectionOptions = {};
  const ca = read(tls.caFile, 'kafka.tls.caFile');
  const cert = read(tls.certFile, 'kafka.tls.certFile');
  const key = read(tls.keyFile, 'kafka.tls.keyFile');
  if (ca !== undefined) options.ca = ca;
  if (cert !== undefined) options.cert = cert;
  if (key !== undefined) options.key = key;
  if (tls.serverName !== undefined) options.servername = tls.serverName;
  return options;
}

function saslCredentials(sasl: NonNullable<ConsumeSettings['kafka']['sasl']>, read: Read): SaslCredentials {
  const { mechanism, username = '', tokenFile = '' } = sasl;
  if (mechanism === 'oauthbearer') {
    read(tokenFile, 'kafka.sasl.tokenFile');
    return { mechanism, token: async () => (await readFile(tokenFile, 'utf8')).trim() };
  }
  const password = sasl.password ?? read(sasl.passwordFile, 'kafka.sasl.passwordFile')?.trimEnd() ?? '';
  return { mechanism, username, password };
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch (error) {
    throw settingsFailure([`store.passwordFile: ${(error as Error).message}`]);
  }
}
