import { Random } from '../../util/random.ts';
import { DAY, HOUR, loadAt, MINUTE, runInHour, SECOND } from '../clock.ts';
import type { GraphCall } from '../graph.ts';
import { JOB_ACTIVE, type World } from '../world/world.ts';

/** An hour of the simulation: its number from 0 and its beginning in microseconds since the epoch. */
export interface Hour {
  readonly number: number;
  readonly start: number;
}

export function hourOf(world: World, number: number): Hour {
  return { number, start: world.span.start + number * HOUR };
}

/** `mean` connections an hour on average over a day, more by day than by night, `least` at the very least. */
export function spreadOverHour(hour: Hour, random: Random, { mean, least }: { mean: number; least: number }): number[] {
  const load = loadAt((hour.start / HOUR) % 24);
  const wanted = mean * load * (0.85 + 0.3 * random.next());
  const count = Math.max(least, Math.floor(wanted) + (random.chance(wanted % 1) ? 1 : 0));
  return Array.from({ length: count }, () => hour.start + Math.floor(random.next() * HOUR));
}

/** Two to four times a day between 06:00 and 22:00, at the same times whichever hour asks. */
export function fewADay(hour: Hour, key: number, seed: number): number[] {
  const day = Math.floor(hour.number / 24);
  const random = new Random(seed, key, 0x1000_0000 + day);
  const midnight = hour.start - (hour.number % 24) * HOUR;
  const times = Array.from(
    { length: 2 + random.below(3) },
    () => midnight + 6 * HOUR + Math.floor(random.next() * 16 * HOUR),
  );
  return insideHour(times, hour);
}

/** Once in each seven days; the last, incomplete week of a simulation may have none. */
export function weekly(hour: Hour, key: number, seed: number): number[] {
  const week = Math.floor(hour.number / 168);
  const random = new Random(seed, key, 0x2000_0000 + week);
  const begin = hour.start - (hour.number % 168) * HOUR;
  return insideHour([begin + Math.floor(random.next() * 7 * DAY)], hour);
}

const HOURS_PER_WEEK = 168;

/** Once a week on average, but whenever it likes: some weeks have none (e⁻¹ of them), some several. */
export function rare(hour: Hour, random: Random): number[] {
  return random.chance(1 / HOURS_PER_WEEK) ? [hour.start + Math.floor(random.next() * HOUR)] : [];
}

function insideHour(times: readonly number[], hour: Hour): number[] {
  return times.filter((time) => time >= hour.start && time < hour.start + HOUR);
}

/** The connections of the job runs that begin in this hour. */
export function ofRuns(runs: readonly number[], random: Random, connections: number): number[] {
  return runs.flatMap((run) =>
    Array.from({ length: connections }, () => run + 3 * SECOND + Math.floor(random.next() * JOB_ACTIVE)),
  );
}

/** How a call's connections spread over time, by its job, its schedule or its profile. */
export function startsOfCall(
  world: World,
  call: GraphCall,
  key: number,
): (hour: Hour, random: Random, scale: number) => number[] {
  const runs = world.runs.get(call.from);
  if (runs) return (hour, random) => ofRuns(insideHour(runs, hour), random, call.connections);
  const { schedule } = call;
  if (schedule) {
    return (hour, random) => {
      const run = runInHour(schedule, hour.start);
      return run === undefined ? [] : ofRuns([run], random, call.connections);
    };
  }
  const { seed } = world.graph;
  if (call.profile === 'few-a-day') return (hour) => fewADay(hour, key, seed);
  if (call.profile === 'weekly') return (hour) => weekly(hour, key, seed);
  if (call.profile === 'rare') return rare;
  return (hour, random, scale) => spreadOverHour(hour, random, { mean: call.rate * scale, least: 1 });
}

/** Where in its day something at a fractional day begins, at least one minute inside the simulation. */
export function atDay(world: World, day: number): number {
  return world.span.start + Math.floor(day * DAY) + MINUTE;
}
