import { appendTo } from '../util/append-to.ts';
import type { ClassMatcher } from './match-classes.ts';
import type { SidePlan } from './plan.ts';
import { transposeInto } from './transpose.ts';

/**
 * For every class a row of bits: which rules of a side may name it, and surely name it, as their far end. Classes that
 * no rule tells apart share a row; there are far fewer rows than classes, which keeps them in the processor's cache.
 */
export interface PeerRows {
  readonly possible: Uint32Array;
  /** The same array as `possible` when nothing is uncertain. */
  readonly sure: Uint32Array;
  /** Where the row of each class starts. */
  readonly offsets: readonly number[];
}

export function makeRows(plan: SidePlan, matcher: ClassMatcher, size: number): PeerRows {
  const { words: stride } = plan;
  const sure = new Uint32Array(size * stride);
  let possible = sure;
  for (let at = 0; at < stride; at++) {
    const sets = plan.rules.slice(at * 32, at * 32 + 32).map((rule) => rule && matcher.match(rule.rule.peer));
    const place = { classes: size, stride, at };
    if (possible === sure && sets.some((set) => set && set.sure !== set.possible)) possible = sure.slice();
    const surely = sets.map((set) => set?.sure);
    transposeInto(sure, surely, place);
    const possibly = sets.map((set) => set?.possible);
    if (possible !== sure) transposeInto(possible, possibly, place);
  }
  return shareRows({ sure, possible }, { size, stride });
}

interface Shape {
  readonly size: number;
  readonly stride: number;
}

/** Keeps one of each kind of row. */
function shareRows(all: Pick<PeerRows, 'possible' | 'sure'>, { size, stride }: Shape): PeerRows {
  const kept: number[] = [];
  const byHash = new Map<number, number[]>();
  const offsets = Array.from({ length: size }, (_, index) => {
    const start = index * stride;
    const hash = hashRow(all.possible, start, stride) ^ Math.imul(hashRow(all.sure, start, stride), 31);
    const same = byHash.get(hash)?.find((number) => equalRows(all, { a: start, b: kept[number] as number, stride }));
    if (same !== undefined) return same * stride;
    appendTo(byHash, hash, kept.length);
    kept.push(start);
    return (kept.length - 1) * stride;
  });
  const sure = copyRows(all.sure, kept, stride);
  return { sure, possible: all.possible === all.sure ? sure : copyRows(all.possible, kept, stride), offsets };
}

function hashRow(rows: Uint32Array, start: number, stride: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < start + stride; at++) hash = Math.imul(hash ^ (rows[at] as number), 0x01000193);
  return hash;
}

function equalRows(
  { possible, sure }: Pick<PeerRows, 'possible' | 'sure'>,
  { a, b, stride }: { readonly a: number; readonly b: number; readonly stride: number },
): boolean {
  for (let at = 0; at < stride; at++) {
    if (possible[a + at] !== possible[b + at] || sure[a + at] !== sure[b + at]) return false;
  }
  return true;
}

function copyRows(rows: Uint32Array, starts: readonly number[], stride: number): Uint32Array {
  const copy = new Uint32Array(starts.length * stride);
  for (const [number, start] of starts.entries()) copy.set(rows.subarray(start, start + stride), number * stride);
  return copy;
}
