import { type Intervals, intersectionOf, NO_INTERVALS, sameIntervals, unionOf } from '../../util/intervals.ts';
import type { PortTruth } from './ports.ts';

/** Numbers of "nothing, surely" and "everything, surely" among outcomes. */
export const NOTHING = 0;
const EVERYTHING = 1;

/**
 * Outcomes (what is surely and what may be allowed) as numbers, so that millions of pairs share the few there are.
 * Equal outcomes have equal numbers, also of different policy sets that share one table.
 */
export class ServiceSets {
  readonly #outcomes: PortTruth[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #both = new Map<number, number>();
  readonly #either = new Map<number, number>();

  /** `all` is everything there is. */
  constructor(all: Intervals) {
    this.intern({ sure: NO_INTERVALS, possible: NO_INTERVALS });
    this.intern({ sure: all, possible: all });
  }

  intern(outcome: PortTruth): number {
    const sure = outcome.sure.join();
    const key = sure.length === 0 && outcome.possible.length === 0 ? '' : `${sure}/${outcome.possible.join()}`;
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#outcomes.length);
    return this.#outcomes.push(outcome) - 1;
  }

  get(number: number): PortTruth {
    return this.#outcomes[number] as PortTruth;
  }

  /** Whether some outcome so far hinges on what is not known. */
  get anyUncertain(): boolean {
    return this.#outcomes.some(({ sure, possible }) => !sameIntervals(sure, possible));
  }

  /** What both sides allow. */
  both(a: number, b: number): number {
    if (a === b || a === NOTHING || b === EVERYTHING) return a;
    if (b === NOTHING || a === EVERYTHING) return b;
    return this.#combine(this.#both, [a, b], intersectionOf);
  }

  /** What one of several members of an endpoint may do. */
  either(a: number, b: number): number {
    if (a === b || b === NOTHING || a === EVERYTHING) return a;
    if (a === NOTHING || b === EVERYTHING) return b;
    return this.#combine(this.#either, [a, b], unionOf);
  }

  #combine(
    memo: Map<number, number>,
    [a, b]: readonly [number, number],
    combine: (a: Intervals, b: Intervals) => Intervals,
  ): number {
    const key = a * 0x4000000 + b;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const [one, other] = [this.get(a), this.get(b)];
    const number = this.intern({
      sure: combine(one.sure, other.sure),
      possible: combine(one.possible, other.possible),
    });
    memo.set(key, number);
    return number;
  }
}
