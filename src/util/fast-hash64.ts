/**
 * A 64-bit hash of `text` that is not cryptographic but costs nanoseconds, as the decimal text of an unsigned integer:
 * two 32-bit multiplicative lanes, each finished as in MurmurHash3 and mixed with the other. For ids of records that
 * nobody has a reason to forge; use `hash64` where equal ids would merge different things.
 */
export function fastHash64(text: string): string {
  let a = 0x811c9dc5;
  let b = text.length ^ 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x5bd1e995);
    b ^= b >>> 15;
  }
  const high = finish(a ^ (b >>> 7));
  const low = finish(b ^ high);
  return decimal(high >>> 0, low >>> 0);
}

function finish(lane: number): number {
  const first = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  const second = Math.imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

const SPLIT = 10_000_000;

/** high·2^32 + low in decimal without BigInt: 2^48 = 28147497·10^7 + 6710656 and 2^32 = 429·10^7 + 4967296. */
function decimal(high: number, low: number): string {
  const upper = high >>> 16;
  const lower = high & 0xffff;
  const tail = upper * 6_710_656 + lower * 4_967_296 + low;
  const head = upper * 28_147_497 + lower * 429 + Math.floor(tail / SPLIT);
  const rest = tail % SPLIT;
  return head === 0 ? String(rest) : String(head) + String(rest + SPLIT).slice(1);
}
