import { thousands } from '../../src/util/thousands.ts';
import type { IngestProgress } from './ingest-files.ts';

/** Anything done within this time is not worth a word. */
const QUIET_MS = 1_000;
const LINE_EVERY_MS = 5_000;
const REWRITE_EVERY_MS = 200;

export interface ProgressOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** On a terminal one line is written again and again, elsewhere a new one every few seconds. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
}

export interface ProgressReporter {
  report(progress: IngestProgress): void;
  /** Takes the line off the terminal. */
  clear(): void;
}

/** Tells on stderr how far an ingest is, how fast it goes and how long it will take, once it takes over a second. */
export function progressReporter({ now, isTerminal, write }: ProgressOptions): ProgressReporter {
  const started = now();
  let last = started + QUIET_MS - (isTerminal ? REWRITE_EVERY_MS : LINE_EVERY_MS);
  let shown = 0;
  return {
    report(progress) {
      const at = now();
      if (at - last < (isTerminal ? REWRITE_EVERY_MS : LINE_EVERY_MS)) return;
      last = at;
      const line = progressLine(progress, at - started);
      write(isTerminal ? `\r${line.padEnd(shown)}` : `${line}\n`);
      shown = line.length;
    },
    clear() {
      if (isTerminal && shown > 0) write(`\r${' '.repeat(shown)}\r`);
      shown = 0;
    },
  };
}

/** `1,250,000 records, 61,300/s, 42 %, 35 s left`; without a known size no share and no time left. */
export function progressLine({ records, bytes, totalBytes }: IngestProgress, elapsedMs: number): string {
  const seconds = Math.max(elapsedMs, 1) / 1000;
  const rate = `${thousands(records)} records, ${thousands(Math.round(records / seconds))}/s`;
  if (totalBytes === undefined || bytes === 0) return rate;
  const share = Math.min(bytes / totalBytes, 1);
  return `${rate}, ${Math.floor(share * 100)} %, ${duration((seconds / share) * (1 - share))} left`;
}

/** `35 s`, `4 min`, `2 h 5 min`. */
function duration(seconds: number): string {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
