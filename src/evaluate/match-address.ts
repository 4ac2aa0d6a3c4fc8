import type { EndpointMatcher } from '../model/policy.ts';
import { type AddressRange, contains, overlaps, parseAddressRange, parseCidr } from '../util/ip.ts';
import { MAYBE, NO, type Truth, YES } from './truth.ts';

export type CidrMatcher = Extract<EndpointMatcher, { match: 'cidr' }>;

interface Blocks {
  readonly inside: readonly AddressRange[];
  readonly except: readonly AddressRange[];
}

/** Whether all, none or some of the addresses lie in one of the blocks and in none of the exceptions. */
export function insideBlocks(range: AddressRange, { inside, except }: Blocks): Truth {
  if (except.some((block) => contains(block, range)) || !inside.some((block) => overlaps(block, range))) return NO;
  const whole = inside.some((block) => contains(block, range));
  return whole && !except.some((block) => overlaps(block, range)) ? YES : MAYBE;
}

/** Parsed texts are forgotten beyond this many, so that a year of pod addresses does not pile up. */
const MEMO_LIMIT = 200_000;

/** Remembers what address texts mean, because the same few occur in millions of edges. */
export class AddressMemo {
  readonly #blocks = new Map<CidrMatcher, Blocks>();
  readonly #ranges = new Map<string, AddressRange | undefined>();

  blocksOf(matcher: CidrMatcher): Blocks {
    const known = this.#blocks.get(matcher);
    if (known !== undefined) return known;
    const parse = (texts: readonly string[]): AddressRange[] => texts.flatMap((text) => parseCidr(text) ?? []);
    const blocks = { inside: parse(matcher.cidrs), except: parse(matcher.except) };
    this.#blocks.set(matcher, blocks);
    return blocks;
  }

  rangeOf(text: string): AddressRange | undefined {
    if (this.#ranges.has(text)) return this.#ranges.get(text);
    if (this.#ranges.size >= MEMO_LIMIT) this.#ranges.clear();
    const range = parseAddressRange(text);
    this.#ranges.set(text, range);
    return range;
  }
}

/** Cuts the address space at every edge of these blocks, so that addresses that no block tells apart share a cell. */
export class AddressCells {
  readonly #starts: readonly bigint[];

  constructor(matchers: Iterable<CidrMatcher>) {
    const starts = new Set<bigint>();
    for (const { cidrs, except } of matchers) {
      for (const block of [...cidrs, ...except].flatMap((text) => parseCidr(text) ?? [])) {
        starts.add(block.from).add(block.to + 1n);
      }
    }
    this.#starts = [...starts].sort((a, b) => (a < b ? -1 : 1));
  }

  /** Cell of an address: how many cuts lie at or before it. */
  cellOf(address: bigint): number {
    let [low, high] = [0, this.#starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] as bigint) <= address) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
