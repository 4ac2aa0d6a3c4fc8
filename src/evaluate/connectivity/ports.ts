import type { PolicyRule, PolicySet, PortMatcher } from '../../model/policy.ts';
import { hasPorts, PROTOCOL_NUMBERS, protocolName } from '../../model/ports.ts';
import {
  differenceOf,
  type Intervals,
  intersectionOf,
  intervalsOf,
  NO_INTERVALS,
  pairs,
  sameIntervals,
  unionOf,
} from '../../util/intervals.ts';
import type { PlannedRule } from '../compile/plan.ts';
import type { NamedPort } from '../match/facts.ts';
import type { PortTest } from '../match/port.ts';

/** Ports for which something surely and may hold; `possible` contains `sure`. */
export interface PortTruth {
  readonly sure: Intervals;
  readonly possible: Intervals;
}

/** Every protocol has a stretch of this length on one line of numbers, so a set of services is one list of intervals. */
const STRETCH = 65_536;

/**
 * All services that a policy set can tell apart: ports 1–65535 of TCP, UDP and SCTP, the types 0–255 of ICMP, and one
 * number for each other protocol that a rule names.
 */
export class PortSpace {
  readonly protocols: readonly number[];
  readonly all: Intervals;

  constructor(sets: readonly PolicySet[]) {
    const named = sets.flatMap(({ policies }) =>
      policies.flatMap(({ egress, ingress }) =>
        [egress, ingress].flatMap((one) => one?.rules.flatMap(protocolsOf) ?? []),
      ),
    );
    this.protocols = [...new Set([6, 17, 132, ...named.sort((a, b) => a - b)])];
    this.all = this.#everywhere(() => true);
  }

  #everywhere(accept: (protocol: number) => boolean): Intervals {
    return intervalsOf(
      this.protocols.flatMap((protocol, index) => {
        if (!accept(protocol)) return [];
        const start = index * STRETCH;
        return [
          hasPorts(protocol) ? ([start + 1, start + 65_535] as const) : ([start, start + lastOf(protocol)] as const),
        ];
      }),
    );
  }

  /** The whole of some protocols; absent = of all. */
  ofProtocols(protocols: readonly number[] | undefined): Intervals {
    return protocols === undefined ? this.all : this.#everywhere((protocol) => protocols.includes(protocol));
  }

  /** Services of one rule at a server with these container ports. */
  ofRule({ ports, notPorts }: Pick<PlannedRule, 'ports' | 'notPorts'>, namedPorts: Names): PortTruth {
    const wanted = ports === undefined ? { sure: this.all, possible: this.all } : this.#ofTests(ports, namedPorts);
    if (notPorts === undefined) return wanted;
    const unwanted = this.#ofTests(notPorts, namedPorts);
    return {
      sure: differenceOf(wanted.sure, unwanted.possible),
      possible: differenceOf(wanted.possible, unwanted.sure),
    };
  }

  #ofTests(tests: readonly PortTest[], namedPorts: Names): PortTruth {
    let truth: PortTruth = { sure: NO_INTERVALS, possible: NO_INTERVALS };
    for (const test of tests) {
      const one = this.#ofTest(test, namedPorts);
      truth = { sure: unionOf(truth.sure, one.sure), possible: unionOf(truth.possible, one.possible) };
    }
    return truth;
  }

  #ofTest(test: PortTest, namedPorts: Names): PortTruth {
    const within = test.protocol < 0 ? this.all : this.ofProtocols([test.protocol]);
    if (test.icmpType >= 0 || test.icmpCode >= 0) return this.#ofIcmp(test, within);
    if (test.anyPort) return { sure: within, possible: within };
    if (test.name === '')
      return exactly(
        intersectionOf(
          within,
          this.#line(() => [[test.from, test.to]]),
        ),
      );
    if (namedPorts === undefined) {
      return {
        sure: NO_INTERVALS,
        possible: intersectionOf(
          within,
          this.#line(() => [[1, 65_535]]),
        ),
      };
    }
    const named = namedPorts.filter(({ name }) => name === test.name);
    const ranges = (protocol: number) =>
      named.filter((one) => one.protocol === protocol).map(({ port }): [number, number] => [port, port]);
    return exactly(intersectionOf(within, this.#line(ranges)));
  }

  /** Codes are not told apart: a rule about one may or may not match the type. */
  #ofIcmp({ icmpType, icmpCode }: PortTest, within: Intervals): PortTruth {
    const possible = icmpType < 0 ? within : intersectionOf(within, this.#stretches(isIcmp, [[icmpType, icmpType]]));
    return { sure: icmpCode < 0 ? possible : NO_INTERVALS, possible };
  }

  /** The same ports of every protocol that has ports. */
  #line(ranges: (protocol: number) => readonly (readonly [number, number])[]): Intervals {
    return intervalsOf(
      this.protocols.flatMap((protocol, index) => (hasPorts(protocol) ? shifted(ranges(protocol), index) : [])),
    );
  }

  #stretches(accept: (protocol: number) => boolean, ranges: readonly (readonly [number, number])[]): Intervals {
    return intervalsOf(this.protocols.flatMap((protocol, index) => (accept(protocol) ? shifted(ranges, index) : [])));
  }

  /** The number of one service; absent when it lies outside of what is told apart. */
  contains(services: Intervals, protocol: number, port: number): boolean {
    const index = this.protocols.indexOf(protocol);
    const place = index * STRETCH + port;
    return index >= 0 && [...pairs(services)].some(([from, to]) => from <= place && place <= to);
  }

  /** `all`, or the ports by protocol: `{TCP: '1-79,81-65535', UDP: '53'}`; a protocol without ports is `all` of it. */
  toJson(services: Intervals): 'all' | Readonly<Record<string, string>> {
    const texts: [string, string][] = [];
    for (const [index, protocol] of this.protocols.entries()) {
      const start = index * STRETCH;
      const own = intersectionOf(services, [start, start + STRETCH - 1]);
      if (own.length === 0) continue;
      const whole = !hasPorts(protocol) && own[0] === start && own[1] === start + lastOf(protocol);
      texts.push([protocolName(protocol), whole ? 'all' : rangesText(own, start)]);
    }
    return sameIntervals(services, this.all) ? 'all' : Object.fromEntries(texts);
  }
}

/** Container ports of a server; absent = not known. */
type Names = readonly NamedPort[] | undefined;

const isIcmp = (protocol: number): boolean =>
  protocol === PROTOCOL_NUMBERS.ICMP || protocol === PROTOCOL_NUMBERS.ICMPv6;

function lastOf(protocol: number): number {
  return hasPorts(protocol) ? 65_535 : isIcmp(protocol) ? 255 : 0;
}

function shifted(ranges: readonly (readonly [number, number])[], index: number): (readonly [number, number])[] {
  return ranges.map(([from, to]) => [index * STRETCH + Math.max(from, 0), index * STRETCH + to] as const);
}

function exactly(services: Intervals): PortTruth {
  return { sure: services, possible: services };
}

function rangesText(own: Intervals, start: number): string {
  return [...pairs(own)]
    .map(([from, to]) => (from === to ? `${from - start}` : `${from - start}-${to - start}`))
    .join(',');
}

function protocolsOf({ ports = [], notPorts = [] }: PolicyRule): number[] {
  return [...ports, ...notPorts].flatMap(({ protocol }: PortMatcher) => (protocol === undefined ? [] : [protocol]));
}
