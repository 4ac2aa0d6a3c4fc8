import type { PortFacts } from './match-port.ts';
import { quickPorts, type RuleTable } from './rule-table.ts';
import { NO } from './truth.ts';
import { emptyBits, setBit } from './truth-set.ts';

/**
 * For every service (protocol and port) a row of bits: the rules whose ports may fit it. Ports between which no rule
 * distinguishes share a row, so there are about as many rows as ports that policies name.
 */
export class PortRows {
  readonly #table: RuleTable;
  readonly #size: number;
  /** Ports at which some rule starts or stops to match, ascending. */
  readonly #cuts: Int32Array;
  readonly #byService = new Map<number, Uint32Array>();
  readonly #byCell = new Map<number, Uint32Array>();

  constructor(table: RuleTable, size: number) {
    const cuts = new Set<number>([0, 1]);
    for (let at = 0; at < table.ranges.length; at += 3) {
      cuts.add(table.ranges[at + 1] as number).add((table.ranges[at + 2] as number) + 1);
    }
    this.#table = table;
    this.#size = size;
    this.#cuts = Int32Array.from(cuts).sort();
  }

  rowOf(ports: PortFacts): Uint32Array {
    const service = ports.protocol * 65_536 + ports.port;
    const known = this.#byService.get(service);
    if (known !== undefined) return known;
    const cell = ports.protocol * 131_072 + this.#cuts.findLastIndex((cut) => cut <= ports.port);
    const row = this.#byCell.get(cell) ?? this.#makeRow(ports);
    this.#byCell.set(cell, row);
    this.#byService.set(service, row);
    return row;
  }

  #makeRow(ports: PortFacts): Uint32Array {
    const row = emptyBits(this.#size);
    for (let bit = 0; bit < this.#size; bit++) if (quickPorts(this.#table, bit, ports) !== NO) setBit(row, bit);
    return row;
  }
}
