import type { Store } from '../store.ts';
import { hoursOf, IN_HOURS, type TimeWindow } from './window.ts';

/** Events that sources said in the window they had lost before they could report them. */
export async function readLostEvents(store: Store, window: TimeWindow): Promise<number> {
  const [row] = await store.query(`SELECT toFloat64(sum(events)) FROM losses FINAL WHERE ${IN_HOURS}`, hoursOf(window));
  return Number(row?.[0] ?? 0);
}
