/**
 * Turns up to 32 columns (bit c of `columns[r]`: whether rule r matches class c) into one word per class: bit r of
 * `rows[c * stride + at]`. Blocks in which nothing is set are passed over, which is nearly all of them.
 */
export function transposeInto(
  rows: Uint32Array,
  columns: readonly (Uint32Array | undefined)[],
  place: { readonly classes: number; readonly stride: number; readonly at: number },
): void {
  const block = new Uint32Array(32);
  const words = (place.classes + 31) >> 5;
  for (let word = 0; word < words; word++) {
    let any = 0;
    for (let rule = 0; rule < 32; rule++) {
      const bits = columns[rule]?.[word] ?? 0;
      block[rule] = bits;
      any |= bits;
    }
    if (any === 0) continue;
    transposeBlock(block);
    const last = Math.min(32, place.classes - word * 32);
    for (let index = 0; index < last; index++) {
      rows[(word * 32 + index) * place.stride + place.at] = block[index] as number;
    }
  }
}

/** Transposes 32 × 32 bits in place by swapping ever smaller squares across the diagonal. */
function transposeBlock(block: Uint32Array): void {
  let mask = 0x0000ffff;
  for (let width = 16; width !== 0; width >>= 1, mask ^= mask << width) {
    for (let row = 0; row < 32; row = ((row | width) + 1) & ~width) {
      const upper = block[row] as number;
      const lower = block[row | width] as number;
      const swapped = ((upper >>> width) ^ lower) & mask;
      block[row] = upper ^ (swapped << width);
      block[row | width] = lower ^ swapped;
    }
  }
}
