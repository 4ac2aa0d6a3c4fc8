import type { JsonObject } from './decoder.ts';
import { scanGoldmane } from './goldmane-scan.ts';
import { scanHubble } from './hubble-scan.ts';

/**
 * The record that stands in `[from, to)`, if it is one of those that come in millions and are written as always: its
 * members as `JSON.parse` gives them, as far as decoders read them, and equal parts of records are one object.
 * `undefined` for all others; `JSON.parse` has the last word.
 */
export function scanRecord(bytes: Buffer, from: number, to: number): JsonObject | undefined {
  return scanHubble(bytes, from, to) ?? scanGoldmane(bytes, from, to);
}
