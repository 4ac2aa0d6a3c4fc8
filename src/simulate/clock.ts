import type { Schedule } from './graph.ts';

/** The simulation counts time in whole microseconds since the epoch: exact in a double until the year 2255. */
export const SECOND = 1e6;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** When a scheduled job runs inside the hour that begins at `hourStart` (UTC); undefined when it does not. */
export function runInHour(schedule: Schedule, hourStart: number): number | undefined {
  const date = new Date(hourStart / 1000);
  const { every, weekday, dayOfMonth, hour, minute } = schedule;
  const runs =
    every === 'hour' ||
    (date.getUTCHours() === hour &&
      (every === 'day' ||
        (every === 'week' && date.getUTCDay() === weekday) ||
        (every === 'month' && date.getUTCDate() === dayOfMonth)));
  return runs ? hourStart + minute * MINUTE : undefined;
}

/** Load of each hour of the day, mean 1: quiet nights, a peak in the evening. */
export function loadAt(hourOfDay: number): number {
  return 1 - 0.6 * Math.cos(((hourOfDay - 4) / 24) * 2 * Math.PI) * 0.9;
}
