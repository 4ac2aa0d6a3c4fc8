import { NO, YES } from '../match/truth.ts';
import type { BlockRow } from './block-rows.ts';
import { ALLOW, BOTH, DENY, PASS } from './outcome.ts';
import type { PeerRows } from './peer-rows.ts';
import type { SidePlan } from './plan.ts';
import { END, type Programs } from './programs.ts';
import type { TruthSet } from './truth-set.ts';

/** What a quick walk reads of one side. */
export interface QuickParts {
  readonly plan: SidePlan;
  readonly programs: Programs;
  readonly rows: PeerRows;
}

/** The far end and the service. */
export interface QuickPeer {
  /** Where the row of the far end starts. */
  offset: number;
  /** IANA protocol number; 0 unknown. */
  protocol: number;
  /** Rules whose ports fit. */
  ports: TruthSet;
  /** Absent: the address of the far end is left open. */
  blocks: BlockRow | undefined;
}

/** Beside an outcome: it is final. */
const FINAL = 8;

/**
 * The walk of `walkSegments` with nothing to remember on the way, for the subjects whose program starts at `start`. It
 * gives the possible outcomes, and BOTH also where only the full walk can tell. A rule that may match adds its outcome
 * and lets the walk go on.
 */
export function quickWalk(side: QuickParts, start: number, peer: QuickPeer): number {
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

function quickLayer(side: QuickParts, start: number, peer: QuickPeer): number {
  const { plan } = side;
  const { data } = side.programs;
  let outcomes = 0;
  let stage = 0;
  for (let at = start; data[at] !== END; at += 3 + 3 * (data[at] as number)) {
    const index = data[at + 1] as number;
    if (index < stage) continue;
    if (plan.partial && !governs(plan, index, peer.protocol)) {
      if (peer.protocol === 0) return BOTH;
      continue;
    }
    const found = quickSegment(side, at, peer);
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

/** The outcomes that the segment at `at` adds, with FINAL or PASS when one of its rules surely matches. */
function quickSegment({ plan: { table }, programs, rows }: QuickParts, at: number, peer: QuickPeer): number {
  const { data } = programs;
  const { possible, sure } = rows;
  const { offset, ports, blocks } = peer;
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
