import type { SideClass } from './endpoint-class.ts';
import { ALLOW, BOTH, DENY, PASS } from './outcome.ts';
import type { SidePlan } from './plan.ts';
import { END, type Programs } from './programs.ts';
import { NO, YES } from './truth.ts';
import type { TruthSet } from './truth-set.ts';

/** What a quick walk reads of one side. */
export interface QuickSide {
  readonly plan: SidePlan;
  readonly programs: Programs;
}

/** The far end and the service. */
export interface QuickPeer {
  readonly row: SideClass;
  /** IANA protocol number; 0 unknown. */
  readonly protocol: number;
  /** Rules whose ports fit. */
  readonly ports: TruthSet;
  /** Absent: the address of the far end is left open. */
  readonly blocks: BlockRow | undefined;
}

/** For one address: the rules whose peers are address blocks and nothing else, and those of them that hold it. */
export interface BlockRow {
  readonly blocks: Uint32Array;
  readonly holding: Uint32Array;
}

/** Beside an outcome: it is final. */
const FINAL = 8;

/**
 * The walk of `walkSegments` with nothing to remember on the way: it gives the possible outcomes, and BOTH also where
 * only the full walk can tell. A rule that may match adds its outcome and lets the walk go on.
 */
export function quickWalk(side: QuickSide, { start }: SideClass, peer: QuickPeer): number {
  const { data } = side.programs;
  const layers = data[start] as number;
  let all = ALLOW;
  for (let layer = 1; layer <= layers; layer++) {
    const outcomes = quickLayer(side, data[start + layer] as number, peer);
    if (outcomes === DENY) return DENY;
    all |= outcomes;
  }
  return all;
}

function quickLayer({ plan, programs: { data } }: QuickSide, start: number, peer: QuickPeer): number {
  let outcomes = 0;
  let stage = 0;
  for (let at = start; data[at] !== END; at += 3 + 3 * (data[at] as number)) {
    const index = data[at + 1] as number;
    if (index < stage) continue;
    if (plan.partial && !governs(plan, index, peer.protocol)) {
      if (peer.protocol === 0) return BOTH;
      continue;
    }
    const found = quickSegment(plan, { data, at }, peer);
    outcomes |= found & BOTH;
    if (outcomes === BOTH || (found & FINAL) !== 0) return outcomes;
    if ((found & PASS) !== 0) {
      stage = plan.stages[index]?.passTo ?? index + 1;
      continue;
    }
    const isolates = data[at + 2] as number;
    if (isolates === NO) continue;
    outcomes |= DENY;
    if (outcomes === BOTH || isolates === YES) return outcomes;
  }
  return outcomes | ALLOW;
}

/** Whether the stage is about all traffic, or surely about this. */
function governs({ stages }: SidePlan, index: number, protocol: number): boolean {
  return stages[index]?.stage.protocols?.includes(protocol) ?? true;
}

/** The outcomes that one segment adds, with FINAL or PASS when one of its rules surely matches. */
function quickSegment(
  { table }: SidePlan,
  { data, at }: { readonly data: Int32Array; readonly at: number },
  { row: { possible, sure, offset }, ports, blocks }: QuickPeer,
): number {
  const end = at + 3 + 3 * (data[at] as number);
  let outcomes = 0;
  for (let next = at + 3; next < end; next += 3) {
    const word = data[next] as number;
    const named = possible[offset + word] as number;
    let open = (data[next + 1] as number) & (ports.possible[word] as number) & named;
    if (open === 0) continue;
    let surely = sure[offset + word] as number;
    if (blocks !== undefined) {
      const holding = blocks.holding[word] as number;
      surely |= holding & named;
      open &= holding | ~(blocks.blocks[word] as number);
    }
    surely &= (data[next + 2] as number) & (ports.sure[word] as number);
    for (; open !== 0; open &= open - 1) {
      const lowest = open & -open;
      const bit = word * 32 + 31 - Math.clz32(lowest);
      if ((surely & lowest) !== 0) {
        const settled = table.settles[bit] as number;
        return outcomes | (settled === PASS ? PASS : settled | FINAL);
      }
      outcomes |= table.leaves[bit] as number;
      if (outcomes === BOTH) return BOTH;
    }
  }
  return outcomes;
}
