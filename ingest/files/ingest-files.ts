import { setTimeout as sleep } from 'node:timers/promises';
import { LabelInterner } from '../../src/model/labels.ts';
import { Failure } from '../../src/util/failure.ts';
import { LABEL_SET_LIMIT } from '../batch/builder.ts';
import { addCounts, type IngestCounts, newCounts } from '../batch/builder-counts.ts';
import type { Input } from './files.ts';
import { CHUNK_LIMITS, type ChunkStore, ingestInput } from './ingest-input.ts';

export interface IngestRequest {
  readonly inputs: readonly Input[];
  readonly format: string;
  readonly cluster: string;
  /** See `FORMAT_OPTIONS`. */
  readonly options?: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told as often as something was read. */
  readonly onProgress?: (progress: IngestProgress) => void;
}

export interface IngestProgress {
  readonly records: number;
  /** Bytes taken from disk, compressed where the file is. */
  readonly bytes: number;
  /** Bytes of all inputs; `undefined` when one is a pipe. */
  readonly totalBytes: number | undefined;
}

/** What an ingest did; `empty` and `unrecognised` name inputs without records, and without one that was understood. */
export interface IngestSummary {
  readonly counts: IngestCounts;
  readonly duplicates: number;
  readonly empty: readonly string[];
  readonly unrecognised: readonly string[];
}

/** Reads inputs into the store, one after the other. Throws a `Failure` when one cannot be read to its end. */
export async function ingestFiles(store: ChunkStore, request: IngestRequest): Promise<IngestSummary> {
  const { inputs, onProgress = () => {} } = request;
  const settings = { ...request, interner: new LabelInterner(LABEL_SET_LIMIT), limits: CHUNK_LIMITS };
  const sizes = inputs.map(({ size }) => size);
  const totalBytes = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const total = newCounts();
  const empty: string[] = [];
  const unrecognised: string[] = [];
  let duplicates = 0;
  let bytes = 0;
  for (const input of inputs) {
    const before = total.records;
    const result = await ingestInput(input, store, settings, {
      onRead: (read) => {
        bytes += read;
      },
      onRecords: (records) => onProgress({ records: before + records, bytes, totalBytes }),
    });
    addCounts(total, result.counts);
    duplicates += result.duplicates;
    if (result.counts.records === 0) empty.push(input.name);
    else if (isUnrecognised(result.counts)) unrecognised.push(input.name);
  }
  return { counts: total, duplicates, empty, unrecognised };
}

/** Whether there were records and not one that was understood. */
function isUnrecognised({ rejects, rows, lost, skipped }: IngestCounts): boolean {
  return rejects > 0 && rows === 0 && lost === 0 && skipped.size === 0;
}

const TRIES = 6;

/** Runs a write again, later and later, while `isPassing` says that its error passes. Writes carry tokens. */
export async function retried<T>(write: () => Promise<T>, isPassing: (error: unknown) => boolean): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await write();
    } catch (error) {
      if (error instanceof Failure || attempt >= TRIES || !isPassing(error)) throw error;
      await sleep(100 * 2 ** attempt);
    }
  }
}
