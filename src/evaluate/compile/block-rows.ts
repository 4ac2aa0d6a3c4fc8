import type { EndpointMatcher } from '../../model/policy.ts';
import type { AddressCells, CellRange } from '../match/address-cells.ts';
import { YES } from '../match/truth.ts';
import { emptyBits, setBit } from './truth-set.ts';

/** For one address: the rules whose peers are address blocks and nothing else, and those of them that hold it. */
export interface BlockRow {
  readonly blocks: Uint32Array;
  readonly holding: Uint32Array;
}

interface BlockRule {
  readonly rule: { readonly peer: EndpointMatcher };
}

/**
 * Settles, for pods, the rules whose peers are address blocks and nothing else: what a pod's class leaves open because
 * pods have many addresses, the address of one connection tells. Rows are made for each cell that is asked about.
 */
export class BlockRows {
  readonly #cells: AddressCells;
  readonly #peers = new Map<number, EndpointMatcher>();
  readonly #blocks: Uint32Array;
  readonly #byCell = new Map<number, BlockRow>();

  /** `holdPods`: what the profile says of blocks that do not say it themselves. */
  constructor(rules: readonly (BlockRule | undefined)[], cells: AddressCells, holdPods: boolean) {
    this.#cells = cells;
    this.#blocks = emptyBits(rules.length);
    for (const [bit, planned] of rules.entries()) {
      if (planned === undefined || !ofBlocks(planned.rule.peer, holdPods)) continue;
      this.#peers.set(bit, planned.rule.peer);
      setBit(this.#blocks, bit);
    }
  }

  /** The row of the one cell in which all of `addresses` lie; absent when there is none, or no rule asks for it. */
  rowOf(addresses: readonly string[]): BlockRow | undefined {
    if (this.#peers.size === 0) return undefined;
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
    for (const [bit, peer] of this.#peers) if (this.#holds(peer, range)) setBit(holding, bit);
    return { blocks: this.#blocks, holding };
  }

  #holds(peer: EndpointMatcher, range: CellRange): boolean {
    switch (peer.match) {
      case 'all':
        return peer.of.every((part) => this.#holds(part, range));
      case 'some':
        return peer.of.some((part) => this.#holds(part, range));
      case 'not':
        return !this.#holds(peer.of, range);
      default:
        return peer.match === 'cidr' && this.#cells.inside(range, peer) === YES;
    }
  }
}

/** Whether a peer is made of address blocks alone, and all of them hold pods. */
function ofBlocks(peer: EndpointMatcher, holdPods: boolean): boolean {
  switch (peer.match) {
    case 'all':
    case 'some':
      return peer.of.length > 0 && peer.of.every((part) => ofBlocks(part, holdPods));
    case 'not':
      return ofBlocks(peer.of, holdPods);
    default:
      return peer.match === 'cidr' && (peer.pods ?? holdPods);
  }
}
