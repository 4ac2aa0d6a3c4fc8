import type { Store } from './client.ts';
import { escapeText } from './encode.ts';
import { insertRows } from './write-batch.ts';

/**
 * A stretch of a file (or stdin) that has been stored. `token` is the running digest of all decompressed bytes from the
 * start of the file to the end of the stretch, `parent` the digest at its start (`''` at the start of the file). So a
 * file that is known, renamed or has grown is recognised by what it holds, and a chain of chunks leads to its new part.
 */
export interface Chunk {
  readonly parent: string;
  readonly token: string;
  /** Name of the file when it was ingested; several names may share a chunk. */
  readonly name: string;
  /** Position in the decompressed bytes. */
  readonly fromByte: number;
  readonly toByte: number;
  readonly lines: number;
  readonly records: number;
  readonly rows: number;
  readonly rejects: number;
}

/** Recorded chunks that start where `parent` ends, the longest first. */
export async function chunksAfter(store: Store, parent: string): Promise<Chunk[]> {
  const rows = await store.query(
    `SELECT token, argMin(name, (ingested_at, name)), toFloat64(any(from_byte)), toFloat64(any(to_byte)), toFloat64(any(lines)),
       toFloat64(any(records)), toFloat64(any(rows)), toFloat64(any(rejects))
     FROM chunks WHERE parent = {parent:String} GROUP BY token ORDER BY any(to_byte) DESC, token`,
    { parent },
  );
  return (rows as [string, string, number, number, number, number, number, number][]).map(
    ([token, name, fromByte, toByte, lines, records, rowCount, rejects]) => ({
      parent,
      token,
      name,
      fromByte,
      toByte,
      lines,
      records,
      rows: rowCount,
      rejects,
    }),
  );
}

/** Notes that `chunk` is stored. Call it after its batch was written: a chunk without a note is merely sent again. */
export async function recordChunk(store: Store, chunk: Chunk): Promise<void> {
  const texts = [chunk.parent, chunk.token, chunk.name].map(escapeText);
  const numbers = [chunk.fromByte, chunk.toByte, chunk.lines, chunk.records, chunk.rows, chunk.rejects];
  await insertRows(store, 'chunks', `chunk#${chunk.parent}#${chunk.token}`, [`${[...texts, ...numbers].join('\t')}\n`]);
}
