import type { DayActivity } from '../../model/edge.ts';
import { bitCount } from '../../util/bitset.ts';

/** Days are kept from so many before the first one on, because links do not come sorted by time. */
const SLACK = 64;

/** The union of active hours by day, fast to add to. */
export class DayMasks {
  #base = 0;
  #masks: Uint32Array = new Uint32Array(0);

  add(activity: readonly DayActivity[]): void {
    for (const { day, hours } of activity) {
      let position = day - this.#base;
      if (position < 0 || position >= this.#masks.length) {
        this.#makeRoom(day);
        position = day - this.#base;
      }
      this.#masks[position] = (this.#masks[position] as number) | hours;
    }
  }

  #makeRoom(day: number): void {
    const before = this.#masks;
    const from = before.length === 0 ? day - SLACK : Math.min(this.#base, day - SLACK);
    const to = before.length === 0 ? day + SLACK : Math.max(this.#base + before.length, day + SLACK);
    this.#masks = new Uint32Array(to - from);
    this.#masks.set(before, before.length === 0 ? 0 : this.#base - from);
    this.#base = from;
  }

  /** Distinct days and hours. */
  count(): { readonly days: number; readonly hours: number } {
    let [days, hours] = [0, 0];
    for (const mask of this.#masks) {
      if (mask !== 0) days += 1;
      hours += bitCount(mask);
    }
    return { days, hours };
  }
}
