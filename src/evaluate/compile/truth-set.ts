/**
 * A truth value for each of `size` members, as two bit sets: those for which it surely holds, and those for which it
 * may hold. Every set operation is then one pass over 32 members at a time.
 */
export interface TruthSet {
  readonly sure: Uint32Array;
  /** Contains `sure`; the same array when nothing is uncertain. */
  readonly possible: Uint32Array;
}

export function emptyBits(size: number): Uint32Array {
  return new Uint32Array((size + 31) >> 5);
}

export function setBit(bits: Uint32Array, index: number): void {
  bits[index >> 5] = (bits[index >> 5] as number) | (1 << (index & 31));
}

export function hasBit(bits: Uint32Array | Int32Array, index: number): boolean {
  return (((bits[index >> 5] as number) >>> (index & 31)) & 1) === 1;
}

/** A set without uncertainty. */
export function certain(bits: Uint32Array): TruthSet {
  return { sure: bits, possible: bits };
}

export function intersection(a: TruthSet, b: TruthSet): TruthSet {
  const sure = andBits(a.sure, b.sure);
  return isCertain(a) && isCertain(b) ? certain(sure) : { sure, possible: andBits(a.possible, b.possible) };
}

export function union(a: TruthSet, b: TruthSet): TruthSet {
  const sure = orBits(a.sure, b.sure);
  return isCertain(a) && isCertain(b) ? certain(sure) : { sure, possible: orBits(a.possible, b.possible) };
}

/** The complement. Bits beyond the size become set; nobody reads them. */
export function complement(a: TruthSet): TruthSet {
  const sure = notBits(a.possible);
  return isCertain(a) ? certain(sure) : { sure, possible: notBits(a.sure) };
}

function andBits(a: Uint32Array, b: Uint32Array): Uint32Array {
  const result = new Uint32Array(a.length);
  for (let word = 0; word < a.length; word++) result[word] = (a[word] as number) & (b[word] as number);
  return result;
}

function orBits(a: Uint32Array, b: Uint32Array): Uint32Array {
  const result = new Uint32Array(a.length);
  for (let word = 0; word < a.length; word++) result[word] = (a[word] as number) | (b[word] as number);
  return result;
}

function notBits(a: Uint32Array): Uint32Array {
  const result = new Uint32Array(a.length);
  for (let word = 0; word < a.length; word++) result[word] = ~(a[word] as number);
  return result;
}

function isCertain(set: TruthSet): boolean {
  return set.sure === set.possible;
}

/** Calls `visit` with every member of `bits` below `size`, in ascending order. */
export function eachBit(bits: Uint32Array, size: number, visit: (index: number) => void): void {
  for (let word = 0; word < bits.length; word++) {
    for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) {
      const index = word * 32 + (31 - Math.clz32(rest & -rest));
      if (index < size) visit(index);
    }
  }
}
