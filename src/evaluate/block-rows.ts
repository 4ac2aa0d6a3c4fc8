import type { EndpointMatcher } from '../model/policy.ts';
import type { AddressCells, CidrMatcher } from './address-cells.ts';
import type { BlockRow } from './quick-walk.ts';
import { YES } from './truth.ts';
import { emptyBits, setBit } from './truth-set.ts';

interface BlockRule {
  readonly rule: { readonly peer: EndpointMatcher };
}

/**
 * Settles, for pods, the rules whose peers are address blocks and nothing else: what a pod's class leaves open because
 * pods have many addresses, the address of one connection tells. Rows are made for each cell that is asked about.
 */
export class BlockRows {
  readonly #cells: AddressCells;
  readonly #matchers = new Map<number, readonly CidrMatcher[]>();
  readonly #blocks: Uint32Array;
  readonly #byCell = new Map<number, BlockRow>();

  constructor(rules: readonly (BlockRule | undefined)[], cells: AddressCells) {
    this.#cells = cells;
    this.#blocks = emptyBits(rules.length);
    for (const [bit, planned] of rules.entries()) {
      const matchers = planned && blocksOf(planned.rule.peer);
      if (matchers === undefined) continue;
      this.#matchers.set(bit, matchers);
      setBit(this.#blocks, bit);
    }
  }

  /** The row of the one cell in which all of `addresses` lie; absent when there is none, or no rule asks for it. */
  rowOf(addresses: readonly string[]): BlockRow | undefined {
    if (this.#matchers.size === 0) return undefined;
    let cell: number | undefined;
    for (const address of addresses) {
      const range = this.#cells.rangeOf(address);
      if (range === undefined) continue;
      if (range.from !== range.to || (cell !== undefined && cell !== range.from)) return undefined;
      cell = range.from;
    }
    if (cell === undefined) return undefined;
    const row = this.#byCell.get(cell) ?? this.#makeRow(cell);
    this.#byCell.set(cell, row);
    return row;
  }

  #makeRow(cell: number): BlockRow {
    const range = { from: cell, to: cell };
    const holding = new Uint32Array(this.#blocks.length);
    for (const [bit, matchers] of this.#matchers) {
      if (matchers.some((matcher) => this.#cells.inside(range, matcher) === YES)) setBit(holding, bit);
    }
    return { blocks: this.#blocks, holding };
  }
}

/** The blocks of a peer that is made of nothing else and treats pods alike in all of them. */
function blocksOf(peer: EndpointMatcher): CidrMatcher[] | undefined {
  if (peer.match === 'cidr') return [peer];
  if (peer.match !== 'some' || peer.of.length === 0) return undefined;
  const blocks = peer.of.flatMap((part) => (part.match === 'cidr' ? [part] : []));
  const alike = blocks.every(({ pods }) => pods === blocks[0]?.pods);
  return alike && blocks.length === peer.of.length ? blocks : undefined;
}
