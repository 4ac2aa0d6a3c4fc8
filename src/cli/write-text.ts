import { once } from 'node:events';

/** Writes text in pieces, waiting whenever the reader cannot follow: the whole of it may not fit into memory. */
export async function writeText(stream: NodeJS.WritableStream, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) if (!stream.write(piece)) await once(stream, 'drain');
}
