import type { AskedWindow, Moment } from '../../model/asked-window.ts';
import { Failure } from '../../util/failure.ts';
import type { QueryParameters } from '../engine/backend.ts';
import type { Store } from '../store.ts';

/** From `from` to before `to`, both in milliseconds since the epoch. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

const HOUR_MS = 3_600_000;
const DAY_SECONDS = 86_400;

/** The last moment that the engine's `DateTime` can tell, in seconds. */
const END_OF_TIME = 4_294_967_295;

/**
 * The window that a person means. Whatever is relative counts back from the newest stored flow, not from the clock, so
 * that replayed data works. Without a question it is everything. Throws a `Failure` when it ends before it begins.
 */
export async function resolveWindow(store: Store, { since, from, to }: AskedWindow): Promise<TimeWindow> {
  if (since === undefined && from === undefined && to === undefined) return { from: 0, to: END_OF_TIME * 1000 };
  const isAbsolute = to !== undefined && 'at' in to && (from === undefined || 'at' in from);
  const newest = isAbsolute ? 0 : await newestTime(store);
  const timeOf = (moment: Moment): number => ('at' in moment ? moment.at : Math.max(0, newest - moment.ago));
  const end = to ? timeOf(to) : newest + 1;
  const start = from ? timeOf(from) : since === undefined ? 0 : Math.max(0, end - since);
  if (from && start >= end) throw emptyWindow(start, end);
  return { from: start, to: end };
}

function emptyWindow(from: number, to: number): Failure {
  const [start, end] = [from, to].map((time) => new Date(time).toISOString());
  return new Failure('input', `nothing can be between ${start} and ${end}`, 'Name a start that comes before the end.');
}

/**
 * Time of the newest flow, or of the newest edge once flows have aged out; 0 in an empty store. A flow whose clock ran
 * more than a day ahead of its arrival is not believed, or one broken clock would empty every window.
 */
async function newestTime(store: Store): Promise<number> {
  const [row] = await store.query(
    `SELECT toUnixTimestamp64Milli(max(ts)), toUnixTimestamp(max(ingested_at)), count() FROM flows`,
  );
  const [newest, arrived, flows] = (row ?? []).map(Number) as [number, number, number];
  if (flows > 0 && newest <= (arrived + DAY_SECONDS) * 1000) return newest;
  const [believed] = await store.query(
    'SELECT toUnixTimestamp64Milli(max(last_seen)), count() FROM edges_1h WHERE last_seen <= ingested_at + toIntervalDay(1)',
  );
  if (Number(believed?.[1]) > 0) return Number(believed?.[0]);
  if (flows > 0) return newest;
  const [any] = await store.query('SELECT toUnixTimestamp64Milli(max(last_seen)) FROM edges_1h');
  return Number(any?.[0] ?? 0);
}

/** The same window with both ends moved outwards to full hours, which is how edges are stored. */
export function alignToHours(window: TimeWindow): TimeWindow {
  return { from: Math.floor(window.from / HOUR_MS) * HOUR_MS, to: Math.ceil(window.to / HOUR_MS) * HOUR_MS };
}

/** Condition on `hour` for a window; its parameters come from `hoursOf`. */
export const IN_HOURS = "hour >= toDateTime({from:UInt32}, 'UTC') AND hour < toDateTime({to:UInt32}, 'UTC')";

/** Parameters of `IN_HOURS`. */
export function hoursOf(window: TimeWindow): QueryParameters {
  const { from, to } = alignToHours(window);
  return { from: seconds(from), to: seconds(to) };
}

function seconds(time: number): number {
  return Math.min(Math.max(Math.trunc(time / 1000), 0), END_OF_TIME);
}
