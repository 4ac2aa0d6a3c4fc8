/** A set of small integers as bits; all sets of one universe have the same length. */
export type Bitset = Uint32Array;

/** The empty set over `0 … size - 1`. */
export function emptySet(size: number): Bitset {
  return new Uint32Array((size + 31) >>> 5);
}

export function addTo(set: Bitset, element: number): void {
  set[element >>> 5] = (set[element >>> 5] as number) | (1 << (element & 31));
}

export function isIn(set: Bitset, element: number): boolean {
  return (((set[element >>> 5] as number) >>> (element & 31)) & 1) === 1;
}

/** The elements, ascending. */
export function elementsOf(set: Bitset): number[] {
  const elements: number[] = [];
  for (let i = 0; i < set.length; i += 1)
    for (let word = set[i] as number; word !== 0; word &= word - 1)
      elements.push(32 * i + 31 - Math.clz32(word & -word));
  return elements;
}

/** What of `0 … size - 1` is not in `set`. */
export function complementOf(set: Bitset, size: number): Bitset {
  const rest = emptySet(size);
  for (let i = 0; i < rest.length; i += 1) rest[i] = ~(set[i] as number);
  if ((size & 31) !== 0) rest[rest.length - 1] = (rest[rest.length - 1] as number) & ((1 << (size & 31)) - 1);
  return rest;
}

/** Adds all of `other` to `set`. */
export function uniteInto(set: Bitset, other: Bitset): void {
  for (let i = 0; i < set.length; i += 1) set[i] = (set[i] as number) | (other[i] as number);
}

/** Keeps in `set` what is in `other` too. */
export function intersectInto(set: Bitset, other: Bitset): void {
  for (let i = 0; i < set.length; i += 1) set[i] = (set[i] as number) & (other[i] as number);
}

/** Keeps in `set` what is not in `other`. */
export function subtractFrom(set: Bitset, other: Bitset): void {
  for (let i = 0; i < set.length; i += 1) set[i] = (set[i] as number) & ~(other[i] as number);
}

export function isEmpty(set: Bitset): boolean {
  for (let i = 0; i < set.length; i += 1) if (set[i] !== 0) return false;
  return true;
}

/** How many of `set` are not in `other`. */
export function countOutside(set: Bitset, other: Bitset): number {
  let count = 0;
  for (let i = 0; i < set.length; i += 1) count += bitCount((set[i] as number) & ~(other[i] as number));
  return count;
}

/** Number of set bits of a 32-bit integer. */
export function bitCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const nibbles = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((nibbles + (nibbles >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
