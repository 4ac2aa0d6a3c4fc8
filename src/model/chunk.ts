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
  /** 0 says that storing it was begun and perhaps not finished. */
  readonly records: number;
  readonly rows: number;
  readonly rejects: number;
}
