import { type OpenStoreOptions, openStore } from '../../src/store/client.ts';
import { classifyStoreError, storeFailure } from '../../src/store/engine/errors.ts';
import type { Store } from '../../src/store/store.ts';
import { writeBatch } from '../../src/store/write/batch.ts';
import { chunksAfter, recordChunk } from '../../src/store/write/chunks.ts';
import { findInputs, type InputOptions } from './files.ts';
import { type IngestRequest, type IngestSummary, ingestFiles, retried } from './ingest-files.ts';
import type { ChunkStore } from './ingest-input.ts';

export interface RunIngestRequest extends Omit<IngestRequest, 'inputs'>, InputOptions {
  readonly store: OpenStoreOptions;
  /** Files, `-` for standard input. */
  readonly paths: readonly string[];
}

/**
 * Opens every input, then the store, then reads the inputs into it. Throws a `Failure` for what a user can cause; what
 * had been stored by then stays, and the same command goes on after it.
 */
export async function runIngest(request: RunIngestRequest): Promise<IngestSummary> {
  const inputs = await findInputs(request.paths, request);
  const store = await openStore(request.store);
  try {
    return await ingestFiles(chunkStore(store), { ...request, inputs });
  } catch (error) {
    throw storeFailure(error, store.location);
  } finally {
    await store.close();
  }
}

/** The part of the store that ingesting files needs; what fails for a passing reason is tried again. */
function chunkStore(store: Store): ChunkStore {
  const retry = <T>(write: () => Promise<T>): Promise<T> =>
    retried(write, (error) => classifyStoreError(error) !== 'fatal');
  return {
    chunksAfter: (parent) => retry(() => chunksAfter(store, parent)),
    record: (chunk) => retry(() => recordChunk(store, chunk)),
    write: (batch) => retry(() => writeBatch(store, batch)),
  };
}
