import { once } from 'node:events';

/** Characters handed to the stream at once; a write for every line would cost more than making the line. */
const PIECE = 1 << 16;

/** Writes text in pieces, waiting whenever the reader cannot follow: the whole of it may not fit into memory. */
export async function writeText(stream: NodeJS.WritableStream, pieces: Iterable<string>): Promise<void> {
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < PIECE) continue;
    if (!stream.write(waiting)) await once(stream, 'drain');
    waiting = '';
  }
  stream.write(waiting);
}
