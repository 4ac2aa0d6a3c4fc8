import type { Chunk } from '../../model/chunk.ts';
import type { Store } from '../store.ts';
import { insertRows } from './batch.ts';
import { escapeText } from './encode.ts';

/** Recorded chunks that start where `parent` ends, the longest first; of several notes of one chunk the fullest. */
export async function chunksAfter(store: Store, parent: string): Promise<Chunk[]> {
  const rows = await store.query(
    `SELECT token, argMax((name, toFloat64(from_byte), toFloat64(to_byte), toFloat64(lines), toFloat64(records),
       toFloat64(rows), toFloat64(rejects)), (records, to_byte, name)) AS note
     FROM chunks WHERE parent = {parent:String} GROUP BY token ORDER BY note.3 DESC, token`,
    { parent },
  );
  type Note = [string, number, number, number, number, number, number];
  return (rows as [string, Note][]).map(([token, note]) => {
    const [name, fromByte, toByte, lines, records, rows, rejects] = note;
    return { parent, token, name, fromByte, toByte, lines, records, rows, rejects };
  });
}

/**
 * Notes that `chunk` is stored. Call it after its batch was written: a chunk without a note is merely sent again. A
 * note with `records: 0`, made before, says that storing was begun; the later note with records takes its place.
 */
export async function recordChunk(store: Store, chunk: Chunk): Promise<void> {
  const texts = [chunk.parent, chunk.token, chunk.name].map(escapeText);
  const numbers = [chunk.fromByte, chunk.toByte, chunk.lines, chunk.records, chunk.rows, chunk.rejects];
  const token = `chunk#${chunk.parent}#${chunk.token}#${chunk.records}`;
  await insertRows(store, 'chunks', token, [`${[...texts, ...numbers].join('\t')}\n`]);
}
