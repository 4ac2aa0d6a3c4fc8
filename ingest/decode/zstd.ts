import { Decompress } from 'fzstd';

/** First bytes of a frame (RFC 8878). */
const MAGIC = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
const SHORTEST = 9;

/** Whether the bytes begin like zstd. */
export function isZstd(bytes: Buffer): boolean {
  return bytes.length >= SHORTEST && bytes.subarray(0, MAGIC.length).equals(MAGIC);
}

/** Windows are allocated with each frame and moved with each block; this many limits of bytes take about a second. */
const WORK = 256;

/**
 * The bytes with zstd undone, in JavaScript: Node 20 has none. Throws a `RangeError` when there would be more than
 * `limit` of them, or when they are made to take for ever; any other error when they are damaged.
 */
export function unzstd(bytes: Buffer, limit: number): Buffer {
  const { largest, sum } = windowsOf(bytes);
  if (largest > limit) throw new RangeError('the window is larger than the limit');
  const pieces: Buffer[] = [];
  let total = 0;
  let work = sum;
  const stream = new Decompress((piece) => {
    total += piece.length;
    work += largest;
    if (total > limit || work > WORK * limit) throw new RangeError('the content is longer than the limit');
    pieces.push(Buffer.from(piece));
  });
  stream.push(bytes, true);
  return Buffer.concat(pieces);
}

/**
 * A window is allocated before anything is known of the content, so a few bytes could claim gigabytes. Looked at is
 * every place where a frame may begin; that some content looks like one by chance costs nothing.
 */
function windowsOf(bytes: Buffer): { readonly largest: number; readonly sum: number } {
  let [largest, sum] = [0, 0];
  for (let at = bytes.indexOf(MAGIC); at >= 0; at = bytes.indexOf(MAGIC, at + 1)) {
    const window = windowOf(bytes, at + MAGIC.length);
    largest = Math.max(largest, window);
    sum += window;
  }
  return { largest, sum };
}

/** Window of the frame whose header goes on at `at`: told by an exponent and eighths, or equal to the content's size. */
function windowOf(bytes: Buffer, at: number): number {
  const descriptor = bytes[at] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  if (!isSingle) {
    const window = bytes[at + 1] ?? 0;
    return 2 ** (10 + (window >> 3)) * (1 + (window & 7) / 8);
  }
  const from = at + 1 + ([0, 1, 2, 4][descriptor & 3] as number);
  const length = [1, 2, 4, 8][descriptor >> 6] as number;
  const size = bytes.subarray(from, from + length).reduce((sum, byte, index) => sum + byte * 2 ** (8 * index), 0);
  return length === 2 ? size + 256 : size;
}
