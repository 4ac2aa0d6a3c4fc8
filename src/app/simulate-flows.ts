import { createWriteStream } from 'node:fs';
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import type { Graph } from '../simulate/graph.ts';
import { groundTruthDocument } from '../simulate/ground-truth-document.ts';
import { type Simulation, simulate } from '../simulate/simulate.ts';
import { Failure } from '../util/failure.ts';

export interface SimulateRequest {
  readonly graph: Graph;
  /** About how many records to write; absent: what the graph's rates give. */
  readonly flows?: number;
  readonly compact?: boolean;
  /** A file, or `-` for standard output. */
  readonly out: string;
  /** Absent: when the file's name ends in `.gz`. */
  readonly gzip?: boolean;
  /** File for the tuples that were simulated. */
  readonly groundTruth?: string;
}

export interface SimulateSummary {
  readonly records: number;
  /** Before compression. */
  readonly bytes: number;
  /** What the rates were multiplied by. */
  readonly scale: number;
}

export interface SimulateEnvironment {
  readonly stdout: NodeJS.WritableStream;
  /** Told now and then how many records are written. */
  readonly onProgress?: (records: number) => void;
}

/** Simulates a graph into a file or standard output. A file appears under its name only when it is whole. */
export async function simulateFlows(
  request: SimulateRequest,
  environment: SimulateEnvironment,
): Promise<SimulateSummary> {
  const simulation = simulate(request.graph, request);
  const count = { records: 0, bytes: 0 };
  const text = Readable.from(countedPieces(simulation, count, environment), { objectMode: true, highWaterMark: 4 });
  const gzip = request.gzip ?? request.out.endsWith('.gz');
  // Level 1: the text repeats itself so much that higher levels cost time and gain little.
  const steps = gzip ? [text, createGzip({ level: constants.Z_BEST_SPEED })] : [text];
  if (request.out === '-') await pipeline([...steps, environment.stdout], { end: false });
  else await writeWhole(request.out, (target) => pipeline([...steps, createWriteStream(target)]));
  if (request.groundTruth !== undefined) {
    const document = groundTruthDocument(simulation.world, simulation.tuples(), count.records);
    await writeWhole(request.groundTruth, (target) => writeFile(target, `${JSON.stringify(document, null, 2)}\n`));
  }
  return { ...count, scale: simulation.scale };
}

function* countedPieces(
  { pieces }: Simulation,
  count: { records: number; bytes: number },
  { onProgress }: SimulateEnvironment,
): Generator<Buffer> {
  for (const { text, records } of pieces) {
    const bytes = Buffer.from(text);
    count.records += records;
    count.bytes += bytes.length;
    onProgress?.(count.records);
    yield bytes;
  }
}

/**
 * Writes beside the file and renames at the end. Devices and pipes (`/dev/null`, `/dev/stdout`, a FIFO) are written
 * themselves: renaming onto one would replace it by a regular file.
 */
async function writeWhole(file: string, write: (target: string) => Promise<void>): Promise<void> {
  const existing = await stat(file).catch(() => undefined);
  const direct = existing !== undefined && !existing.isFile();
  const target = direct ? file : `${file}.partial`;
  try {
    await write(target);
    if (!direct) await rename(target, file);
  } catch (error) {
    if (!direct) await rm(target, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure('input', `cannot write ${file}: ${reason}`, 'Choose a folder that exists and has room.', {
      cause: error,
    });
  }
}
