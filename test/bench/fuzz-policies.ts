import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { mutant } from './fuzz/mutate.ts';
import { type Tried, tryMutant } from './fuzz/try-mutant.ts';

/**
 * Mutated policy documents of all dialects: each is read or refused with place and reason, none crashes the reader or
 * the evaluator, none takes longer than a second. `fuzz-policies [COUNT] [FIRST]`; the same number is the same text.
 * Mutants are tried in a thread of their own: one that never ends is ended, and what is at fault is saved.
 */
const LIMIT_MS = 1000;
/** Beyond this on the clock a mutant counts as hanging, however busy the machine is. */
const HANG_MS = 30_000;

interface Range {
  readonly first: number;
  readonly end: number;
}

interface Result extends Tried {
  readonly number: number;
}

interface Seen {
  readonly tally: Record<Tried['outcome'], number>;
  readonly reasons: Map<string, number>;
  readonly faults: string[];
  slowest: { readonly cpuMs: number; readonly number: number };
  next: number;
}

function note(seen: Seen, { number, outcome, detail, cpuMs }: Result): void {
  seen.tally[outcome]++;
  seen.next = number + 1;
  if (outcome === 'refused') seen.reasons.set(detail, (seen.reasons.get(detail) ?? 0) + 1);
  if (outcome === 'broken') fault(seen, number, detail);
  if (cpuMs > seen.slowest.cpuMs) seen.slowest = { cpuMs, number };
  if (cpuMs > LIMIT_MS) fault(seen, number, `took ${cpuMs.toFixed(0)} ms`);
  if (seen.next % 10_000 === 0) console.error(`number ${seen.next} …`);
}

function fault({ faults }: Seen, number: number, text: string): void {
  const folder = join(tmpdir(), 'microwall-fuzz-policies');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${number}.yaml`);
  writeFileSync(file, mutant(number));
  faults.push(`${number} (${file}): ${text}`);
}

/** Tries mutants until the end of the range, or until one hangs. */
function watch(seen: Seen, end: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: { first: seen.next, end } });
    let last = Date.now();
    const timer = setInterval(() => {
      if (Date.now() - last < HANG_MS) return;
      fault(seen, seen.next++, `did not end within ${HANG_MS / 1000} s`);
      void worker.terminate();
    }, 500);
    worker.on('message', (result: Result) => {
      last = Date.now();
      note(seen, result);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearInterval(timer);
      resolve();
    });
  });
}

function print({ tally, reasons, faults, slowest }: Seen, { first, end }: Range): void {
  console.log(`${end - first} mutants from number ${first}: ${JSON.stringify(tally)}`);
  console.log(`slowest: number ${slowest.number}, ${slowest.cpuMs.toFixed(0)} ms of processor time`);
  console.log('refused for:');
  for (const [rule, times] of [...reasons].sort(([, a], [, b]) => b - a))
    console.log(`${String(times).padStart(8)} ${rule}`);
  for (const text of faults.slice(0, 20)) console.log(`FAULT ${text}`);
  if (faults.length > 0) console.log(`${faults.length} faults`);
}

if (isMainThread) {
  const [count = 100_000, first = 0] = process.argv.slice(2).map(Number);
  const range = { first, end: first + count };
  const tally = { read: 0, refused: 0, empty: 0, broken: 0 };
  const seen: Seen = { tally, reasons: new Map(), faults: [], slowest: { cpuMs: 0, number: first }, next: first };
  while (seen.next < range.end) await watch(seen, range.end);
  print(seen, range);
  process.exitCode = seen.faults.length > 0 ? 1 : 0;
} else {
  const { first, end } = workerData as Range;
  for (let number = first; number < end; number++) parentPort?.postMessage({ number, ...tryMutant(mutant(number)) });
}
