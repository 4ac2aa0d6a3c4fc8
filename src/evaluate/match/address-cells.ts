import type { EndpointMatcher } from '../../model/policy.ts';
import { parseAddressRange, parseCidr } from '../../util/ip.ts';
import { MAYBE, NO, type Truth, YES } from './truth.ts';

export type CidrMatcher = Extract<EndpointMatcher, { match: 'cidr' }>;

/** Addresses as a run of cells, both ends included. */
export interface CellRange {
  readonly from: number;
  readonly to: number;
}

interface Blocks {
  readonly inside: readonly CellRange[];
  readonly except: readonly CellRange[];
}

/** Texts are forgotten beyond this many, so that a year of pod addresses does not pile up. */
const MEMO_LIMIT = 200_000;

/**
 * The address space, cut at every edge of the blocks that policies name. No policy tells two addresses of one cell
 * apart, and every block is a whole number of cells, so questions about addresses become comparisons of small numbers.
 */
export class AddressCells {
  readonly #starts: readonly bigint[];
  readonly #blocks = new Map<CidrMatcher, Blocks>();
  readonly #ranges = new Map<string, CellRange | undefined>();

  constructor(matchers: Iterable<CidrMatcher>) {
    const starts = new Set<bigint>();
    for (const { cidrs, except } of matchers) {
      for (const block of [...cidrs, ...except].flatMap((text) => parseCidr(text) ?? [])) {
        starts.add(block.from).add(block.to + 1n);
      }
    }
    this.#starts = [...starts].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Cells of an address, a CIDR block or `first-last`; absent when the text is none of these. */
  rangeOf(text: string): CellRange | undefined {
    const known = this.#ranges.get(text);
    if (known !== undefined || this.#ranges.has(text)) return known;
    if (this.#ranges.size >= MEMO_LIMIT) this.#ranges.clear();
    const range = parseAddressRange(text);
    const cells = range && { from: this.#cellOf(range.from), to: this.#cellOf(range.to) };
    this.#ranges.set(text, cells);
    return cells;
  }

  /** Whether all, none or some of the addresses lie in one of the blocks and in none of the exceptions. */
  inside(range: CellRange, matcher: CidrMatcher): Truth {
    const { inside, except } = this.#blocksOf(matcher);
    if (holds(except, range) || !touches(inside, range)) return NO;
    return holds(inside, range) && !touches(except, range) ? YES : MAYBE;
  }

  #blocksOf(matcher: CidrMatcher): Blocks {
    const known = this.#blocks.get(matcher);
    if (known !== undefined) return known;
    const cells = (texts: readonly string[]): CellRange[] => texts.flatMap((text) => this.rangeOf(text) ?? []);
    const blocks = { inside: cells(matcher.cidrs), except: cells(matcher.except) };
    this.#blocks.set(matcher, blocks);
    return blocks;
  }

  /** How many cuts lie at or before the address. */
  #cellOf(address: bigint): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as bigint) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Whether one of the blocks has all of the range. */
function holds(blocks: readonly CellRange[], range: CellRange): boolean {
  for (const block of blocks) if (block.from <= range.from && range.to <= block.to) return true;
  return false;
}

/** Whether one of the blocks has some of the range. */
function touches(blocks: readonly CellRange[], range: CellRange): boolean {
  for (const block of blocks) if (block.from <= range.to && range.from <= block.to) return true;
  return false;
}
