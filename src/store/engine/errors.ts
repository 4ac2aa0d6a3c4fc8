import { Failure } from '../../util/failure.ts';

/**
 * What to do after an error of the store: `retry` the same insert under the same token (overload, lost connection in
 * mid-insert, anything that passes), give up because the store is `unreachable`, or `fatal`: trying again cannot help.
 */
export type StoreOutcome = 'retry' | 'unreachable' | 'fatal';

/** Codes of ClickHouse `ErrorCodes.cpp` that pass by themselves. */
const PASSING = new Set([
  '159', // TIMEOUT_EXCEEDED
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '225', // NO_ZOOKEEPER
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '252', // TOO_MANY_PARTS
  '285', // TOO_FEW_LIVE_REPLICAS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '394', // QUERY_WAS_CANCELLED
  '999', // KEEPER_EXCEPTION
]);

/** Codes that mean "not you" or "not here". */
const REFUSED = new Set(['81', '192', '193', '194', '195', '497', '516']);

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'UND_ERR_SOCKET',
]);

const DISK_FULL = /NOT_ENOUGH_SPACE|No space left on device|ENOSPC/;

function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return String(error.code);
}

/** Text of the error on one line. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || codeOf(error) : String(error);
  return text.replace(/\s+/g, ' ').trim().slice(0, 500);
}

/** Sorts an error of the engine, the client or the network. */
export function classifyStoreError(error: unknown): StoreOutcome {
  const code = codeOf(error);
  const message = messageOf(error);
  if (DISK_FULL.test(message) || code === '243') return 'fatal';
  if (REFUSED.has(code)) return 'unreachable';
  if (NETWORK.has(code)) return 'unreachable';
  if (PASSING.has(code)) return 'retry';
  if (/timeout error|socket hang up|aborted|5\d\d (Internal|Bad Gateway|Service|Gateway)/i.test(message))
    return 'retry';
  return error instanceof Failure && error.kind === 'unreachable' ? 'unreachable' : 'fatal';
}

/** The failure that a person reads, for errors that a person can do something about; other errors come back as is. */
export function storeFailure(error: unknown, location: string): unknown {
  if (error instanceof Failure) return error;
  const message = messageOf(error);
  const cause = { cause: error };
  if (DISK_FULL.test(message) || codeOf(error) === '243')
    return new Failure(
      'unreachable',
      `the disk of ${location} is full`,
      'Free space there, then run the same command again; nothing is stored twice.',
      cause,
    );
  if (REFUSED.has(codeOf(error)))
    return new Failure(
      'unreachable',
      `${location} refuses access: ${message}`,
      'Check user, password and database in the URL.',
      cause,
    );
  if (classifyStoreError(error) !== 'fatal')
    return new Failure(
      'unreachable',
      `${location} does not answer: ${message}`,
      'Check that ClickHouse runs there and that the URL is right.',
      cause,
    );
  return error;
}
