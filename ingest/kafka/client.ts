import type { ConnectionOptions } from 'node:tls';
import kafkajs, { type Kafka, type LogEntry, type SASLOptions } from 'kafkajs';
import type { Log } from '../../src/telemetry/log.ts';
import { Failure } from '../../src/util/failure.ts';
import { registerCodecs } from './codecs.ts';

/** How to reach the brokers; what `consume-config.ts` makes of the settings. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?: ConnectionOptions | undefined;
  readonly sasl?: SaslCredentials | undefined;
}

export type SaslCredentials =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  /** `token` is called for every connection, so that a refreshed token is picked up. */
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/** A kafkajs client with all codecs, our timeouts and our log. Requests are repeated up to `retries` times. */
export function kafkaClient(connection: KafkaConnection, log: Log, retries = 8): Kafka {
  registerCodecs();
  return new kafkajs.Kafka({
    brokers: [...connection.brokers],
    clientId: connection.clientId,
    ...(connection.tls ? { ssl: connection.tls } : {}),
    ...(connection.sasl ? { sasl: saslOptions(connection.sasl) } : {}),
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    // Spelled out because kafkajs has other defaults when NODE_ENV is `test`.
    retry: { initialRetryTime: 200, maxRetryTime: 5_000, multiplier: 2, factor: 0.2, retries },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => (entry) => forward(entry, log),
  });
}

function saslOptions(sasl: SaslCredentials): SASLOptions {
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl };
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await sasl.token() }),
  };
}

/** kafkajs calls everything an error that it retries; for an operator these are warnings. */
function forward({ log: entry }: LogEntry, log: Log): void {
  const { message, timestamp: _timestamp, logger: _logger, stack: _stack, ...fields } = entry;
  log.warn(`kafka client: ${message}`, fields);
}

/** Errors that no amount of trying again can mend: credentials, permissions, versions, codecs. */
const HOPELESS = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'GROUP_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'UNSUPPORTED_VERSION',
  'INVALID_SESSION_TIMEOUT',
  'INCONSISTENT_GROUP_PROTOCOL',
]);

/** The error that started a chain of wrapped errors. */
export function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  return cause;
}

/** Protocol error type of Kafka (`ILLEGAL_GENERATION` …), `''` for other errors. */
export function protocolError(error: unknown): string {
  const cause = rootCause(error);
  return cause instanceof Error && 'type' in cause && typeof cause.type === 'string' ? cause.type : '';
}

/** A failure for an error that trying again cannot mend; `undefined` for one that may pass. */
export function hopeless(error: unknown): Failure | undefined {
  const cause = rootCause(error);
  if (!(cause instanceof Error)) return undefined;
  const type = protocolError(cause);
  if (cause.name === 'KafkaJSSASLAuthenticationError' || type.startsWith('SASL') || type.startsWith('UNSUPPORTED_SASL'))
    return new Failure('unreachable', `Kafka refuses the credentials: ${cause.message}`, 'Check kafka.sasl.', {
      cause,
    });
  if (HOPELESS.has(type))
    return new Failure('unreachable', `Kafka refuses: ${cause.message}`, 'Check the rights of this user (ACLs).', {
      cause,
    });
  if (cause.name === 'KafkaJSNotImplemented')
    return new Failure('input', `Kafka: ${cause.message}`, 'Use gzip, snappy, lz4, zstd or no compression.', { cause });
  return undefined;
}
