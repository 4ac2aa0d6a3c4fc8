import type { Batch } from '../../src/model/batch.ts';
import type { Chunk } from '../../src/model/chunk.ts';
import { BatchBuilder, type SourceSettings } from '../batch/builder.ts';
import { addCounts, type IngestCounts, newCounts } from '../batch/builder-counts.ts';
import { type Frame, Framer } from '../frames/frames.ts';
import { ChunkChain, originOf, partitionOf } from './chunk-chain.ts';
import type { Input } from './files.ts';

/** What ingesting needs of the store. */
export interface ChunkStore {
  chunksAfter(parent: string): Promise<readonly Chunk[]>;
  record(chunk: Chunk): Promise<void>;
  write(batch: Batch): Promise<void>;
}

/** When a chunk ends. Limits on time would make chunks of the same content differ. */
export interface ChunkLimits {
  /** Rows and rejects. */
  readonly rows: number;
  readonly bytes: number;
}

/** Large, because an insert has a price of its own; of a chunk only encoded rows are held, about 200 bytes each. */
export const CHUNK_LIMITS: ChunkLimits = { rows: 200_000, bytes: 512 * 1024 * 1024 };

export type InputSettings = Omit<SourceSettings, 'topic' | 'partition'> & { readonly limits: ChunkLimits };

/** What became of an input; `duplicates` are records whose chunk was stored before and that changed nothing. */
export interface InputResult {
  readonly counts: IngestCounts;
  readonly duplicates: number;
}

/** Told after every block: records so far. */
export type OnRecords = (records: number) => void;

/**
 * Reads one input into the store, chunk by chunk; the next chunk is read while one is stored. Chunks that the store has
 * are passed over, so that reading an input again, or after it has grown, adds only what is new.
 */
export async function ingestInput(
  input: Input,
  store: ChunkStore,
  settings: InputSettings,
  told: { readonly onRead: (bytes: number) => void; readonly onRecords: OnRecords },
): Promise<InputResult> {
  const run = new InputRun(input.name, store, settings);
  for await (const block of input.read(told.onRead)) {
    await run.take(block);
    told.onRecords(run.records);
  }
  const result = await run.finish();
  told.onRecords(run.records);
  return result;
}

/** The parts that exist once the first record has been seen. */
interface Begun {
  readonly chain: ChunkChain;
  readonly builder: BatchBuilder;
}

class InputRun {
  readonly #name: string;
  readonly #store: ChunkStore;
  readonly #settings: InputSettings;
  readonly #framer = new Framer();
  readonly #total = newCounts();
  #begun: Begun | undefined;
  /** Stored chunks that may continue where the one at hand began, the shortest first. */
  #known: Chunk[] = [];
  #lastEnd = 0;
  #lastLine = 0;
  #duplicates = 0;
  /** The chunk that is being stored. */
  #writing: Promise<void> = Promise.resolve();

  constructor(name: string, store: ChunkStore, settings: InputSettings) {
    this.#name = name;
    this.#store = store;
    this.#settings = settings;
  }

  get records(): number {
    return this.#total.records + (this.#begun?.builder.counts.records ?? 0);
  }

  async take(block: Buffer): Promise<void> {
    this.#framer.feed(block);
    await this.#drain();
  }

