import { matchRulePorts, type PortTest } from '../match/port.ts';
import { NO, YES } from '../match/truth.ts';
import { emptyBits, setBit, type TruthSet } from './truth-set.ts';

interface PortRule {
  readonly ports: readonly PortTest[] | undefined;
  readonly notPorts: readonly PortTest[] | undefined;
}

/**
 * For every service (protocol and port) two rows of bits: the rules whose ports may fit it, and those whose ports
 * surely do. Ports between which no rule distinguishes share rows, so there are about as many as ports in policies.
 */
export class PortRows {
  readonly #rules: readonly (PortRule | undefined)[];
  /** Ports at which some rule starts or stops to match, ascending. */
  readonly #cuts: Int32Array;
  readonly #byService = new Map<number, TruthSet>();
  readonly #byCell = new Map<number, TruthSet>();

  constructor(rules: readonly (PortRule | undefined)[]) {
    const cuts = new Set<number>([0, 1]);
    for (const rule of rules) {
      for (const { from, to } of rule?.ports ?? []) cuts.add(from).add(to + 1);
      for (const { from, to } of rule?.notPorts ?? []) cuts.add(from).add(to + 1);
    }
    this.#rules = rules;
    this.#cuts = Int32Array.from(cuts).sort();
  }

  /** Rows of a service of which nothing else is known: names of ports and ICMP types stay open. */
  rowOf(protocol: number, port: number): TruthSet {
    const service = protocol * 65_536 + port;
    const known = this.#byService.get(service);
    if (known !== undefined) return known;
    const cell = protocol * 131_072 + this.#cuts.findLastIndex((cut) => cut <= port);
    const row = this.#byCell.get(cell) ?? this.#makeRow(protocol, port);
    this.#byCell.set(cell, row);
    this.#byService.set(service, row);
    return row;
  }

  #makeRow(protocol: number, port: number): TruthSet {
    const facts = { protocol, port, namedPorts: undefined, icmpType: -1, icmpCode: -1 };
    const row = { sure: emptyBits(this.#rules.length), possible: emptyBits(this.#rules.length) };
    for (const [bit, rule] of this.#rules.entries()) {
      const fits = rule === undefined ? NO : matchRulePorts(rule, facts);
      if (fits !== NO) setBit(row.possible, bit);
      if (fits === YES) setBit(row.sure, bit);
    }
    return row;
  }
}
