import { column } from './columns.ts';

/** Small integers, one for each of many things. */
export type Column = Int32Array | Uint16Array | Uint8Array;

/**
 * `positions` ordered by `keys[position]`, all below `range`; equal keys in the order given, so that sorting by one column
 * after the other orders by the last one first. Takes time by the number of positions, where a comparison would be called
 * twenty times for each.
 */
export function countingSort(positions: Int32Array, keys: Column, range: number): Int32Array {
  const next = new Int32Array(range + 1);
  for (let i = 0; i < keys.length; i += 1) {
    const above = (keys[i] as number) + 1;
    next[above] = (next[above] as number) + 1;
  }
  if (keys.length > 0 && next[(keys[0] as number) + 1] === keys.length) return positions;
  for (let key = 0; key < range; key += 1) next[key + 1] = (next[key + 1] as number) + (next[key] as number);
  const sorted = column.int32(positions.length);
  for (let i = 0; i < positions.length; i += 1) {
    const position = positions[i] as number;
    const key = keys[position] as number;
    const place = next[key] as number;
    sorted[place] = position;
    next[key] = place + 1;
  }
  return sorted;
}

/** The positions of a list of `size` elements. */
export function positionsOf(size: number): Int32Array {
  const positions = column.int32(size);
  for (let i = 0; i < size; i += 1) positions[i] = i;
  return positions;
}