  async finish(): Promise<InputResult> {
    this.#framer.end();
    await this.#drain();
    if (this.#begun !== undefined && this.#begun.builder.counts.records > 0)
      await this.#cut(this.#begun, this.#framer.position, 'end');
    await this.#writing;
    return { counts: this.#total, duplicates: this.#duplicates };
  }

  async #drain(): Promise<void> {
    const framer = this.#framer;
    for (;;) {
      const frame = framer.next();
      const begun = this.#begun ?? (frame === undefined ? undefined : await this.#begin(frame));
      if (begun === undefined) return;
      await this.#passKnown(begun, Math.min(frame?.start ?? framer.openSince, framer.openSince));
      if (frame === undefined) {
        begun.chain.extend(framer, framer.settled);
        return;
      }
      await this.#add(begun, frame);
    }
  }

  async #begin(first: Frame): Promise<Begun> {
    const { cluster, format, options = {} } = this.#settings;
    // Other options make other rows of the same bytes.
    const told = Object.entries(options).sort().flat();
    const origin = originOf([cluster, format, ...told], this.#framer.bytes(first.start, first.end));
    const source = { ...this.#settings, topic: `file:${this.#name}`, partition: partitionOf(origin) };
    this.#begun = { chain: new ChunkChain(origin, 0), builder: new BatchBuilder(source) };
    await this.#lookUp(origin);
    return this.#begun;
  }

  async #add(begun: Begun, frame: Frame): Promise<void> {
    const { builder } = begun;
    // A file that is still being written may end in mid-record: what comes before must not depend on that record.
    const isTruncated = frame.value === undefined && frame.reason === 'truncated' && frame.start >= this.#lastEnd;
    if (isTruncated && builder.counts.records > 0) await this.#cut(begun, frame.start, 'end');
    builder.addFrame(frame, () => this.#framer.sample(frame.start, frame.end));
    this.#lastEnd = frame.end;
    this.#lastLine = frame.line;
    const { rows, bytes } = this.#settings.limits;
    if (builder.size >= rows || builder.bytes >= bytes) await this.#cut(begun, frame.end, 'full');
  }

  /** Ends the chunk where stored ones end, as far as nothing before `settled` can still change. */
  async #passKnown(begun: Begun, settled: number): Promise<void> {
    for (let next = this.#known[0]; next !== undefined && next.toByte <= settled; next = this.#known[0]) {
      this.#known.shift();
      if (next.toByte < this.#lastEnd) continue;
      begun.chain.extend(this.#framer, next.toByte);
      if (begun.chain.token() === next.token) await this.#end(begun, next);
    }
  }

  async #cut(begun: Begun, to: number, why: 'full' | 'end'): Promise<void> {
    begun.chain.extend(this.#framer, to);
    const token = begun.chain.token();
    const stored = this.#known.find((chunk) => chunk.toByte === to && chunk.token === token);
    if (stored !== undefined) return this.#end(begun, stored);
    const chunk = this.#describe(begun, to, token);
    // The last chunk of a file that grows becomes another one. Announced, it is recognised even if the process dies
    // between storing the rows and recording the chunk.
    if (why === 'end') await this.#store.record({ ...chunk, records: 0, rows: 0, rejects: 0, lines: 0 });
    await this.#save(begun, chunk);
  }

  /** Ends the chunk at one that the store knows: stores it again under its token if that was not finished. */
  async #end(begun: Begun, stored: Chunk): Promise<void> {
    const { builder } = begun;
    if (stored.records === 0) return this.#save(begun, this.#describe(begun, stored.toByte, stored.token));
    this.#duplicates += builder.counts.records;
    this.#total.records += builder.counts.records;
    builder.build(stored.token);
    begun.chain.cut();
    await this.#lookUp(stored.token);
  }

  #describe({ chain, builder }: Begun, toByte: number, token: string): Chunk {
    const { records, rows, rejects } = builder.counts;
    const { parent, from: fromByte } = chain;
    return { parent, token, name: this.#name, fromByte, toByte, lines: this.#lastLine, records, rows, rejects };
  }

  async #save({ chain, builder }: Begun, chunk: Chunk): Promise<void> {
    addCounts(this.#total, builder.counts);
    const batch = builder.build(chunk.token);
    chain.cut();
    await this.#writing;
    this.#writing = this.#write(batch, chunk);
    // The error is thrown where the write is awaited; without this it would also count as unhandled.
    this.#writing.catch(() => {});
    await this.#lookUp(chunk.token);
  }

  async #write(batch: Batch, chunk: Chunk): Promise<void> {
    await this.#store.write(batch);
    await this.#store.record(chunk);
  }

  async #lookUp(parent: string): Promise<void> {
    const finished = new Map<string, Chunk>();
    for (const chunk of await this.#store.chunksAfter(parent))
      if ((finished.get(chunk.token)?.records ?? 0) === 0) finished.set(chunk.token, chunk);
    this.#known = [...finished.values()].sort((a, b) => a.toByte - b.toByte);
  }
}
