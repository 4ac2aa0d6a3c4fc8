import { DAY, HOUR, MINUTE, runInHour, SECOND } from '../clock.ts';
import type { GraphWorkload } from '../graph.ts';

/** One pod's time on earth, before it has a name, a node and an address. Microseconds since the epoch. */
export interface Life {
  readonly ordinal: number;
  readonly generation: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly start: number;
  readonly end: number;
}

export interface Span {
  readonly start: number;
  readonly hours: number;
}

/** Pods are replaced one after the other. */
const ROLLOUT_STEP = 45 * SECOND;
const JOB_LIFE = 10 * MINUTE;

/** When the jobs of a workload run; undefined for workloads that stand. */
export function jobRuns(workload: GraphWorkload, span: Span): number[] | undefined {
  if (workload.kind !== 'Job' && workload.kind !== 'CronJob') return undefined;
  if (!workload.schedule) return [span.start + (workload.fromDay ?? 0) * DAY + MINUTE];
  const { schedule } = workload;
  const runs = Array.from({ length: span.hours }, (_, hour) => runInHour(schedule, span.start + hour * HOUR));
  return runs.filter((run): run is number => run !== undefined && isAlive(workload, run, span));
}

function isAlive(workload: GraphWorkload, time: number, span: Span): boolean {
  const day = (time - span.start) / DAY;
  return day >= (workload.fromDay ?? 0) && day < (workload.untilDay ?? Number.POSITIVE_INFINITY);
}

/** All pods a workload ever has, by start: one generation per rollout or change of labels, one per run of a job. */
export function livesOf(workload: GraphWorkload, span: Span): Life[] {
  const ordinals = Array.from({ length: workload.replicas }, (_, ordinal) => ordinal);
  const runs = jobRuns(workload, span);
  if (runs) {
    return runs.flatMap((start, generation) =>
      ordinals.map((ordinal) => ({ ordinal, generation, labels: workload.labels, start, end: start + JOB_LIFE })),
    );
  }
  const end = workload.untilDay === undefined ? Number.POSITIVE_INFINITY : span.start + workload.untilDay * DAY;
  const begins = generationsOf(workload);
  return begins.flatMap((generation, index) => {
    const next = begins[index + 1];
    return ordinals.map((ordinal) => ({
      ordinal,
      generation: index,
      labels: generation.labels,
      start: span.start + generation.day * DAY + (index === 0 ? 0 : ordinal * ROLLOUT_STEP),
      end: Math.min(end, next ? span.start + next.day * DAY + ordinal * ROLLOUT_STEP : Number.POSITIVE_INFINITY),
    }));
  });
}

function generationsOf(workload: GraphWorkload): { day: number; labels: Readonly<Record<string, string>> }[] {
  const first = workload.fromDay ?? 0;
  const changes = [...workload.rollouts.map((day) => ({ day, labels: {} })), ...workload.relabels]
    .filter((change) => change.day > first && change.day < (workload.untilDay ?? Number.POSITIVE_INFINITY))
    .sort((a, b) => a.day - b.day);
  const generations = [{ day: first, labels: workload.labels }];
  for (const change of changes) {
    const before = generations[generations.length - 1]?.labels ?? {};
    generations.push({ day: change.day, labels: { ...before, ...change.labels } });
  }
  return generations;
}
